package io.tlsfleet.launcher;

/**
 * What the JVM watches while it records the start-up cache: the commands' usual path, once, on loopback. Run by the
 * build, never by a user.
 */
public final class Training {
    private Training() {}

    public static void main(String[] args) {
        Main.run("version");
    }
}

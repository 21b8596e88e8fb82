package io.tlsfleet.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** What was built, from which commit. */
public record Version(String version, String commit) {
    /** As the build wrote it into the jar. */
    public static Version ofThisBuild() {
        Properties built = new Properties();
        try (InputStream in = Version.class.getResourceAsStream("build.properties")) {
            if (in == null) {
                throw new IllegalStateException("build.properties is not in the jar");
            }
            built.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Version(built.getProperty("version"), built.getProperty("commit"));
    }
}

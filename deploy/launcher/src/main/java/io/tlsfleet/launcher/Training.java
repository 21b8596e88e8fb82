package io.tlsfleet.launcher;

import io.tlsfleet.launcher.demo.Demo;
import io.tlsfleet.launcher.demo.DemoServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the JVM watches while it records the start-up cache: the commands' usual paths, once, against the demo estate.
 * Run by the build, never by a user.
 */
public final class Training {
    private Training() {}

    public static void main(String[] args) throws IOException {
        Main.run("version");
        Main.run("--help");
        Path directory = Files.createTempDirectory("tlsfleet-training");
        try (Demo demo = Demo.start(directory)) {
            Main.run("explain", demo.root().toString());
            for (DemoServer server :
                    List.of(DemoServer.GOOD, DemoServer.OLD_VERSIONS, DemoServer.MISSING_INTERMEDIATE)) {
                Main.run(scan(demo, server, "text"));
                Main.run(scan(demo, server, "json"));
            }
        } finally {
            try (var files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(directory);
        }
    }

    private static String[] scan(Demo demo, DemoServer server, String format) {
        List<String> words = new ArrayList<>(List.of("scan", server.host() + ":" + demo.port()));
        words.addAll(List.of("--connect-to", demo.address(server) + ":" + demo.port()));
        words.addAll(List.of("--trust", demo.root().toString(), "--format", format));
        return words.toArray(String[]::new);
    }
}

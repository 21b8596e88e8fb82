package io.tlsfleet.launcher;

import io.tlsfleet.launcher.demo.Demo;
import io.tlsfleet.launcher.demo.DemoServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What the JVM watches while it records the start-up cache: the commands' usual paths, once, against the demo estate.
 * Run by the build, never by a user.
 */
public final class Training {
    private static final int ROUNDS = 6;
    private static final int ENDPOINTS = 400;

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
            many(demo, directory);
        } finally {
            try (var files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(directory);
        }
    }

    /**
     * As in a fleet's first minute: what the JVM sees here of each method's use (JEP 515) it need not watch for again before
     * it compiles, so that a server's or a long scan's first thousands of endpoints cost half.
     */
    private static void many(Demo demo, Path directory) throws IOException {
        Path targets = directory.resolve("targets");
        List<String> lines = new ArrayList<>();
        for (DemoServer server : List.of(
                DemoServer.GOOD, DemoServer.OLD_VERSIONS, DemoServer.WEAK_SUITES, DemoServer.MISSING_INTERMEDIATE)) {
            lines.add(demo.address(server) + ":" + demo.port() + " sni=" + server.host());
        }
        for (int round = 0; round < ROUNDS; round++) {
            many(demo, targets, lines, "standard");
        }
        many(demo, targets, Collections.nCopies(ENDPOINTS, lines.getFirst()), "certificate");
    }

    private static void many(Demo demo, Path targets, List<String> lines, String depth) throws IOException {
        Files.write(targets, lines);
        Main.run(
                "scan",
                "--targets",
                targets.toString(),
                "--depth",
                depth,
                "--trust",
                demo.root().toString(),
                "--no-network-fetch",
                "--rate",
                "10000",
                "--format",
                "ndjson",
                "--output",
                targets.resolveSibling("reports").toString());
    }

    private static String[] scan(Demo demo, DemoServer server, String format) {
        List<String> words = new ArrayList<>(List.of("scan", server.host() + ":" + demo.port()));
        words.addAll(List.of("--connect-to", demo.address(server) + ":" + demo.port()));
        words.addAll(List.of("--trust", demo.root().toString(), "--format", format));
        return words.toArray(String[]::new);
    }
}

package io.tlsfleet.launcher;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.target.Target;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A fleet on 127.0.0.0/8: an nginx that speaks TLS on many addresses, and tarpits that accept and never say a word. */
final class LoopbackFleet implements AutoCloseable {
    private final Path folder;
    private final List<ServerSocket> tarpits = new ArrayList<>();
    private final List<Target> good = new ArrayList<>();
    private final List<Target> silent = new ArrayList<>();
    private final Process nginx;

    /** {@code networks} networks of 50 addresses each, from {@code 127.second.1.1} on, and as many tarpits as told. */
    LoopbackFleet(Path folder, int second, int networks, int silences) throws IOException, InterruptedException {
        this.folder = Files.createDirectories(folder);
        run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-keyout",
                "key.pem",
                "-out",
                "cert.pem",
                "-days",
                "90",
                "-subj",
                "/CN=fleet.example");
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.ofLiteral("127." + second + ".1.1"))) {
            port = free.getLocalPort();
        }
        StringBuilder listens = new StringBuilder();
        for (int network = 1; network <= networks; network++) {
            for (int host = 1; host <= 50; host++) {
                String address = "127." + second + "." + network + "." + host;
                listens.append("    listen ")
                        .append(address)
                        .append(':')
                        .append(port)
                        .append(" ssl;\n");
                good.add(target("good", address, port));
            }
        }
        Files.writeString(folder.resolve("nginx.conf"), """
                daemon off;
                worker_processes 1;
                pid nginx.pid;
                error_log error.log warn;
                events { worker_connections %d; }
                http {
                  access_log off;
                  server {
                %s    ssl_certificate cert.pem;
                    ssl_certificate_key key.pem;
                    return 200 "fleet";
                  }
                }
                """.formatted(
                        2048 + networks * 50, listens)); // each address takes one of them
        nginx = new ProcessBuilder("nginx", "-p", folder + "/", "-c", "nginx.conf")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("nginx.out").toFile())
                .start();
        if (nginx.waitFor(2, TimeUnit.SECONDS)) {
            throw new IOException("nginx ended: " + Files.readString(folder.resolve("nginx.out")));
        }
        for (int i = 1; i <= silences; i++) {
            String address = "127." + (second + 1) + "." + (1 + i / 200) + "." + (1 + i % 200);
            ServerSocket tarpit = new ServerSocket(port, 100, InetAddress.ofLiteral(address));
            tarpits.add(tarpit);
            silent.add(target("tarpit", address, port));
        }
    }

    private static Target target(String kind, String address, int port) {
        return new Target(
                kind + "-" + address.replace('.', '-') + ".example",
                port,
                null,
                null,
                List.of(address),
                Depth.CERTIFICATE,
                Map.of("kind", kind),
                null,
                "local",
                null,
                86_400);
    }

    List<Target> good() {
        return good;
    }

    List<Target> silent() {
        return silent;
    }

    private void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("openssl.out").toFile())
                .start();
        if (process.waitFor() != 0) {
            throw new IOException(Files.readString(folder.resolve("openssl.out")));
        }
    }

    @Override
    public void close() throws IOException {
        nginx.destroy();
        try {
            if (!nginx.waitFor(5, TimeUnit.SECONDS)) {
                nginx.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (ServerSocket tarpit : tarpits) {
            tarpit.close();
        }
    }
}

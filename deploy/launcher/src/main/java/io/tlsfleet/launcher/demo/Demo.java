package io.tlsfleet.launcher.demo;

import io.tlsfleet.launcher.Refusal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The estate as its starter sees it: a child process, with the addresses of its servers. */
public final class Demo implements AutoCloseable {
    private final Process process;
    private final Path directory;
    private final String network;

    private Demo(Process process, Path directory, String network) {
        this.process = process;
        this.directory = directory;
        this.network = network;
    }

    /** In this directory, which keeps keys and certificates; returns when every server listens. */
    public static Demo start(Path directory) throws IOException {
        Files.createDirectories(directory);
        String network = network(directory);
        Process process = launch(directory, network);
        BufferedReader says =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = says.readLine();
        if ("ready".equals(line)) {
            return new Demo(process, directory, network);
        }
        process.destroyForcibly();
        throw Refusal.usage(
                line != null
                        ? "the demo's addresses " + network + "1 to " + network + "16, port " + DemoServer.PORT
                                + ", are taken: is another demo running on this directory?"
                        : "the demo estate did not start: see " + directory.resolve("estate.log"));
    }

    static Process launch(Path directory, String network) throws IOException {
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(Path.of("/usr/bin/setsid"))) {
            // an interrupt of the terminal must not end the servers before the scanner
            command.add("/usr/bin/setsid");
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of("-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+UseCompactObjectHeaders"));
        command.addAll(List.of("-Xshare:auto", "-Xlog:disable", "-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(DemoEstate.class.getName(), directory.toString(), network));
        return new ProcessBuilder(command)
                .redirectError(directory.resolve("estate.log").toFile())
                .start();
    }

    public String address(DemoServer server) {
        return server.address(network);
    }

    public int port() {
        return DemoServer.PORT;
    }

    /** The root that its good certificates lead to, as PEM. */
    public Path root() {
        return DemoAuthority.rootPem(directory);
    }

    public long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(3, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }

    /** The same directory has the same addresses in every run, another directory very likely others. */
    static String network(Path directory) {
        int hash = directory.toAbsolutePath().normalize().toString().hashCode();
        return "127." + (64 + (hash >>> 8 & 63)) + "." + (hash & 0xFF) + ".";
    }
}

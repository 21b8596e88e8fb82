package io.tlsfleet.tls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A real server as a peer of a test: a program of this machine, on an ephemeral port of loopback, ended with the test. */
public final class PeerProcess implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(15);

    private final Process process;
    private final int port;

    private PeerProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** {@code {port}} in the words is the port; waits until it answers. Fails when the program is missing. */
    public static PeerProcess start(Path directory, String... words) {
        int port = freePort();
        List<String> command = new ArrayList<>(List.of(words));
        command.replaceAll(word -> word.replace("{port}", Integer.toString(port)));
        return start(directory, port, command);
    }

    public static PeerProcess start(Path directory, int port, List<String> command) {
        Path log = directory.resolve(Path.of(command.getFirst()).getFileName() + "-" + port + ".log");
        try {
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            PeerProcess peer = new PeerProcess(process, port);
            peer.await(log);
            return peer;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot start " + command.getFirst() + ": is its package of deploy/test-packages.txt installed?",
                    e);
        }
    }

    public int port() {
        return port;
    }

    public static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a program to its end; fails unless it answers 0. */
    public static String run(Path directory, String... words) {
        try {
            Process process = new ProcessBuilder(words)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(Arrays.toString(words) + ": " + said);
            }
            return said;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + words[0], e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** {@code cert.pem} and {@code key.pem} of a fresh self-signed certificate for localhost. */
    public static void certificate(Path directory, String... newKey) {
        List<String> words = new ArrayList<>(List.of("openssl", "req", "-x509", "-nodes", "-days", "30"));
        words.addAll(List.of(newKey));
        words.addAll(List.of(
                "-keyout",
                "key.pem",
                "-out",
                "cert.pem",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost"));
        run(directory, words.toArray(String[]::new));
    }

    /** OpenSSL's server with a fresh P-256 certificate for localhost. */
    public static PeerProcess openssl(Path directory) {
        certificate(directory, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
        return start(
                directory,
                "openssl",
                "s_server",
                "-quiet",
                "-accept",
                "{port}",
                "-cert",
                "cert.pem",
                "-key",
                "key.pem");
    }

    /** The parent first: it would put another worker in the place of one that is gone. */
    @Override
    public void close() {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
        try {
            process.waitFor(5, TimeUnit.SECONDS);
            for (ProcessHandle child :
                    children) { // a fork may still hold the port, and whoever comes next would ask it
                child.onExit().get(5, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("a child of the peer does not end", e);
        }
    }

    private void await(Path log) throws IOException {
        long end = System.nanoTime() + START.toNanos();
        while (System.nanoTime() < end) {
            if (!process.isAlive()) {
                throw new IllegalStateException(
                        "the peer ended with " + process.exitValue() + ": " + Files.readString(log));
            }
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
                return;
            } catch (IOException e) {
                pause();
            }
        }
        close();
        throw new IllegalStateException("the peer does not listen: " + Files.readString(log));
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

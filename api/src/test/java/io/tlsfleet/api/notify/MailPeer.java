package io.tlsfleet.api.notify;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A mail server without TLS that answers as it is told: to one recipient, or to what it is sent. */
final class MailPeer implements AutoCloseable {
    /** What was taken: for whom, one entry a mail. */
    final List<List<String>> taken = new CopyOnWriteArrayList<>();

    final Map<String, String> answers = new ConcurrentHashMap<>();
    private final ServerSocket server;

    MailPeer() {
        try {
            server = new ServerSocket(0, 20, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try {
                    Socket socket = server.accept();
                    Thread.ofVirtual().start(() -> talk(socket));
                } catch (IOException e) {
                    return;
                }
            }
        });
    }

    int port() {
        return server.getLocalPort();
    }

    private void talk(Socket socket) {
        try (socket;
                var in = new BufferedReader(
                        new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1))) {
            say(socket, "220 mail.example ESMTP");
            List<String> to = new ArrayList<>();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.startsWith("RCPT TO:")) {
                    String who = line.replaceAll(".*<(.*)>.*", "$1");
                    String answer = answers.getOrDefault(who, "250 ok");
                    if (answer.startsWith("2")) {
                        to.add(who);
                    }
                    say(socket, answer);
                } else if (line.equals("DATA")) {
                    say(socket, "354 go on");
                    while (!".".equals(in.readLine())) {
                        // what is written there is of no interest
                    }
                    String answer = answers.getOrDefault("DATA", "250 queued");
                    if (answer.startsWith("2")) {
                        taken.add(List.copyOf(to));
                    }
                    say(socket, answer);
                } else if (line.equals("QUIT")) {
                    say(socket, "221 bye");
                    return;
                } else {
                    say(socket, "250 ok");
                }
            }
        } catch (IOException e) {
            // hung up: so be it
        }
    }

    private static void say(Socket socket, String line) throws IOException {
        socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

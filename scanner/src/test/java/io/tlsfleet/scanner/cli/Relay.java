package io.tlsfleet.scanner.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Listens on loopback, talks with whoever comes until it knows where they want to go, and then carries bytes both ways: what a
 * proxy does, and a mail server in front of its TLS.
 */
final class Relay implements AutoCloseable {
    private final ServerSocket listening;
    private final Greeting greeting;
    private final AtomicInteger carried = new AtomicInteger();
    private final List<Socket> open = new CopyOnWriteArrayList<>();

    /** The port of loopback to go on to; 0 when this one is turned away. */
    interface Greeting {
        int talk(InputStream in, OutputStream out) throws IOException;
    }

    Relay(Greeting greeting) throws IOException {
        this(InetAddress.getLoopbackAddress(), greeting);
    }

    Relay(InetAddress address, Greeting greeting) throws IOException {
        this.listening = new ServerSocket(0, 200, address);
        this.greeting = greeting;
        Thread.startVirtualThread(this::listen);
    }

    String at() {
        return listening.getInetAddress().getHostAddress() + ":" + port();
    }

    int port() {
        return listening.getLocalPort();
    }

    /** How many went on. */
    int carried() {
        return carried.get();
    }

    /** Up to and without the line's end. */
    static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return line.toString();
    }

    private void listen() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                open.add(client);
                Thread.startVirtualThread(() -> serve(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            int port = greeting.talk(client.getInputStream(), client.getOutputStream());
            if (port == 0) {
                return;
            }
            carried.incrementAndGet();
            try (Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
                open.add(server);
                Thread back = Thread.startVirtualThread(() -> carry(server, client));
                carry(client, server);
                back.join();
            }
        } catch (IOException e) {
            // one of the two is gone
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(client);
        }
    }

    private static void carry(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            close(from);
            close(to);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        open.forEach(Relay::close);
    }
}

package io.tlsfleet.launcher.demo;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;

/** Accepts on one address and hands each connection to a virtual thread; a few hundred at once, the rest are closed. */
final class Listener {
    private static final int AT_ONCE = 256;

    /** What is said on one connection; the socket is closed after it. */
    interface Talk {
        void with(Socket socket) throws Exception;
    }

    private Listener() {}

    static void open(ServerSocket server, String address, int port, Talk talk) throws IOException {
        server.setReuseAddress(true);
        server.bind(new InetSocketAddress(Inet4Address.ofLiteral(address), port), 1024);
        Semaphore slots = new Semaphore(AT_ONCE);
        Thread.ofVirtual().name(address).start(() -> {
            while (true) {
                try {
                    Socket socket = server.accept();
                    if (slots.tryAcquire()) {
                        Thread.startVirtualThread(() -> serve(socket, talk, slots));
                    } else {
                        socket.close();
                    }
                } catch (IOException e) {
                    if (server.isClosed()) {
                        return;
                    }
                }
            }
        });
    }

    /** Whatever the client did wrong is its own affair. */
    private static void serve(Socket socket, Talk talk, Semaphore slots) {
        try (socket) {
            socket.setSoTimeout(30_000);
            talk.with(socket);
        } catch (Exception e) {
            // a failed handshake is what half of this estate is for
        } finally {
            slots.release();
        }
    }

    /** A request's head is read whole, whatever it asks for, and a short page is the answer; 400 to what is no HTTP. */
    static void http(java.io.InputStream in, java.io.OutputStream out, String page) throws IOException {
        int last = 0;
        for (int read = 0; read < 16_384; read++) {
            int next = in.read();
            if (next < 0) {
                return;
            }
            if (read == 0 && (next < 'A' || next > 'Z')) {
                out.write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                out.flush();
                return;
            }
            last = last << 8 | next;
            if (last == ('\r' << 24 | '\n' << 16 | '\r' << 8 | '\n')) {
                byte[] body = ("<!doctype html><title>tlsfleet demo</title><p>" + page + "\n")
                        .getBytes(StandardCharsets.UTF_8);
                out.write(("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: " + body.length
                                + "\r\nStrict-Transport-Security: max-age=63072000; includeSubDomains\r\n"
                                + "Connection: close\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
                out.write(body);
                out.flush();
                return;
            }
        }
    }
}

package io.tlsfleet.scanner.scan;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server of a few lines that stands before a real one, or plays one. Ends with the test. */
final class Front implements AutoCloseable {
    private final ServerSocket listening;
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private volatile int accepted;

    /** What is done with a connection, on a thread of its own; it is closed afterwards. */
    interface Behaviour {
        void serve(Socket client, int number) throws IOException, InterruptedException;
    }

    Front(Behaviour behaviour) {
        try {
            listening = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(() -> accept(behaviour));
    }

    int port() {
        return listening.getLocalPort();
    }

    int accepted() {
        return accepted;
    }

    private void accept(Behaviour behaviour) {
        try {
            while (true) {
                Socket client = listening.accept();
                int number = accepted + 1;
                accepted = number;
                open.add(client);
                Thread.ofVirtual().start(() -> {
                    try (client) {
                        behaviour.serve(client, number);
                    } catch (IOException | InterruptedException e) {
                        // The peer went away, or the test is over.
                        return;
                    } finally {
                        open.remove(client);
                    }
                });
            }
        } catch (IOException e) {
            // Closed with the test.
            return;
        }
    }

    /** Everything both ways, until either end is done. */
    static void relay(Socket client, int upstreamPort, byte[] first) throws IOException, InterruptedException {
        try (Socket upstream = new Socket(InetAddress.getLoopbackAddress(), upstreamPort)) {
            upstream.getOutputStream().write(first);
            bothWays(client, upstream, 65536, 0);
        }
    }

    /** Until one of the two hangs up, which the other is told; {@code piece} and the pause are for what goes to the client. */
    static void bothWays(Socket client, Socket upstream, int piece, long pauseMillis)
            throws IOException, InterruptedException {
        Thread up = Thread.ofVirtual().start(() -> {
            pump(client, upstream, 65536, 0);
            closeQuietly(upstream);
        });
        pump(upstream, client, piece, pauseMillis);
        client.close();
        up.join();
    }

    static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Copies in pieces of at most {@code piece} bytes, with a pause behind each. */
    static void pump(Socket from, Socket to, int piece, long pauseMillis) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[piece];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(buffer, 0, read);
                out.flush();
                if (pauseMillis > 0) {
                    Thread.sleep(pauseMillis);
                }
            }
        } catch (IOException | InterruptedException e) {
            // One of the two is gone.
            return;
        }
    }

    static void reset(Socket client) throws IOException {
        client.setSoLinger(true, 0);
        client.close();
    }

    /** The first record that the client sends, or what came of it. */
    static byte[] firstRecord(Socket client) throws IOException {
        InputStream in = client.getInputStream();
        byte[] header = in.readNBytes(5);
        if (header.length < 5) {
            return header;
        }
        int length = (header[3] & 0xFF) << 8 | header[4] & 0xFF;
        if ((header[0] & 0x80) != 0) {
            length = ((header[0] & 0x7F) << 8 | header[1] & 0xFF) - 3;
        }
        byte[] body = in.readNBytes(length);
        byte[] record = Arrays.copyOf(header, 5 + body.length);
        System.arraycopy(body, 0, record, 5, body.length);
        return record;
    }

    @Override
    public void close() {
        try {
            listening.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Stands before a real server and hangs up on hellos that it does not like, without a word. */
final class PickyServer implements AutoCloseable {
    /** {@code firstRead}: what one read brought; {@code firstRecord}: the length of its first record's content. */
    record Seen(ClientHello hello, int length, int firstRead, int firstRecord) {}

    private final int upstream;
    private final Predicate<Seen> dislikes;
    private final boolean silent;
    private final ServerSocket socket;

    PickyServer(int upstream, Predicate<Seen> dislikes, boolean silent) throws IOException {
        this.upstream = upstream;
        this.dislikes = dislikes;
        this.silent = silent;
        this.socket = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::serve);
    }

    int port() {
        return socket.getLocalPort();
    }

    private void serve() {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                Thread.ofVirtual().start(() -> handle(client));
            } catch (IOException e) {
                // Closed with the test.
                return;
            }
        }
    }

    private void handle(Socket client) {
        try (client) {
            client.setSoTimeout(20_000);
            InputStream in = client.getInputStream();
            byte[] buffer = new byte[32 * 1024];
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            int firstRead = in.read(buffer);
            all.write(buffer, 0, Math.max(0, firstRead));
            Seen seen = seen(all.toByteArray(), firstRead);
            while (seen == null) {
                int n = in.read(buffer);
                if (n < 0) {
                    return;
                }
                all.write(buffer, 0, n);
                seen = seen(all.toByteArray(), firstRead);
            }
            if (dislikes.test(seen)) {
                if (silent) {
                    in.read();
                }
                return;
            }
            try (Socket server = new Socket(InetAddress.getLoopbackAddress(), upstream)) {
                server.getOutputStream().write(all.toByteArray());
                Thread up = Thread.ofVirtual().start(() -> pump(client, server));
                pump(server, client);
                client.close();
                up.join();
            }
        } catch (IOException | MalformedMessage | InterruptedException e) {
            // This client is done with.
            return;
        }
    }

    /** Null as long as the hello is not whole. */
    private static @Nullable Seen seen(byte[] bytes, int firstRead) throws MalformedMessage {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        int firstRecord = 0;
        for (int at = 0; at + 5 <= bytes.length; ) {
            int length = (bytes[at + 3] & 0xFF) << 8 | bytes[at + 4] & 0xFF;
            if (at + 5 + length > bytes.length) {
                return null;
            }
            firstRecord = firstRecord == 0 ? length : firstRecord;
            message.write(bytes, at + 5, length);
            at += 5 + length;
        }
        byte[] whole = message.toByteArray();
        if (whole.length < 4) {
            return null;
        }
        int length = 4 + ((whole[1] & 0xFF) << 16 | (whole[2] & 0xFF) << 8 | whole[3] & 0xFF);
        return whole.length < length
                ? null
                : new Seen(ClientHello.decode(Arrays.copyOfRange(whole, 4, length)), length, firstRead, firstRecord);
    }

    private static void pump(Socket from, Socket to) {
        try {
            byte[] buffer = new byte[32 * 1024];
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                out.write(buffer, 0, n);
            }
            to.close();
        } catch (IOException e) {
            // One of the two is gone.
            return;
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

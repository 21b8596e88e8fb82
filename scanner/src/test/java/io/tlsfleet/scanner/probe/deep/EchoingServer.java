package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.handshake.Extension;
import io.tlsfleet.tls.record.HandshakeMessage;
import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Answers each hello of TLS 1.2 or below with a ServerHello that takes what it was told to take, and hangs up: for what no server of Debian does any more. */
final class EchoingServer implements AutoCloseable {
    private final Set<Integer> taken;
    private final boolean compresses;
    private final ServerSocket socket;

    EchoingServer(Set<Integer> taken, boolean compresses) throws IOException {
        this.taken = taken;
        this.compresses = compresses;
        this.socket = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::serve);
    }

    int port() {
        return socket.getLocalPort();
    }

    private void serve() {
        while (!socket.isClosed()) {
            try (Socket client = socket.accept()) {
                client.setSoTimeout(10_000);
                client.getOutputStream().write(answer(hello(client)));
                client.getOutputStream().flush();
                client.getInputStream().read();
            } catch (IOException | MalformedMessage e) {
                // This client is done with; the next one is served.
            }
        }
    }

    private static ClientHello hello(Socket client) throws IOException, MalformedMessage {
        DataInputStream in = new DataInputStream(client.getInputStream());
        in.readFully(new byte[3]);
        byte[] message = new byte[in.readUnsignedShort()];
        in.readFully(message);
        return ClientHello.decode(Arrays.copyOfRange(message, 4, message.length));
    }

    private byte[] answer(ClientHello hello) {
        CipherSuite suite = hello.cipherSuites().getFirst();
        boolean deflate = compresses && hello.compressionMethods()[0] == 1;
        List<Extension> extensions = Objects.requireNonNullElse(hello.extensions(), List.<Extension>of()).stream()
                .filter(e -> taken.contains(e.type().code()))
                .toList();
        byte[] body = ByteWriter.write(w -> {
            w.u16(ProtocolVersion.TLS_1_2.code()).raw(new byte[32]).vec8(new byte[0]);
            w.u16(suite.code()).u8(deflate ? 1 : 0);
            Extension.writeAll(w, extensions);
        });
        byte[] message = new HandshakeMessage(HandshakeMessage.SERVER_HELLO, body).encode();
        byte[] done = new HandshakeMessage(HandshakeMessage.SERVER_HELLO_DONE, new byte[0]).encode();
        byte[] both = new ByteWriter().raw(message).raw(done).toBytes();
        return new TlsRecord(TlsRecord.HANDSHAKE, ProtocolVersion.TLS_1_2.code(), both).encode();
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

package io.tlsfleet.scanner.resolve;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;

/** A DNS server that misbehaves in one way, on UDP of loopback alone. */
final class Responder implements AutoCloseable {
    private final DatagramSocket socket;

    private Responder(Function<byte[], Optional<byte[]>> answer) throws SocketException {
        socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        Thread.startVirtualThread(() -> serve(answer));
    }

    static Responder answering(int rcode) throws SocketException {
        return new Responder(query -> Optional.of(head(query, 0x81, 0x80 | rcode)));
    }

    static Responder truncating() throws SocketException {
        return new Responder(query -> Optional.of(head(query, 0x83, 0x80)));
    }

    static Responder garbage() throws SocketException {
        return new Responder(query -> {
            byte[] answer = head(query, 0x81, 0x80);
            answer[7] = 9;
            return Optional.of(answer);
        });
    }

    static Responder silent() throws SocketException {
        return new Responder(query -> Optional.empty());
    }

    NameRecords records() {
        return NameRecords.at(InetAddress.getLoopbackAddress(), socket.getLocalPort());
    }

    /** The query with the two bytes of flags changed and nothing behind its question. */
    private static byte[] head(byte[] query, int high, int low) {
        int end = 12;
        while (query[end] != 0) {
            end += query[end] + 1;
        }
        byte[] answer = Arrays.copyOf(query, end + 5);
        answer[2] = (byte) high;
        answer[3] = (byte) low;
        answer[10] = 0;
        answer[11] = 0;
        return answer;
    }

    private void serve(Function<byte[], Optional<byte[]>> answer) {
        byte[] buffer = new byte[4096];
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                Optional<byte[]> said = answer.apply(Arrays.copyOf(buffer, packet.getLength()));
                if (said.isPresent()) {
                    socket.send(new DatagramPacket(said.get(), said.get().length, packet.getSocketAddress()));
                }
            }
        } catch (SocketException e) {
            // closed with the test
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}

package io.tlsfleet.scanner.scan;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** A way to a QUIC server, which may lose, double and spoil what the server says; what a client says always arrives. */
final class QuicWay implements AutoCloseable {
    /** What arrives instead of a server's datagram, the {@code number}-th to the {@code client}-th client, both from 0. */
    interface Weather {
        List<byte[]> arrives(byte[] datagram, int client, int number);
    }

    private final DatagramSocket front;
    private final Thread reader;
    private final int server;
    private final Weather weather;
    private final Consumer<byte[]> asked;
    private final Map<SocketAddress, DatagramSocket> clients = new ConcurrentHashMap<>();

    QuicWay(int port, int server, Weather weather) throws SocketException {
        this(port, server, weather, asked -> {});
    }

    /** {@code asked} is told of each client's first datagram before it goes on. */
    QuicWay(int port, int server, Weather weather, Consumer<byte[]> asked) throws SocketException {
        this.asked = asked;
        this.front = new DatagramSocket(port, InetAddress.getLoopbackAddress());
        this.server = server;
        this.weather = weather;
        this.reader = Thread.startVirtualThread(() -> untilClosed(this::there));
    }

    private void there() throws IOException {
        while (true) {
            DatagramPacket packet = receive(front);
            SocketAddress from = packet.getSocketAddress();
            DatagramSocket back = clients.get(from);
            if (back == null) {
                asked.accept(Arrays.copyOf(packet.getData(), packet.getLength()));
                back = new DatagramSocket();
                back.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server));
                int client = clients.size();
                clients.put(from, back);
                DatagramSocket own = back;
                Thread.startVirtualThread(() -> untilClosed(() -> andBack(own, from, client)));
            }
            back.send(new DatagramPacket(packet.getData(), packet.getLength()));
        }
    }

    private void andBack(DatagramSocket back, SocketAddress to, int client) throws IOException {
        for (int number = 0; ; number++) {
            DatagramPacket packet = receive(back);
            byte[] said = Arrays.copyOf(packet.getData(), packet.getLength());
            for (byte[] datagram : weather.arrives(said, client, number)) {
                front.send(new DatagramPacket(datagram, datagram.length, to));
            }
        }
    }

    private static DatagramPacket receive(DatagramSocket socket) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
        socket.receive(packet);
        return packet;
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void untilClosed(Work work) {
        try {
            work.run();
        } catch (SocketException e) {
            // closed with the test, or nobody listens behind it
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The port is free for the next test when whoever waits at the socket has gone. */
    static void close(DatagramSocket socket, Thread reader) {
        socket.close();
        try {
            reader.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        close(front, reader);
        clients.values().forEach(DatagramSocket::close);
    }
}

package io.tlsfleet.scanner.scan;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The way to a server: half of {@code roundTripMillis} in each direction, and of a hundred connections some that are reset,
 * some that vanish, some that stall as after a lost packet. Two resets are at least five connections apart: a way that resets
 * the same hello time and again is a refusal to everybody.
 */
final class LongWay implements AutoCloseable {
    private static final int APART = 5;
    private static final long END = -1;

    /** Of a hundred connections. */
    record Troubles(int resets, int vanishing, int stalls) {
        static final Troubles NONE = new Troubles(0, 0, 0);
    }

    private enum Fate {
        FINE,
        RESET,
        VANISHES,
        STALLS
    }

    private record Piece(byte[] bytes, long atNanos) {}

    private final Front front;
    private final int server;
    private final long oneWayNanos;
    private final Troubles troubles;
    private final Random random;
    private int lastReset = -APART;

    LongWay(int server, int roundTripMillis, Troubles troubles, long seed) {
        this.server = server;
        this.oneWayNanos = roundTripMillis * 500_000L;
        this.troubles = troubles;
        this.random = new Random(seed);
        this.front = new Front(this::carry);
    }

    int port() {
        return front.port();
    }

    private synchronized Fate fateOf(int number) {
        int dice = random.nextInt(100);
        if (dice < troubles.resets) {
            if (number - lastReset < APART) {
                return Fate.FINE;
            }
            lastReset = number;
            return Fate.RESET;
        }
        return dice < troubles.resets + troubles.vanishing
                ? Fate.VANISHES
                : dice < troubles.resets + troubles.vanishing + troubles.stalls ? Fate.STALLS : Fate.FINE;
    }

    private void carry(Socket client, int number) throws IOException, InterruptedException {
        switch (fateOf(number)) {
            case RESET -> {
                Front.firstRecord(client);
                Front.reset(client);
            }
            case VANISHES -> client.getInputStream().transferTo(OutputStream.nullOutputStream());
            case STALLS -> relay(client, 1_200_000_000L);
            case FINE -> relay(client, 0);
        }
    }

    private void relay(Socket client, long stallNanos) throws IOException, InterruptedException {
        try (Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server)) {
            Thread up = Thread.ofVirtual().start(() -> later(client, upstream, 0));
            later(upstream, client, stallNanos);
            up.join();
        }
    }

    /** Each piece as long after it came as the way is, whatever came before it. */
    private void later(Socket from, Socket to, long stallNanos) {
        BlockingQueue<Piece> onTheWay = new LinkedBlockingQueue<>();
        Thread arrival = Thread.ofVirtual().start(() -> arrive(onTheWay, to));
        try {
            InputStream in = from.getInputStream();
            byte[] buffer = new byte[16384];
            long stall = stallNanos;
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                onTheWay.add(new Piece(Arrays.copyOf(buffer, read), System.nanoTime() + oneWayNanos + stall));
                stall = 0;
            }
        } catch (IOException e) {
            // a reset travels like an end: to the other side it is one
            onTheWay.add(new Piece(new byte[0], END));
        }
        onTheWay.add(new Piece(new byte[0], System.nanoTime() + oneWayNanos));
        try {
            arrival.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void arrive(BlockingQueue<Piece> onTheWay, Socket to) {
        try (to) {
            for (Piece piece = onTheWay.take(); piece.bytes.length > 0; piece = onTheWay.take()) {
                long left = piece.atNanos - System.nanoTime();
                if (left > 0) {
                    Thread.sleep(left / 1_000_000, (int) (left % 1_000_000));
                }
                to.getOutputStream().write(piece.bytes);
                to.getOutputStream().flush();
            }
        } catch (IOException | InterruptedException e) {
            // the other side is gone: nothing arrives any more
            return;
        }
    }

    @Override
    public void close() {
        front.close();
    }
}

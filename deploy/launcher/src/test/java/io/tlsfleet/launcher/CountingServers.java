package io.tlsfleet.launcher;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Listeners on addresses of 127.0.0.0/8 that note when a connection came and how many stood open, and refuse every hello. */
final class CountingServers implements AutoCloseable {
    private static final long HELD_OPEN_MILLIS = 60;
    private static final byte[] HANDSHAKE_FAILURE = {21, 3, 3, 0, 2, 2, 40};
    private static final long TICK_NANOS = Duration.ofMillis(5).toNanos();

    record Came(String address, long at) {}

    private final List<ServerSocket> listeners = new ArrayList<>();
    private final List<Came> came = new ArrayList<>();
    private final Map<String, Integer> open = new HashMap<>();
    private final Map<String, Integer> mostOpen = new HashMap<>();
    private final Thread ticker = Thread.ofPlatform().daemon().start(this::watchOurselves);
    private final int port;
    private volatile long stall;

    CountingServers(List<String> addresses) throws IOException {
        ServerSocket first = new ServerSocket(0, 100, InetAddress.ofLiteral(addresses.getFirst()));
        port = first.getLocalPort();
        begin(first);
        for (String address : addresses.subList(1, addresses.size())) {
            begin(new ServerSocket(port, 100, InetAddress.ofLiteral(address)));
        }
    }

    int port() {
        return port;
    }

    private void begin(ServerSocket listener) {
        listeners.add(listener);
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    Socket socket = listener.accept();
                    note(listener.getInetAddress().getHostAddress());
                    Thread.ofVirtual().start(() -> holdOpen(socket));
                }
            } catch (IOException e) {
                return;
            }
        });
    }

    private synchronized void note(String address) {
        came.add(new Came(address, System.nanoTime()));
        mostOpen.merge(address, open.merge(address, 1, Integer::sum), Math::max);
    }

    private void holdOpen(Socket socket) {
        String address = socket.getLocalAddress().getHostAddress();
        try (socket) {
            socket.getInputStream().read(new byte[16 * 1024]);
            Thread.sleep(HELD_OPEN_MILLIS);
            // told no, a scanner asks on; left without a word it would hold back, as from a server that is overrun
            socket.getOutputStream().write(HANDSHAKE_FAILURE);
        } catch (IOException | InterruptedException e) {
            // gone already
        } finally {
            synchronized (this) {
                open.merge(address, -1, Integer::sum);
            }
        }
    }

    /** How long this process did not get to look: what was accepted late came earlier, and more apart, than it seems. */
    private void watchOurselves() {
        long last = System.nanoTime();
        while (!Thread.currentThread().isInterrupted()) {
            try {
                Thread.sleep(Duration.ofNanos(TICK_NANOS));
            } catch (InterruptedException e) {
                return;
            }
            long now = System.nanoTime();
            stall = Math.max(stall, now - last - TICK_NANOS);
            last = now;
        }
    }

    synchronized List<Came> came() {
        return List.copyOf(came);
    }

    synchronized int mostOpen() {
        return mostOpen.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    }

    /** The most that came within a second into one of the groups, allowing for the longest time we did not look. */
    int mostInASecond(Function<String, String> group) {
        long window = Math.max(0, Duration.ofSeconds(1).toNanos() - stall);
        Map<String, List<Long>> times = new HashMap<>();
        came().forEach(c -> times.computeIfAbsent(group.apply(c.address), g -> new ArrayList<>())
                .add(c.at));
        int most = 0;
        for (List<Long> list : times.values()) {
            long[] sorted = list.stream().mapToLong(Long::longValue).sorted().toArray();
            for (int from = 0, to = 0; to < sorted.length; to++) {
                while (sorted[to] - sorted[from] >= window) {
                    from++;
                }
                most = Math.max(most, to - from + 1);
            }
        }
        return most;
    }

    Duration stall() {
        return Duration.ofNanos(stall);
    }

    static String network(String address) {
        return String.join(".", Arrays.copyOf(address.split("\\."), 3));
    }

    @Override
    public void close() throws IOException {
        ticker.interrupt();
        for (ServerSocket listener : listeners) {
            listener.close();
        }
    }
}

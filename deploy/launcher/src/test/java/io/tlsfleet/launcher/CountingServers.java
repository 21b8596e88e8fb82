package io.tlsfleet.launcher;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Listeners on addresses of 127.0.0.0/8 that note when a connection came and how many stood open, and refuse every hello. One
 * thread accepts for all, and knows of every connection between which two of its looks it came: how busy the machine is makes
 * that less sharp, never wrong.
 */
final class CountingServers implements AutoCloseable {
    private static final long HELD_OPEN_MILLIS = 60;
    private static final long SECOND_NANOS = Duration.ofSeconds(1).toNanos();
    private static final byte[] HANDSHAKE_FAILURE = {21, 3, 3, 0, 2, 2, 40};
    private static final long LOOK_MILLIS = 5;

    /** It came to that address after the one instant and before the other. */
    record Came(String address, long after, long before) {}

    private final Selector selector = Selector.open();
    private final List<ServerSocketChannel> listeners = new ArrayList<>();
    private final List<Came> came = new ArrayList<>();
    private final Map<String, Integer> open = new HashMap<>();
    private final Map<String, Integer> mostOpen = new HashMap<>();
    private final int port;

    CountingServers(List<String> addresses) throws IOException {
        int chosen = 0;
        for (String address : addresses) {
            ServerSocketChannel listener = ServerSocketChannel.open();
            listeners.add(listener);
            listener.bind(new InetSocketAddress(InetAddress.ofLiteral(address), chosen), 100);
            chosen = listener.socket().getLocalPort();
            listener.configureBlocking(false);
            listener.register(selector, SelectionKey.OP_ACCEPT);
        }
        port = chosen;
        Thread.ofPlatform().daemon().start(this::accept);
    }

    int port() {
        return port;
    }

    private void accept() {
        try {
            long last = System.nanoTime();
            while (selector.isOpen()) {
                long before = System.nanoTime();
                selector.select(LOOK_MILLIS);
                for (SelectionKey key : selector.selectedKeys()) {
                    SocketChannel channel = ((ServerSocketChannel) key.channel()).accept();
                    while (channel != null) {
                        Socket socket = channel.socket();
                        note(socket.getLocalAddress().getHostAddress(), last);
                        Thread.ofVirtual().start(() -> holdOpen(socket));
                        channel = ((ServerSocketChannel) key.channel()).accept();
                    }
                }
                selector.selectedKeys().clear();
                last = before;
            }
        } catch (IOException | ClosedSelectorException e) {
            return;
        }
    }

    private synchronized void note(String address, long after) {
        came.add(new Came(address, after, System.nanoTime()));
        mostOpen.merge(address, open.merge(address, 1, Integer::sum), Math::max);
    }

    private void holdOpen(Socket socket) {
        String address = socket.getLocalAddress().getHostAddress();
        try (socket) {
            try {
                socket.getInputStream().read(new byte[16 * 1024]);
                Thread.sleep(HELD_OPEN_MILLIS);
            } finally {
                synchronized (this) {
                    open.merge(address, -1, Integer::sum); // before it hears of it, and comes again
                }
            }
            // told no, a scanner asks on; left without a word it would hold back, as from a server that is overrun
            socket.getOutputStream().write(HANDSHAKE_FAILURE);
        } catch (IOException | InterruptedException e) {
            return; // gone already
        }
    }

    synchronized List<Came> came() {
        return List.copyOf(came);
    }

    synchronized int mostOpen() {
        return mostOpen.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    }

    /** The most that surely came within one second into one of the groups. */
    int mostInASecond(Function<String, String> group) {
        Map<String, ArrayDeque<Came>> within = new HashMap<>();
        int most = 0;
        for (Came one : came()) {
            ArrayDeque<Came> second = within.computeIfAbsent(group.apply(one.address), g -> new ArrayDeque<>());
            second.add(one);
            while (!second.isEmpty() && one.before - second.getFirst().after >= SECOND_NANOS) {
                second.remove();
            }
            most = Math.max(most, second.size());
        }
        return most;
    }

    static String network(String address) {
        return String.join(".", Arrays.copyOf(address.split("\\."), 3));
    }

    @Override
    public void close() throws IOException {
        selector.close();
        for (ServerSocketChannel listener : listeners) {
            listener.close();
        }
    }
}

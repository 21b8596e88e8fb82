package io.tlsfleet.scanner.capture;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** Every hello of a capture, in the order of the frames that complete them; flows that go quiet make room for new ones. */
public final class CaptureHellos {
    private static final int MAX_FLOWS = 100_000;

    private record TcpSide(TcpDirection order, HandshakeScanner scanner) {}

    private final Consumer<SeenHello> seen;
    private final Fragments fragments = new Fragments();
    private final Map<String, TcpSide> tcp = bounded(side -> side.scanner().finish());
    private final Map<String, UdpFlow> udp = bounded(flow -> {});

    private CaptureHellos(Consumer<SeenHello> seen) {
        this.seen = seen;
    }

    /** Reads the whole stream; {@code IOException} for what is no capture. */
    public static void read(InputStream in, Consumer<SeenHello> seen) throws IOException {
        CaptureHellos hellos = new CaptureHellos(seen);
        try (CaptureFile file = new CaptureFile(in)) {
            for (CaptureFile.Packet packet = file.next(); packet != null; packet = file.next()) {
                Segment segment = Segment.of(packet, hellos.fragments);
                if (segment != null) {
                    hellos.take(segment, packet.frame());
                }
            }
        } finally {
            hellos.tcp.values().forEach(side -> side.scanner().finish());
        }
    }

    private void take(Segment segment, int frame) {
        if (segment.tcp()) {
            String key = segment.source() + '>' + segment.destination();
            if (segment.syn()) {
                TcpSide old = tcp.remove(key);
                if (old != null) {
                    old.scanner().finish();
                }
            }
            TcpSide side = tcp.computeIfAbsent(key, k -> new TcpSide(new TcpDirection(), new HandshakeScanner(seen)));
            side.order().add(segment, bytes -> side.scanner().feed(bytes, frame));
        } else {
            boolean lowFirst = segment.source().compareTo(segment.destination()) < 0;
            String key = lowFirst
                    ? segment.source() + '-' + segment.destination()
                    : segment.destination() + '-' + segment.source();
            udp.computeIfAbsent(key, k -> new UdpFlow(seen)).feed(segment, frame);
        }
    }

    private static <V> Map<String, V> bounded(Consumer<V> leaving) {
        Function<Map.Entry<String, V>, Boolean> full = entry -> {
            leaving.accept(entry.getValue());
            return true;
        };
        return new LinkedHashMap<>(64, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
                return size() > MAX_FLOWS && full.apply(eldest);
            }
        };
    }
}

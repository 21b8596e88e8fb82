package io.tlsfleet.scanner.capture;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Every hello of a capture, in the order of the frames that complete them; flows that go quiet, or wait for their rest
 * longest, make room for new ones.
 */
public final class CaptureHellos {
    private static final int MAX_FLOWS = 100_000;

    private final Consumer<SeenHello> seen;
    private final Backlog backlog;
    private final Fragments fragments;
    private final LinkedHashMap<String, TcpSide> tcp = new LinkedHashMap<>(64, 0.75f, true);
    private final LinkedHashMap<String, UdpSide> udp = new LinkedHashMap<>(64, 0.75f, true);
    /** Frames by link type. */
    private final Map<Integer, Integer> unread = new TreeMap<>();

    /** Frames that the snapshot length cut where a hello was looked for. */
    private int cutShort;

    private CaptureHellos(Consumer<SeenHello> seen, long budget) {
        this.seen = seen;
        backlog = new Backlog(budget);
        fragments = new Fragments(backlog);
    }

    /** Reads the whole stream, and tells what was left out; {@code IOException} for what is no capture. */
    public static void read(InputStream in, Consumer<SeenHello> seen, Consumer<String> told) throws IOException {
        read(in, seen, told, Backlog.BUDGET);
    }

    static void read(InputStream in, Consumer<SeenHello> seen, Consumer<String> told, long budget) throws IOException {
        CaptureHellos hellos = new CaptureHellos(seen, budget);
        try (CaptureFile file = new CaptureFile(in)) {
            for (CaptureFile.Packet packet = file.next(); packet != null; packet = file.next()) {
                hellos.take(packet);
            }
            if (file.isCut()) {
                told.accept("ends within frame " + (file.frames() + 1));
            }
        } finally {
            hellos.tcp.values().forEach(TcpSide::finish);
            hellos.tell(told);
        }
    }

    private void tell(Consumer<String> told) {
        unread.forEach((type, frames) ->
                told.accept("link type %d is not read, %d frames passed over".formatted(type, frames)));
        if (cutShort > 0) {
            told.accept(
                    (cutShort == 1 ? "1 frame is" : cutShort + " frames are")
                            + " cut short by the snapshot length: hellos in them may be missing, capture whole packets (tcpdump -s 0)");
        }
        int lost = backlog.lost();
        if (lost > 0) {
            told.accept((lost == 1 ? "1 unfinished flow was" : lost + " unfinished flows were")
                    + " too many to keep: hellos in them may be missing, split the capture");
        }
    }

    private void take(CaptureFile.Packet packet) {
        Segment segment = Segment.of(packet, fragments);
        if (Segment.UNREAD_LINK.equals(segment)) {
            unread.merge(packet.linkType(), 1, Integer::sum);
        } else if (segment != null) {
            take(segment, packet.frame(), packet.cut());
        }
    }

    private void take(Segment segment, int frame, boolean cut) {
        if (segment.tcp()) {
            String key = segment.source() + '>' + segment.destination();
            TcpSide old = tcp.get(key);
            if (old != null && old.isOfAnother(segment)) {
                tcp.remove(key);
                old.finish();
                backlog.hold(old, 0);
            }
            tcp.computeIfAbsent(key, TcpSide::new).take(segment, frame, cut);
            if (tcp.size() > MAX_FLOWS) {
                backlog.drop(tcp.firstEntry().getValue());
            }
        } else {
            boolean lowFirst = segment.source().compareTo(segment.destination()) < 0;
            String key = lowFirst
                    ? segment.source() + '-' + segment.destination()
                    : segment.destination() + '-' + segment.source();
            udp.computeIfAbsent(key, UdpSide::new).take(segment, frame, cut);
            if (udp.size() > MAX_FLOWS) {
                backlog.drop(udp.firstEntry().getValue());
            }
        }
    }

    private final class TcpSide implements Backlog.Part, TcpDirection.Stream {
        private final String key;
        private final TcpDirection order = new TcpDirection(this);
        private HandshakeScanner scanner = new HandshakeScanner(seen);

        TcpSide(String key) {
            this.key = key;
        }

        void take(Segment segment, int frame, boolean cut) {
            if (!scanner.isDone()) {
                cutShort += cut ? 1 : 0;
                order.add(segment, frame);
            }
            if (scanner.isDone()) {
                order.clear();
            } else if (scanner.hasFound()) {
                order.settle();
            }
            backlog.hold(this, held() + order.kept());
        }

        /** A SYN begins another connection, and so does a hello with a sequence number from nowhere. */
        boolean isOfAnother(Segment segment) {
            return segment.syn()
                    ? scanner.hasSeen() || !order.mayBegin(segment)
                    : HandshakeScanner.isHello(segment.payload()) && order.isFar(segment);
        }

        void finish() {
            order.finish();
            scanner.finish();
        }

        @Override
        public void bytes(byte[] bytes, int frame) {
            scanner.feed(bytes, frame);
        }

        @Override
        public void gap() {
            scanner.gap();
        }

        @Override
        public void again() {
            scanner = new HandshakeScanner(seen);
        }

        @Override
        public boolean leave() {
            boolean unfinished = held() > 0;
            tcp.remove(key);
            finish();
            return unfinished;
        }

        private int held() {
            return order.held() + scanner.held();
        }
    }

    private final class UdpSide implements Backlog.Part {
        private final String key;
        private final UdpFlow flow = new UdpFlow(seen);

        UdpSide(String key) {
            this.key = key;
        }

        void take(Segment datagram, int frame, boolean cut) {
            if (cut && UdpFlow.mayHoldHello(datagram.payload())) {
                cutShort++;
            }
            flow.feed(datagram, frame);
            backlog.hold(this, flow.held());
        }

        @Override
        public boolean leave() {
            udp.remove(key);
            return flow.held() > 0;
        }
    }
}

package io.tlsfleet.tls.quic;

import io.tlsfleet.tls.exchange.DatagramConversation;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.record.HandshakeReader;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A QUIC handshake (RFC 9000 section 7, RFC 9001) up to the server's Finished, then a polite end: Initial and Handshake
 * packets, one Retry and one HelloRetryRequest followed, acknowledgements so that the server may send all of its flight. TLS is
 * {@link QuicTls}'s; here are packets, what was lost, and when to give up.
 */
public final class QuicHandshake implements DatagramConversation<QuicResult> {
    private static final int DATAGRAM = 1200;
    private static final int CRYPTO_IN_A_DATAGRAM = 1000;
    private static final int MAX_DATAGRAMS = 256;
    private static final int MAX_WAITING = 16;
    private static final List<Duration> PATIENCE =
            List.of(Duration.ofMillis(400), Duration.ofMillis(700), Duration.ofMillis(1200));

    private final QuicVersion version;
    private final QuicTls tls;
    private final byte[] ourId = new byte[8];
    private final byte[] firstServerId = new byte[8];
    private final Space initial = new Space();
    private final Space handshake = new Space();
    private final List<byte[]> waiting = new ArrayList<>();
    private byte[] serverId;
    private byte[] token = new byte[0];
    private InitialKeys writeInitial;
    private InitialKeys readInitial;
    private @Nullable TrafficKeys writeHandshake;
    private @Nullable TrafficKeys readHandshake;
    private boolean retried;
    private boolean again;
    private boolean answered;
    private boolean heardInitial;
    private List<Integer> otherVersions = List.of();
    private Optional<Long> closeCode = Optional.empty();
    private @Nullable String unintelligible;
    private boolean over;
    private int datagrams;
    private int silences;

    /** Packet numbers and the CRYPTO stream of one encryption level. */
    private static final class Space {
        final NavigableSet<Long> seen = new TreeSet<>();
        final CryptoStream stream = new CryptoStream();
        final HandshakeReader reader = new HandshakeReader();
        long next;
        int read;
        boolean owesAck;
    }

    public QuicHandshake(ClientHello hello, KeyShares shares, QuicVersion version, RandomGenerator random) {
        this.version = version;
        random.nextBytes(ourId);
        random.nextBytes(firstServerId);
        serverId = firstServerId;
        tls = new QuicTls(hello, shares, ourId);
        writeInitial = InitialKeys.client(version, firstServerId);
        readInitial = InitialKeys.server(version, firstServerId);
    }

    @Override
    public Step opening() {
        return new Step(hellos(), false);
    }

    @Override
    public Step receive(byte[] datagram) {
        if (++datagrams > MAX_DATAGRAMS) {
            unintelligible = "more than " + MAX_DATAGRAMS + " datagrams";
            over = true;
        }
        List<byte[]> out = new ArrayList<>();
        try {
            boolean helloBefore = tls.saidSecondHello();
            take(datagram);
            takeWaiting();
            if (!over && !helloBefore && tls.saidSecondHello()) {
                out.addAll(hellos());
            }
        } catch (MalformedMessage e) {
            unintelligible = e.getMessage();
            over = true;
        }
        if (tls.finished() || tls.unsupported() != null) {
            over = true;
        }
        if (over) {
            out.addAll(answered ? farewell() : List.of());
        } else {
            out.addAll(acknowledgements(false));
        }
        return new Step(out, over);
    }

    @Override
    public Optional<Duration> patience() {
        return over ? Optional.empty() : Optional.of(PATIENCE.get(Math.min(silences, PATIENCE.size() - 1)));
    }

    @Override
    public Step quiet() {
        if (++silences >= PATIENCE.size()) {
            return new Step(answered ? farewell() : List.of(), true);
        }
        return new Step(tls.saidServerHello() ? acknowledgements(true) : hellos(), false);
    }

    @Override
    public QuicResult end(Ending how) {
        QuicResult.Step reached = tls.finished()
                ? QuicResult.Step.FINISHED
                : tls.saidServerHello()
                        ? QuicResult.Step.SERVER_HELLO
                        : answered ? QuicResult.Step.ANSWERED : QuicResult.Step.SILENCE;
        String unread =
                unintelligible != null || answered || datagrams == 0 ? unintelligible : "no packet that answers";
        return new QuicResult(
                reached, tls.messages(), otherVersions, closeCode, retried, how, unread, tls.unsupported());
    }

    private void take(byte[] datagram) throws MalformedMessage {
        int from = 0;
        while (from < datagram.length && !over) {
            Optional<LongPacket> read = readable(datagram, from);
            if (read.isEmpty() || !Arrays.equals(read.get().destinationId(), ourId)) {
                return;
            }
            LongPacket packet = read.get();
            boolean ours = packet.version() == version.number();
            switch (packet.kind()) {
                case VERSION_NEGOTIATION -> negotiate(packet);
                case RETRY -> {
                    if (ours) {
                        retry(packet, Arrays.copyOfRange(datagram, from, datagram.length));
                    }
                }
                case INITIAL -> {
                    if (ours) {
                        initial(packet, datagram, from);
                    }
                }
                case HANDSHAKE -> {
                    if (ours) {
                        handshake(packet, Arrays.copyOfRange(datagram, from, packet.end()));
                    }
                }
                case ZERO_RTT, FOREIGN -> {}
            }
            from = packet.end();
        }
    }

    /** Empty for what is no packet of ours: anybody may have sent it, and it is dropped (RFC 9000 sections 5.2 and 12.2). */
    private static Optional<LongPacket> readable(byte[] datagram, int from) {
        try {
            return LongPacket.read(datagram, from);
        } catch (MalformedMessage e) {
            return Optional.empty();
        }
    }

    /** RFC 9000 section 6.2: counts only before any other packet, and never when it names what was asked for. */
    private void negotiate(LongPacket packet) {
        if (!answered
                && Arrays.equals(packet.sourceId(), firstServerId)
                && !packet.versions().contains(version.number())) {
            answered = true;
            otherVersions = packet.versions();
            over = true;
        }
    }

    /** RFC 9000 section 17.2.5: one, before any other packet, with its tag right. */
    private void retry(LongPacket packet, byte[] bytes) {
        if (retried || heardInitial || packet.token().length == 0 || !Retry.isGenuine(version, bytes, firstServerId)) {
            return;
        }
        answered = true;
        retried = true;
        silences = 0;
        token = packet.token();
        serverId = packet.sourceId();
        writeInitial = InitialKeys.client(version, serverId);
        readInitial = InitialKeys.server(version, serverId);
        again = true;
    }

    private void initial(LongPacket packet, byte[] datagram, int from) throws MalformedMessage {
        Optional<LongPacket.Opened> opened =
                LongPacket.open(datagram, from, packet.numberAt(), packet.end(), readInitial);
        if (opened.isEmpty() || !initial.seen.add(opened.get().packetNumber())) {
            return;
        }
        if (!heardInitial) {
            heardInitial = true;
            answered = true;
            serverId = packet.sourceId();
        }
        silences = 0;
        frames(opened.get().payload(), initial);
        if (tls.saidServerHello() && writeHandshake == null) {
            QuicTls.Secrets secrets = tls.secrets();
            writeHandshake = new TrafficKeys(version, secrets.suite(), secrets.client());
            readHandshake = new TrafficKeys(version, secrets.suite(), secrets.server());
        }
    }

    private void handshake(LongPacket packet, byte[] bytes) throws MalformedMessage {
        TrafficKeys keys = readHandshake;
        if (keys == null) {
            if (waiting.size() < MAX_WAITING) {
                waiting.add(bytes);
            }
            return;
        }
        int start = packet.end() - bytes.length;
        Optional<LongPacket.Opened> opened = LongPacket.open(bytes, 0, packet.numberAt() - start, bytes.length, keys);
        if (opened.isPresent() && handshake.seen.add(opened.get().packetNumber())) {
            silences = 0;
            frames(opened.get().payload(), handshake);
        }
    }

    /** Handshake packets that came before the ServerHello that opens them. */
    private void takeWaiting() throws MalformedMessage {
        if (readHandshake != null && !waiting.isEmpty()) {
            List<byte[]> late = List.copyOf(waiting);
            waiting.clear();
            for (byte[] packet : late) {
                take(packet);
            }
        }
    }

    private void frames(byte[] payload, Space space) throws MalformedMessage {
        Frames frames = Frames.read(payload);
        space.owesAck |= frames.wantsAck();
        for (InitialPacket.Crypto piece : frames.crypto()) {
            space.stream.add(piece);
        }
        byte[] known = space.stream.prefix();
        byte[] fresh = Arrays.copyOfRange(known, space.read, known.length);
        space.read = known.length;
        for (var message : space.reader.feed(fresh)) {
            tls.take(message, space == handshake);
        }
        if (frames.closeCode().isPresent()) {
            closeCode = frames.closeCode();
            over = true;
        }
    }

    /** The hello that is due, in as many datagrams as it takes. */
    private List<byte[]> hellos() {
        byte[] hello = tls.hello();
        List<byte[]> out = new ArrayList<>();
        for (int at = 0; at < hello.length; at += CRYPTO_IN_A_DATAGRAM) {
            byte[] part = Arrays.copyOfRange(hello, at, Math.min(hello.length, at + CRYPTO_IN_A_DATAGRAM));
            out.add(initialDatagram(Frames.crypto(tls.helloOffset() + at, part), new byte[0]));
        }
        return out;
    }

    /** {@code nudge}: with something that the server must answer. */
    private List<byte[]> acknowledgements(boolean nudge) {
        if (again) {
            again = false;
            return hellos();
        }
        TrafficKeys keys = writeHandshake;
        byte[] second = new byte[0];
        if (keys != null && (handshake.owesAck || nudge)) {
            second = handshakePacket(keys, join(Frames.ack(handshake.seen), nudge ? Frames.ping() : new byte[0]));
            handshake.owesAck = false;
        }
        boolean first = initial.owesAck || nudge && handshake.seen.isEmpty();
        initial.owesAck = false;
        if (first && !initial.seen.isEmpty()) {
            return List.of(initialDatagram(Frames.ack(initial.seen), second));
        }
        return second.length == 0 ? List.of() : List.of(second);
    }

    private List<byte[]> farewell() {
        TrafficKeys keys = writeHandshake;
        if (!heardInitial || closeCode.isPresent()) {
            return List.of();
        }
        return List.of(
                keys == null
                        ? initialDatagram(Frames.close(), new byte[0])
                        : handshakePacket(keys, join(Frames.ack(handshake.seen), Frames.close())));
    }

    /** RFC 9000 section 14.1: whatever holds an Initial is filled up. */
    private byte[] initialDatagram(byte[] frames, byte[] behind) {
        long number = initial.next++;
        int overhead = initialPacket(number, new byte[LongPacket.SAMPLE]).length - LongPacket.SAMPLE;
        // The length field takes a byte more for the longer payload.
        int missing = DATAGRAM - overhead - 1 - behind.length - frames.length;
        byte[] payload = Arrays.copyOf(frames, frames.length + Math.max(0, missing));
        return join(initialPacket(number, payload), behind);
    }

    private byte[] initialPacket(long number, byte[] payload) {
        return LongPacket.seal(version, LongPacket.Kind.INITIAL, serverId, ourId, token, number, payload, writeInitial);
    }

    private byte[] handshakePacket(TrafficKeys keys, byte[] frames) {
        byte[] payload = Arrays.copyOf(frames, Math.max(frames.length, LongPacket.SAMPLE));
        return LongPacket.seal(
                version, LongPacket.Kind.HANDSHAKE, serverId, ourId, new byte[0], handshake.next++, payload, keys);
    }

    private static byte[] join(byte[] a, byte[] b) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(a);
        out.writeBytes(b);
        return out.toByteArray();
    }
}

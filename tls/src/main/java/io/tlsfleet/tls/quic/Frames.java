package io.tlsfleet.tls.quic;

import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;

/**
 * The frames that Initial and Handshake packets may hold (RFC 9000 section 12.4). {@code closeCode} is that of a CONNECTION_CLOSE,
 * 0x100 + alert for TLS's own (RFC 9001 section 4.8); {@code wantsAck}: the peer waits for an acknowledgement.
 */
record Frames(List<InitialPacket.Crypto> crypto, Optional<Long> closeCode, boolean wantsAck) {
    private static final int PADDING = 0x00;
    private static final int PING = 0x01;
    private static final int ACK = 0x02;
    private static final int ACK_ECN = 0x03;
    private static final int CRYPTO = 0x06;
    private static final int CLOSE = 0x1C;
    private static final int CLOSE_APPLICATION = 0x1D;

    static Frames read(byte[] payload) throws MalformedMessage {
        List<InitialPacket.Crypto> crypto = new ArrayList<>();
        boolean wantsAck = false;
        ByteReader reader = ByteReader.of(payload);
        while (!reader.isEmpty()) {
            long type = InitialPacket.varint(reader, "frame type");
            switch ((int) Math.min(type, Integer.MAX_VALUE)) {
                case PADDING -> {}
                case PING -> wantsAck = true;
                case ACK, ACK_ECN -> skipAck(reader, type == ACK_ECN);
                case CRYPTO -> {
                    wantsAck = true;
                    long offset = InitialPacket.varint(reader, "crypto offset");
                    byte[] data = reader.take(InitialPacket.length(reader, "crypto"), "crypto");
                    crypto.add(new InitialPacket.Crypto(offset, data));
                }
                case CLOSE, CLOSE_APPLICATION -> {
                    return new Frames(crypto, Optional.of(InitialPacket.varint(reader, "error code")), wantsAck);
                }
                default -> throw new MalformedMessage("frame type 0x%X before the handshake is done".formatted(type));
            }
        }
        return new Frames(crypto, Optional.empty(), wantsAck);
    }

    static byte[] crypto(int offset, byte[] data) {
        return ByteWriter.write(w -> {
            w.u8(CRYPTO);
            InitialPacket.varint(w, offset);
            InitialPacket.varint(w, data.length);
            w.raw(data);
        });
    }

    /** Acknowledges these packet numbers (RFC 9000 section 19.3); nothing for none. */
    static byte[] ack(NavigableSet<Long> seen) {
        if (seen.isEmpty()) {
            return new byte[0];
        }
        List<long[]> ranges = new ArrayList<>();
        for (long number : seen.descendingSet()) {
            if (!ranges.isEmpty() && ranges.getLast()[0] == number + 1) {
                ranges.getLast()[0] = number;
            } else {
                ranges.add(new long[] {number, number});
            }
        }
        return ByteWriter.write(w -> {
            w.u8(ACK);
            InitialPacket.varint(w, (int) ranges.getFirst()[1]);
            InitialPacket.varint(w, 0);
            InitialPacket.varint(w, ranges.size() - 1);
            long below = -1;
            for (long[] range : ranges) {
                if (below >= 0) {
                    InitialPacket.varint(w, (int) (below - range[1] - 2));
                }
                InitialPacket.varint(w, (int) (range[1] - range[0]));
                below = range[0];
            }
        });
    }

    static byte[] ping() {
        return new byte[] {PING};
    }

    /** NO_ERROR, of no frame, without a reason. */
    static byte[] close() {
        return new byte[] {CLOSE, 0, 0, 0};
    }

    private static void skipAck(ByteReader reader, boolean ecn) throws MalformedMessage {
        InitialPacket.varint(reader, "ack");
        InitialPacket.varint(reader, "ack delay");
        long ranges = InitialPacket.varint(reader, "ack ranges");
        InitialPacket.varint(reader, "ack range");
        for (long i = 0; i < ranges; i++) {
            InitialPacket.varint(reader, "ack gap");
            InitialPacket.varint(reader, "ack range");
        }
        for (int i = 0; ecn && i < 3; i++) {
            InitialPacket.varint(reader, "ecn count");
        }
    }
}

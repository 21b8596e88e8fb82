package io.tlsfleet.tls.quic;

import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A packet with a long header as it lies in a datagram (RFC 9000 section 17.2), its protection still on. {@code token} is an
 * Initial's or a Retry's; {@code versions} are those of a Version Negotiation, but the reserved ones (section 15), which a server draws
 * anew each time; {@code end} is where the next packet begins.
 */
record LongPacket(
        Kind kind,
        int version,
        byte[] destinationId,
        byte[] sourceId,
        byte[] token,
        List<Integer> versions,
        int numberAt,
        int end) {
    static final int SAMPLE = 16;
    static final int TAG = 16;
    private static final int MAX_ID = 20;
    private static final int MAX_VERSIONS = 256;
    private static final int RESERVED_BITS = 0x0F0F0F0F;
    private static final int RESERVED_PATTERN = 0x0A0A0A0A;

    enum Kind {
        INITIAL(0),
        ZERO_RTT(1),
        HANDSHAKE(2),
        RETRY(3),
        VERSION_NEGOTIATION(-1),
        /** Of a version whose packets we cannot read. */
        FOREIGN(-1);

        /** How far its type bits lie after an Initial's of the same version (RFC 9000 §17.2, RFC 9369 §3.2). */
        private static final List<Kind> OF_TYPE = List.of(INITIAL, ZERO_RTT, HANDSHAKE, RETRY);

        private final int offset;

        Kind(int offset) {
            this.offset = offset;
        }
    }

    /** With its protection off. */
    record Opened(long packetNumber, byte[] payload) {}

    /** The packet that begins at {@code from}; empty for one with a short header. */
    static Optional<LongPacket> read(byte[] datagram, int from) throws MalformedMessage {
        ByteReader reader = ByteReader.of(datagram, from, datagram.length - from);
        int first = reader.u8("first byte");
        if ((first & 0x80) == 0) {
            return Optional.empty();
        }
        int version = (int) reader.u32("version");
        byte[] destination = reader.vec8("destination connection id");
        byte[] source = reader.vec8("source connection id");
        int end = datagram.length;
        if (version == 0) {
            List<Integer> versions = new ArrayList<>();
            while (!reader.isEmpty() && versions.size() < MAX_VERSIONS) {
                int named = (int) reader.u32("supported version");
                if ((named & RESERVED_BITS) != RESERVED_PATTERN) {
                    versions.add(named);
                }
            }
            return Optional.of(new LongPacket(
                    Kind.VERSION_NEGOTIATION,
                    version,
                    destination,
                    source,
                    new byte[0],
                    List.copyOf(versions),
                    end,
                    end));
        }
        Optional<QuicVersion> known = QuicVersion.numbered(version);
        if (known.isEmpty() || destination.length > MAX_ID || source.length > MAX_ID) {
            return Optional.of(
                    new LongPacket(Kind.FOREIGN, version, destination, source, new byte[0], List.of(), end, end));
        }
        Kind kind = Kind.OF_TYPE.get((first >>> 4) - known.get().initialType() & 3);
        if (kind == Kind.RETRY) {
            byte[] rest = reader.rest();
            if (rest.length < TAG) {
                throw new MalformedMessage("retry packet: no room for its tag");
            }
            byte[] token = Arrays.copyOf(rest, rest.length - TAG);
            return Optional.of(new LongPacket(kind, version, destination, source, token, List.of(), end, end));
        }
        byte[] token = kind == Kind.INITIAL ? reader.take(InitialPacket.length(reader, "token"), "token") : new byte[0];
        int length = InitialPacket.length(reader, "length");
        int numberAt = datagram.length - reader.remaining();
        reader.take(length, "packet");
        if (length < 4 + SAMPLE) {
            throw new MalformedMessage("packet: " + length + " bytes are too few for a sample");
        }
        return Optional.of(
                new LongPacket(kind, version, destination, source, token, List.of(), numberAt, numberAt + length));
    }

    /** Takes the protection off a packet that begins at {@code from}; empty when the keys do not fit. */
    static Optional<Opened> open(byte[] datagram, int from, int numberAt, int end, PacketProtection keys) {
        byte[] mask = keys.mask(Arrays.copyOfRange(datagram, numberAt + 4, numberAt + 4 + SAMPLE));
        byte[] plain = Arrays.copyOfRange(datagram, from, end);
        plain[0] ^= (byte) (mask[0] & 0x0F);
        int numberLength = (plain[0] & 3) + 1;
        long number = 0;
        for (int i = 0; i < numberLength; i++) {
            plain[numberAt - from + i] ^= mask[1 + i];
            number = number << 8 | plain[numberAt - from + i] & 0xFF;
        }
        byte[] header = Arrays.copyOf(plain, numberAt - from + numberLength);
        try {
            byte[] sealed = Arrays.copyOfRange(datagram, numberAt + numberLength, end);
            return Optional.of(new Opened(number, keys.open(number, header, sealed)));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    /** A protected packet, its number in four bytes. */
    static byte[] seal(
            QuicVersion version,
            Kind kind,
            byte[] destinationId,
            byte[] sourceId,
            byte[] token,
            long packetNumber,
            byte[] payload,
            PacketProtection keys) {
        int type = kind.offset + version.initialType() & 3;
        byte[] header = ByteWriter.write(w -> {
            w.u8(0xC0 | type << 4 | 3).u32(Integer.toUnsignedLong(version.number()));
            w.vec8(destinationId).vec8(sourceId);
            if (kind == Kind.INITIAL) {
                InitialPacket.varint(w, token.length);
                w.raw(token);
            }
            InitialPacket.varint(w, 4 + payload.length + TAG);
            w.u32(packetNumber);
        });
        byte[] sealed = keys.seal(packetNumber, header, payload);
        byte[] mask = keys.mask(Arrays.copyOf(sealed, SAMPLE));
        header[0] ^= (byte) (mask[0] & 0x0F);
        for (int i = 0; i < 4; i++) {
            header[header.length - 4 + i] ^= mask[1 + i];
        }
        byte[] packet = Arrays.copyOf(header, header.length + sealed.length);
        System.arraycopy(sealed, 0, packet, header.length, sealed.length);
        return packet;
    }
}

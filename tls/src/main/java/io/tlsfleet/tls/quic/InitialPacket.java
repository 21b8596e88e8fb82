package io.tlsfleet.tls.quic;

import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.util.List;
import java.util.Optional;

/** One Initial packet (RFC 9000 section 17.2.2): ids, token, number and the plain payload of frames. */
public record InitialPacket(
        QuicVersion version, byte[] destinationId, byte[] sourceId, byte[] token, long packetNumber, byte[] payload) {

    private static final int LONG_HEADER = 0x80;
    private static final int MAX_ID = 20;

    /** What a datagram shows before any key: its version, the ids, and where its parts lie. */
    public record Header(
            QuicVersion version, byte[] destinationId, byte[] sourceId, byte[] token, int numberAt, int end) {}

    /** The header of the Initial packet that begins at {@code from}; empty for any other packet. */
    public static Optional<Header> header(byte[] datagram, int from) throws MalformedMessage {
        ByteReader reader = ByteReader.of(datagram, from, datagram.length - from);
        int first = reader.u8("first byte");
        if ((first & LONG_HEADER) == 0) {
            return Optional.empty();
        }
        Optional<QuicVersion> version = QuicVersion.numbered((int) reader.u32("version"));
        if (version.isEmpty() || (first >>> 4 & 3) != version.get().initialType()) {
            return Optional.empty();
        }
        byte[] destination = reader.vec8("destination connection id");
        byte[] source = reader.vec8("source connection id");
        if (destination.length > MAX_ID || source.length > MAX_ID) {
            throw new MalformedMessage("connection id: over " + MAX_ID + " bytes");
        }
        byte[] token = reader.take(length(reader, "token"), "token");
        int length = length(reader, "length");
        int numberAt = datagram.length - reader.remaining();
        reader.take(length, "packet");
        if (length < 4 + LongPacket.SAMPLE) {
            throw new MalformedMessage("initial packet: " + length + " bytes are too few for a sample");
        }
        return Optional.of(new Header(version.get(), destination, source, token, numberAt, numberAt + length));
    }

    /** Where the packet that begins at {@code from}, of whatever kind, ends; the datagram's end for one with a short header. */
    public static int end(byte[] datagram, int from) throws MalformedMessage {
        return LongPacket.read(datagram, from).map(LongPacket::end).orElse(datagram.length);
    }

    /** Takes the protection off; empty when the keys do not fit. */
    public static Optional<InitialPacket> open(byte[] datagram, int from, Header header, InitialKeys keys) {
        return LongPacket.open(datagram, from, header.numberAt, header.end, keys)
                .map(opened -> new InitialPacket(
                        header.version,
                        header.destinationId,
                        header.sourceId,
                        header.token,
                        opened.packetNumber(),
                        opened.payload()));
    }

    /** The protected packet, its number in four bytes. */
    public byte[] seal(InitialKeys keys) {
        return LongPacket.seal(
                version, LongPacket.Kind.INITIAL, destinationId, sourceId, token, packetNumber, payload, keys);
    }

    /** A piece of the CRYPTO stream (RFC 9000 section 19.6). */
    public record Crypto(long offset, byte[] data) {}

    /** The CRYPTO frames of the payload; PADDING, PING, ACK and CONNECTION_CLOSE are read past. */
    public List<Crypto> cryptoFrames() throws MalformedMessage {
        return Frames.read(payload).crypto();
    }

    /** The error code of a CONNECTION_CLOSE frame; 0x100 + alert for TLS's own (RFC 9001 section 4.8). */
    public Optional<Long> closeCode() throws MalformedMessage {
        return Frames.read(payload).closeCode();
    }

    static int length(ByteReader reader, String part) throws MalformedMessage {
        long length = varint(reader, part);
        if (length > reader.remaining()) {
            throw new MalformedMessage(part + ": wants " + length + " bytes, has " + reader.remaining());
        }
        return (int) length;
    }

    /** RFC 9000 section 16. */
    static long varint(ByteReader reader, String part) throws MalformedMessage {
        int first = reader.u8(part);
        long value = first & 0x3F;
        for (int more = (1 << (first >>> 6)) - 1; more > 0; more--) {
            value = value << 8 | reader.u8(part);
        }
        return value;
    }

    static void varint(ByteWriter writer, int value) {
        if (value < 64) {
            writer.u8(value);
        } else if (value < 16384) {
            writer.u16(0x4000 | value);
        } else {
            writer.u32(0x80000000L | value);
        }
    }
}

package io.tlsfleet.tls.quic;

import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** One Initial packet (RFC 9000 section 17.2.2): ids, token, number and the plain payload of frames. */
public record InitialPacket(
        QuicVersion version, byte[] destinationId, byte[] sourceId, byte[] token, long packetNumber, byte[] payload) {

    private static final int LONG_HEADER = 0x80;
    private static final int FIXED_BIT = 0x40;
    private static final int MAX_ID = 20;
    private static final int SAMPLE = 16;
    private static final int TAG = 16;

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
        if (length < 4 + SAMPLE) {
            throw new MalformedMessage("initial packet: " + length + " bytes are too few for a sample");
        }
        return Optional.of(new Header(version.get(), destination, source, token, numberAt, numberAt + length));
    }

    /** Takes the protection off; empty when the keys do not fit. */
    public static Optional<InitialPacket> open(byte[] datagram, int from, Header header, InitialKeys keys) {
        int at = header.numberAt;
        byte[] mask = keys.mask(Arrays.copyOfRange(datagram, at + 4, at + 4 + SAMPLE));
        byte[] plain = Arrays.copyOfRange(datagram, from, header.end);
        plain[0] ^= (byte) (mask[0] & 0x0F);
        int numberLength = (plain[0] & 3) + 1;
        long number = 0;
        for (int i = 0; i < numberLength; i++) {
            plain[at - from + i] ^= mask[1 + i];
            number = number << 8 | plain[at - from + i] & 0xFF;
        }
        byte[] aad = Arrays.copyOf(plain, at - from + numberLength);
        try {
            byte[] payload = keys.open(number, aad, Arrays.copyOfRange(datagram, at + numberLength, header.end));
            return Optional.of(new InitialPacket(
                    header.version, header.destinationId, header.sourceId, header.token, number, payload));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    /** The protected packet, its number in four bytes. */
    public byte[] seal(InitialKeys keys) {
        byte[] header = ByteWriter.write(w -> {
            w.u8(LONG_HEADER | FIXED_BIT | version.initialType() << 4 | 3).u32(version.number());
            w.vec8(destinationId).vec8(sourceId);
            varint(w, token.length);
            w.raw(token);
            varint(w, 4 + payload.length + TAG);
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

    /** A piece of the CRYPTO stream (RFC 9000 section 19.6). */
    public record Crypto(long offset, byte[] data) {}

    /** The CRYPTO frames of the payload; PADDING, PING, ACK and CONNECTION_CLOSE are read past. */
    public List<Crypto> cryptoFrames() throws MalformedMessage {
        List<Crypto> frames = new ArrayList<>();
        ByteReader reader = ByteReader.of(payload);
        while (!reader.isEmpty()) {
            long type = varint(reader, "frame type");
            if (type == 0x06) {
                long offset = varint(reader, "crypto offset");
                frames.add(new Crypto(offset, reader.take(length(reader, "crypto"), "crypto")));
            } else if (type == 0x02 || type == 0x03) {
                skipAck(reader, type == 0x03);
            } else if (type == 0x1C || type == 0x1D) {
                return frames;
            } else if (type != 0x00 && type != 0x01) {
                throw new MalformedMessage("frame type 0x%X in an Initial packet".formatted(type));
            }
        }
        return frames;
    }

    /** The error code of a CONNECTION_CLOSE frame; 0x100 + alert for TLS's own (RFC 9001 section 4.8). */
    public Optional<Long> closeCode() throws MalformedMessage {
        ByteReader reader = ByteReader.of(payload);
        while (!reader.isEmpty()) {
            long type = varint(reader, "frame type");
            switch ((int) type) {
                case 0x00, 0x01 -> {}
                case 0x02, 0x03 -> skipAck(reader, type == 0x03);
                case 0x06 -> {
                    varint(reader, "crypto offset");
                    reader.take(length(reader, "crypto"), "crypto");
                }
                case 0x1C, 0x1D -> {
                    return Optional.of(varint(reader, "error code"));
                }
                default -> throw new MalformedMessage("frame type 0x%X in an Initial packet".formatted(type));
            }
        }
        return Optional.empty();
    }

    private static void skipAck(ByteReader reader, boolean ecn) throws MalformedMessage {
        varint(reader, "ack");
        varint(reader, "ack delay");
        long ranges = varint(reader, "ack ranges");
        varint(reader, "ack range");
        for (long i = 0; i < ranges; i++) {
            varint(reader, "ack gap");
            varint(reader, "ack range");
        }
        for (int i = 0; ecn && i < 3; i++) {
            varint(reader, "ecn count");
        }
    }

    private static int length(ByteReader reader, String part) throws MalformedMessage {
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

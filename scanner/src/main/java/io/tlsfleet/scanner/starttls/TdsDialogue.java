package io.tlsfleet.scanner.starttls;

import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Microsoft SQL Server ([MS-TDS] 2.2.6.5): a PRELOGIN both ways, then TLS inside PRELOGIN packets as long as the handshake
 * lasts. After it the server speaks bare TLS, which is known by its first byte.
 */
final class TdsDialogue implements Dialogue {
    private static final int PRELOGIN = 0x12;
    private static final int RESPONSE = 0x04;
    private static final int HEADER = 8;
    private static final int MAX_PAYLOAD = 4096 - HEADER;
    private static final int VERSION = 0;
    private static final int ENCRYPTION = 1;
    private static final int TERMINATOR = 0xFF;
    private static final int ENCRYPT_NOT_SUPPORTED = 2;

    private boolean bare;

    @Override
    public byte[] opening() {
        byte[] options = new ByteWriter()
                .u8(VERSION)
                .u16(11)
                .u16(6)
                .u8(ENCRYPTION)
                .u16(17)
                .u16(1)
                .u8(TERMINATOR)
                .raw(new byte[] {17, 0, 0, 0, 0, 0})
                .u8(1)
                .toBytes();
        return packet(options, 0, options.length, true);
    }

    @Override
    public Move next(Incoming in) throws MalformedMessage {
        if (in.size() > 0 && in.at(0) != RESPONSE) {
            throw new MalformedMessage("starttls: no TDS response");
        }
        if (in.size() < HEADER) {
            return Move.WAIT;
        }
        int length = in.at(2) << 8 | in.at(3);
        if (length < HEADER) {
            throw new MalformedMessage("starttls: a TDS packet of " + length + " bytes");
        }
        if (in.size() < length) {
            return Move.WAIT;
        }
        byte[] payload = Arrays.copyOfRange(in.take(length), HEADER, length);
        ByteReader options = ByteReader.of(payload);
        for (int token = options.u8("PRELOGIN token"); token != TERMINATOR; token = options.u8("PRELOGIN token")) {
            int offset = options.u16("PRELOGIN offset");
            int size = options.u16("PRELOGIN length");
            if (token == ENCRYPTION) {
                if (size < 1 || offset >= payload.length) {
                    throw new MalformedMessage("starttls: a PRELOGIN option out of bounds");
                }
                return payload[offset] == ENCRYPT_NOT_SUPPORTED
                        ? new Move.No("the server does not encrypt")
                        : new Move.Ready(new byte[0]);
            }
        }
        return new Move.No("PRELOGIN without encryption");
    }

    @Override
    public byte[] wrap(byte[] tls) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int at = 0; at < tls.length; at += MAX_PAYLOAD) {
            int size = Math.min(MAX_PAYLOAD, tls.length - at);
            out.writeBytes(packet(tls, at, size, at + size == tls.length));
        }
        return out.toByteArray();
    }

    @Override
    public byte[] unwrap(Incoming in) throws MalformedMessage {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        while (in.size() > 0) {
            int first = in.at(0);
            if (bare || first != PRELOGIN && first != RESPONSE) {
                bare = true;
                out.writeBytes(in.takeAll());
                break;
            }
            if (in.size() < HEADER) {
                break;
            }
            int length = in.at(2) << 8 | in.at(3);
            if (length < HEADER) {
                throw new MalformedMessage("starttls: a TDS packet of " + length + " bytes");
            }
            if (in.size() < length) {
                break;
            }
            byte[] whole = in.take(length);
            out.write(whole, HEADER, length - HEADER);
        }
        return out.toByteArray();
    }

    private static byte[] packet(byte[] payload, int at, int size, boolean last) {
        return new ByteWriter()
                .u8(PRELOGIN)
                .u8(last ? 1 : 0)
                .u16(HEADER + size)
                .u16(0)
                .u8(0)
                .u8(0)
                .raw(Arrays.copyOfRange(payload, at, at + size))
                .toBytes();
    }
}

package io.tlsfleet.scanner.scan;

import io.tlsfleet.tls.record.HandshakeMessage;
import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.der.DerWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** What servers of bad will send, in answer to whatever hello: each ends when the client has had enough. */
final class HostileFlights {
    static final int TLS_1_2 = 0x0303;
    private static final byte[] RETRY =
            new BigInteger("CF21AD74E59A6111BE1D8C021E65B891C2A211167ABB8C5E079E09E2C8A8339C", 16).toByteArray();

    private HostileFlights() {}

    /** Chosen from the hello: its first suite that is none of TLS 1.3. */
    static int suiteOf(byte[] clientHelloRecord) {
        try {
            ByteReader reader = ByteReader.of(clientHelloRecord);
            reader.take(5 + 4 + 2 + 32, "headers, version, random");
            reader.vec8("session_id");
            for (int suite : reader.sub16("cipher_suites").u16List("cipher_suites")) {
                if (suite >>> 8 != 0x13) {
                    return suite;
                }
            }
            return 0x1301;
        } catch (MalformedMessage e) {
            return 0x002F;
        }
    }

    static byte[] serverHello(int version, int suite, boolean retry, ByteWriter extensions) {
        return ByteWriter.write(w -> w.u16(version)
                .raw(retry ? lastOf(RETRY, 32) : new byte[32])
                .vec8(new byte[0])
                .u16(suite)
                .u8(0)
                .vec16(extensions.toBytes()));
    }

    static byte[] handshake(int type, byte[] body) {
        return records(new HandshakeMessage(type, body).encode());
    }

    /** A message in as many records as it needs. */
    static byte[] records(byte[] message) {
        ByteWriter out = new ByteWriter();
        for (int at = 0; at < message.length; at += 16384) {
            byte[] piece = java.util.Arrays.copyOfRange(message, at, Math.min(message.length, at + 16384));
            out.raw(new TlsRecord(TlsRecord.HANDSHAKE, TLS_1_2, piece).encode());
        }
        return out.toBytes();
    }

    /** A whole flight of TLS 1.2 around these certificates, with RSA key exchange. */
    static byte[] flight(int suite, List<byte[]> chain) {
        byte[] certificate = ByteWriter.write(w -> w.vec24(list -> chain.forEach(list::vec24)));
        return new ByteWriter()
                .raw(handshake(HandshakeMessage.SERVER_HELLO, serverHello(TLS_1_2, suite, false, new ByteWriter())))
                .raw(handshake(HandshakeMessage.CERTIFICATE, certificate))
                .raw(handshake(HandshakeMessage.SERVER_HELLO_DONE, new byte[0]))
                .toBytes();
    }

    /** The same bytes until the peer is gone. */
    static void forEver(OutputStream out, byte[] bytes) throws IOException {
        while (true) {
            out.write(bytes);
        }
    }

    static byte[] random(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static byte[] repeated(byte[] piece, int times) {
        ByteWriter out = new ByteWriter();
        for (int i = 0; i < times; i++) {
            out.raw(piece);
        }
        return out.toBytes();
    }

    /** Names, dates and a signature that are in order; what is odd is the caller's. */
    static byte[] certificate(byte[] publicKey, byte[]... extensions) {
        byte[] rsa = DerWriter.sequence(DerWriter.oid("1.2.840.113549.1.1.11"), DerWriter.element(0x05));
        byte[] name = DerWriter.sequence(DerWriter.element(
                0x31,
                DerWriter.sequence(
                        DerWriter.oid("2.5.4.3"),
                        DerWriter.element(0x0C, "hostile".getBytes(StandardCharsets.US_ASCII)))));
        byte[] tbs = DerWriter.sequence(
                DerWriter.element(0xA0, DerWriter.element(0x02, new byte[] {2})),
                DerWriter.element(0x02, new byte[] {1}),
                rsa,
                name,
                DerWriter.sequence(time("260101000000Z"), time("270101000000Z")),
                name,
                publicKey,
                DerWriter.element(0xA3, DerWriter.element(0x30, List.of(extensions))));
        return DerWriter.sequence(tbs, rsa, DerWriter.element(0x03, new byte[257]));
    }

    static byte[] rsaKey(int bits) {
        byte[] modulus = BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE).toByteArray();
        return DerWriter.sequence(
                DerWriter.sequence(DerWriter.oid("1.2.840.113549.1.1.1"), DerWriter.element(0x05)),
                DerWriter.element(
                        0x03,
                        new byte[1],
                        DerWriter.sequence(
                                DerWriter.element(0x02, modulus), DerWriter.element(0x02, new byte[] {1, 0, 1}))));
    }

    static byte[] names(int count) {
        List<byte[]> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add(DerWriter.element(0x82, ("h" + i + ".example").getBytes(StandardCharsets.US_ASCII)));
        }
        return DerWriter.sequence(DerWriter.oid("2.5.29.17"), DerWriter.element(0x04, DerWriter.element(0x30, names)));
    }

    static byte[] nested(int depth) {
        byte[] header = new byte[depth * 4];
        int at = header.length;
        for (int inner = 0; inner < depth; inner++) {
            int length = header.length - at;
            at -= length < 128 ? 2 : length < 256 ? 3 : 4;
            header[at] = 0x30;
            if (length < 128) {
                header[at + 1] = (byte) length;
            } else if (length < 256) {
                header[at + 1] = (byte) 0x81;
                header[at + 2] = (byte) length;
            } else {
                header[at + 1] = (byte) 0x82;
                header[at + 2] = (byte) (length >> 8);
                header[at + 3] = (byte) length;
            }
        }
        return java.util.Arrays.copyOfRange(header, at, header.length);
    }

    static List<byte[]> copies(byte[] certificate, int count) {
        return Collections.nCopies(count, certificate);
    }

    private static byte[] time(String text) {
        return DerWriter.element(0x17, text.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] lastOf(byte[] bytes, int count) {
        return java.util.Arrays.copyOfRange(bytes, bytes.length - count, bytes.length);
    }
}

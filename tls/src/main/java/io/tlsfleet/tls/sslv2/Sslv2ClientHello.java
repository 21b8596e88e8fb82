package io.tlsfleet.tls.sslv2;

import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.wire.ByteWriter;
import java.util.List;

/** CLIENT-HELLO (draft-hickman-netscape-ssl-00 section 5.5.1) in a record with a two-byte header. */
public record Sslv2ClientHello(List<CipherSuite> ciphers, byte[] challenge) {
    private static final int TYPE = 1;
    private static final int VERSION = 0x0002;

    private static final List<CipherSuite> EVERY_CIPHER =
            CipherSuite.all().stream().filter(s -> s.code() > 0xFFFF).toList();

    /** Every kind that SSL 2.0 knew. */
    public static List<CipherSuite> everyCipher() {
        return EVERY_CIPHER;
    }

    public byte[] encode() {
        byte[] message = new ByteWriter()
                .u8(TYPE)
                .u16(VERSION)
                .u16(3 * ciphers.size())
                .u16(0)
                .u16(challenge.length)
                .raw(ByteWriter.write(w -> ciphers.forEach(c -> w.u24(c.code()))))
                .raw(challenge)
                .toBytes();
        return new ByteWriter().u16(0x8000 | message.length).raw(message).toBytes();
    }
}

package io.tlsfleet.tls.keys;

import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.util.Arrays;

/** Record protection of TLS 1.3 (RFC 8446 section 5.2): the content type inside, padding of zeros behind it. */
public final class Tls13RecordCipher implements RecordCipher {
    private static final int IV_LENGTH = 12;
    private static final int LEGACY_VERSION = ProtocolVersion.TLS_1_2.code();

    private final Tls13Suite suite;
    private final byte[] trafficSecret;
    private final Aead aead;
    private final byte[] iv;
    private long sequence;

    public Tls13RecordCipher(Tls13Suite suite, byte[] trafficSecret) {
        Hkdf hkdf = new Hkdf(suite.hash());
        this.suite = suite;
        this.trafficSecret = trafficSecret;
        this.aead = new Aead(
                suite.aead(),
                hkdf.expandLabel(trafficSecret, "key", new byte[0], suite.aead().keyLength()));
        this.iv = hkdf.expandLabel(trafficSecret, "iv", new byte[0], IV_LENGTH);
    }

    /** The cipher after a KeyUpdate (RFC 8446 section 7.2). */
    public Tls13RecordCipher next() {
        byte[] updated = new Hkdf(suite.hash())
                .expandLabel(
                        trafficSecret, "traffic upd", new byte[0], suite.hash().length());
        return new Tls13RecordCipher(suite, updated);
    }

    @Override
    public byte[] seal(int type, byte[] content) {
        byte[] inner = Arrays.copyOf(content, content.length + 1);
        inner[content.length] = (byte) type;
        byte[] header = header(inner.length + suite.aead().tagLength());
        byte[] sealed = aead.seal(nonce(), header, inner);
        return new ByteWriter().raw(header).raw(sealed).toBytes();
    }

    @Override
    public TlsRecord open(TlsRecord sealed) throws MalformedMessage {
        if (sealed.type() != TlsRecord.APPLICATION_DATA) {
            throw new MalformedMessage("record: content type " + sealed.type() + " where a protected one is due");
        }
        byte[] inner = aead.open(nonce(), header(sealed.fragment().length), sealed.fragment());
        int end = inner.length - 1;
        while (end >= 0 && inner[end] == 0) {
            end--;
        }
        if (end < 0) {
            throw new MalformedMessage("record: nothing but padding");
        }
        return new TlsRecord(inner[end] & 0xFF, sealed.version(), Arrays.copyOf(inner, end));
    }

    private byte[] nonce() {
        byte[] nonce = iv.clone();
        for (int i = 0; i < 8; i++) {
            nonce[IV_LENGTH - 1 - i] ^= (byte) (sequence >>> 8 * i);
        }
        sequence++;
        return nonce;
    }

    private static byte[] header(int length) {
        return new ByteWriter()
                .u8(TlsRecord.APPLICATION_DATA)
                .u16(LEGACY_VERSION)
                .u16(length)
                .toBytes();
    }
}

package io.tlsfleet.scanner.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tlsfleet.tls.handshake.ServerMessage.CompressedCertificate;
import io.tlsfleet.tls.keys.CertificateDecompression;
import io.tlsfleet.tls.keys.RsaKeyExchange;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.der.DerWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;

/** What a server may choose for us to calculate or to unpack has an end. */
class HostileLimitsTest {
    private static final int ZLIB = 1;

    @Test
    void refusesAnRsaExponentAsLongAsItsModulus() {
        byte[] certificate = HostileFlights.certificate(rsaKey(4096, 4096));
        assertThatThrownBy(() -> RsaKeyExchange.of(certificate))
                .isInstanceOf(MalformedMessage.class)
                .hasMessageContaining("an RSA exponent of 4096 bits");
    }

    @Test
    void refusesAnRsaModulusThatNobodyVerifies() {
        byte[] certificate = HostileFlights.certificate(rsaKey(16_384, 17));
        assertThatThrownBy(() -> RsaKeyExchange.of(certificate)).hasMessageContaining("an RSA modulus of 16384 bits");
    }

    @Test
    void encryptsToAnUsualRsaKey() throws MalformedMessage {
        RsaKeyExchange exchange = RsaKeyExchange.of(HostileFlights.certificate(rsaKey(2048, 17)));
        assertThat(exchange.encrypt(new byte[256])).hasSize(256);
    }

    @Test
    void refusesACompressedCertificateThatDeclaresTooMuch() {
        assertThatThrownBy(() -> CertificateDecompression.read(new CompressedCertificate(ZLIB, 0xFFFFFF, new byte[10])))
                .hasMessageContaining("declares 16777215 bytes");
    }

    @Test
    void unpacksNoMoreOfABombThanItDeclares() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (DeflaterOutputStream out = new DeflaterOutputStream(packed)) {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 64; i++) {
                out.write(zeros);
            }
        }
        assertThat(packed.size()).as("a thousand to one").isLessThan(1 << 17);
        assertThatThrownBy(() ->
                        CertificateDecompression.read(new CompressedCertificate(ZLIB, 200_000, packed.toByteArray())))
                .isInstanceOf(MalformedMessage.class);
    }

    @Test
    void unpacksACompressedCertificate() throws IOException, MalformedMessage {
        byte[] message = ByteWriter.write(w -> w.vec8(new byte[0])
                .vec24(list ->
                        list.vec24(HostileFlights.certificate(rsaKey(2048, 17))).vec16(new byte[0])));
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (DeflaterOutputStream out = new DeflaterOutputStream(packed)) {
            out.write(message);
        }
        assertThat(CertificateDecompression.read(new CompressedCertificate(ZLIB, message.length, packed.toByteArray()))
                        .orElseThrow()
                        .entries())
                .hasSize(1);
    }

    private static byte[] rsaKey(int modulusBits, int exponentBits) {
        BigInteger modulus = BigInteger.ONE.shiftLeft(modulusBits).subtract(BigInteger.ONE);
        BigInteger exponent = BigInteger.ONE.shiftLeft(exponentBits - 1).add(BigInteger.ONE);
        return DerWriter.sequence(
                DerWriter.sequence(DerWriter.oid("1.2.840.113549.1.1.1"), DerWriter.element(0x05)),
                DerWriter.element(
                        0x03,
                        new byte[1],
                        DerWriter.sequence(
                                DerWriter.element(0x02, modulus.toByteArray()),
                                DerWriter.element(0x02, exponent.toByteArray()))));
    }
}

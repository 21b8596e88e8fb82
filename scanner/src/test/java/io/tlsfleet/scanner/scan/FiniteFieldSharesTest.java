package io.tlsfleet.scanner.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Observation.FiniteFieldDh;
import io.tlsfleet.fleet.policy.Judge;
import io.tlsfleet.fleet.policy.Memory;
import io.tlsfleet.fleet.policy.Policies;
import io.tlsfleet.tls.PeerProcess;
import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.record.HandshakeMessage;
import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.bouncycastle.crypto.agreement.DHStandardGroups;
import org.bouncycastle.util.BigIntegers;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** RACCOON wants a server that uses its Diffie-Hellman share again: one of ours does, OpenSSL does not, with one such suite, which enumeration sees once or twice. */
@Timeout(120)
class FiniteFieldSharesTest {
    private static final int DHE_RSA = 0x009E;
    private static final byte[] PRIME = BigIntegers.asUnsignedByteArray(DHStandardGroups.rfc7919_ffdhe2048.getP());

    @TempDir
    static Path directory;

    private static byte[] certificate = new byte[0];

    @BeforeAll
    static void certificate() throws IOException {
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
        PeerProcess.run(directory, "openssl", "x509", "-in", "cert.pem", "-outform", "DER", "-out", "cert.der");
        certificate = Files.readAllBytes(directory.resolve("cert.der"));
    }

    @Test
    void findsAShareThatIsUsedAgain() {
        byte[] share = share();
        try (Front server = new Front((client, number) -> serve(client, share));
                Rig rig = new Rig()) {
            Observation seen = rig.scan(server.port(), Depth.FULL);
            assertThat(dh(seen).shareReused()).isTrue();
            assertThat(raccoon(seen)).isEqualTo("vulnerable");
        }
        try (Front server = new Front((client, number) -> serve(client, share()));
                Rig rig = new Rig()) {
            assertThat(dh(rig.scan(server.port(), Depth.FULL)).shareReused()).isFalse();
        }
    }

    @Test
    void clearsOpenSsl() {
        try (PeerProcess server = PeerProcess.start(
                        directory,
                        "openssl",
                        "s_server",
                        "-accept",
                        "127.0.0.1:{port}",
                        "-cert",
                        "cert.pem",
                        "-key",
                        "key.pem",
                        "-tls1_2",
                        "-cipher",
                        "ECDHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES128-GCM-SHA256",
                        "-www");
                Rig rig = new Rig()) {
            Observation seen = rig.scan(server.port(), Depth.FULL);
            assertThat(dh(seen).shareReused()).isFalse();
            assertThat(raccoon(seen)).isEqualTo("not-vulnerable");
        }
    }

    private static FiniteFieldDh dh(Observation seen) {
        List<FiniteFieldDh> all = Objects.requireNonNull(seen.finiteFieldDh());
        assertThat(all).hasSize(1);
        return all.getFirst();
    }

    private static String raccoon(Observation seen) {
        return Objects.requireNonNull(Judge.judge(
                                seen,
                                List.of(Objects.requireNonNull(Policies.find(Policies.DEFAULT))),
                                List.of(),
                                Memory.NONE,
                                Instant.parse("2026-11-21T08:00:00Z"))
                        .vulnerabilities())
                .stream()
                .filter(v -> v.id().equals("raccoon"))
                .map(Observation.Vulnerability::state)
                .findFirst()
                .orElse("absent");
    }

    private static byte[] share() {
        byte[] share = new byte[PRIME.length];
        new SecureRandom().nextBytes(share);
        share[0] = 1;
        return share;
    }

    /** A flight of TLS 1.2 whose signature nobody checks, for those who offer the one suite. */
    private static void serve(Socket client, byte[] share) throws IOException {
        byte[] record = Front.firstRecord(client);
        client.getOutputStream().write(offersIt(record) ? flight(share) : new byte[] {21, 3, 3, 0, 2, 2, 40});
        client.getOutputStream().flush();
        client.getInputStream().read();
    }

    private static boolean offersIt(byte[] record) {
        try {
            ClientHello hello = ClientHello.decode(Arrays.copyOfRange(record, 9, record.length));
            return hello.legacyVersion().code() == 0x0303
                    && hello.cipherSuites().contains(new CipherSuite(DHE_RSA));
        } catch (MalformedMessage | RuntimeException e) {
            // An SSLv2 hello, or none.
            return false;
        }
    }

    private static byte[] flight(byte[] share) {
        byte[] hello = HostileFlights.serverHello(HostileFlights.TLS_1_2, DHE_RSA, false, new ByteWriter());
        byte[] exchange = ByteWriter.write(w ->
                w.vec16(PRIME).vec16(new byte[] {2}).vec16(share).u16(0x0401).vec16(new byte[256]));
        byte[] chain = ByteWriter.write(w -> w.vec24(list -> list.vec24(certificate)));
        byte[] messages = new ByteWriter()
                .raw(new HandshakeMessage(HandshakeMessage.SERVER_HELLO, hello).encode())
                .raw(new HandshakeMessage(HandshakeMessage.CERTIFICATE, chain).encode())
                .raw(new HandshakeMessage(HandshakeMessage.SERVER_KEY_EXCHANGE, exchange).encode())
                .raw(new HandshakeMessage(HandshakeMessage.SERVER_HELLO_DONE, new byte[0]).encode())
                .toBytes();
        return new TlsRecord(TlsRecord.HANDSHAKE, HostileFlights.TLS_1_2, messages).encode();
    }
}

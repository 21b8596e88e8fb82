package io.tlsfleet.tls.keys;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.BlockingTalk;
import io.tlsfleet.tls.Hellos;
import io.tlsfleet.tls.PeerProcess;
import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.handshake.Extension;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.ServerMessage;
import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against OpenSSL's own server at security level 0. */
class Tls12HandshakeTest {
    private static final KeyShares SHARES = new KeyShares(new SecureRandom());
    private static final int ECDHE_RSA_AES128_GCM = 0xC02F;

    @TempDir
    static Path directory;

    private static PeerProcess server;

    @BeforeAll
    static void start() {
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
        server = openssl();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
                "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
                "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
                "TLS_ECDHE_RSA_WITH_CAMELLIA_128_CBC_SHA256",
                "TLS_ECDHE_RSA_WITH_ARIA_256_GCM_SHA384",
                "TLS_ECDHE_RSA_WITH_NULL_SHA",
                "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
                "TLS_DHE_RSA_WITH_AES_128_CCM_8",
                "TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA",
                "TLS_DH_anon_WITH_AES_128_CBC_SHA256",
                "TLS_ECDH_anon_WITH_AES_128_CBC_SHA",
                "TLS_RSA_WITH_AES_128_GCM_SHA256",
                "TLS_RSA_WITH_AES_256_CCM",
                "TLS_RSA_WITH_AES_256_CBC_SHA256",
                "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"
            })
    void finishesWithEveryKindOfSuite(String name) {
        Tls12Result result =
                finish(ProtocolVersion.TLS_1_2, CipherSuite.named(name).code());
        assertThat(result.unintelligible()).isNull();
        assertThat(result.unsupported()).isNull();
        assertThat(result.alert()).isEmpty();
        assertThat(result.finished()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0x0301, 0x0302, 0x0303})
    void finishesWithEveryVersion(int version) {
        ProtocolVersion wanted = new ProtocolVersion(version);
        for (int suite : new int[] {0xC014, 0x0035}) {
            Tls12Result result = finish(wanted, suite);
            assertThat(result.unintelligible()).isNull();
            assertThat(result.finished()).isTrue();
            assertThat(result.serverHello().orElseThrow().legacyVersion()).isEqualTo(wanted);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x0301, 0x0303})
    void finishesWithEncryptThenMacAndExtendedMasterSecret(int version) {
        Tls12Result result = run(
                Hellos.tls12(
                        new ProtocolVersion(version),
                        List.of(0xC014),
                        Extensions.empty(Extensions.ENCRYPT_THEN_MAC),
                        Extensions.empty(Extensions.EXTENDED_MASTER_SECRET)),
                Tls12Options.PLAIN);
        assertThat(result.finished()).isTrue();
        assertThat(result.serverHello().orElseThrow().extension(Extensions.ENCRYPT_THEN_MAC))
                .isPresent();
        assertThat(Objects.requireNonNull(result.session()).extendedMasterSecret())
                .isTrue();
    }

    @Test
    void resumesByTicketAndBySessionId() {
        Tls12Session ticket = Objects.requireNonNull(run(
                        Hellos.tls12(
                                ProtocolVersion.TLS_1_2,
                                List.of(ECDHE_RSA_AES128_GCM),
                                Extensions.empty(Extensions.SESSION_TICKET)),
                        Tls12Options.PLAIN)
                .session());
        assertThat(ticket.ticket()).hasSizeGreaterThan(100);
        assertThat(ticket.ticketLifetimeSeconds()).isEqualTo(7200);
        assertThat(ticket.ticketKeyName().orElseThrow()).hasSize(32);
        assertThat(run(
                                Hellos.tls12(ProtocolVersion.TLS_1_2, List.of(ECDHE_RSA_AES128_GCM)),
                                Tls12Options.PLAIN.resuming(ticket))
                        .resumed())
                .isTrue();

        Tls12Session id = Objects.requireNonNull(
                finish(ProtocolVersion.TLS_1_2, ECDHE_RSA_AES128_GCM).session());
        assertThat(id.ticket()).isEmpty();
        assertThat(id.sessionId()).hasSize(32);
        Tls12Result again = run(
                Hellos.tls12(ProtocolVersion.TLS_1_2, List.of(ECDHE_RSA_AES128_GCM)), Tls12Options.PLAIN.resuming(id));
        assertThat(again.resumed()).isTrue();
        assertThat(again.finished()).isTrue();

        byte[] stranger = id.sessionId().clone();
        stranger[0] ^= 1;
        Tls12Result full = run(
                Hellos.tls12(ProtocolVersion.TLS_1_2, List.of(ECDHE_RSA_AES128_GCM)),
                Tls12Options.PLAIN.resuming(new Tls12Session(
                        id.version(), id.suite(), id.masterSecret(), stranger, new byte[0], 0, false)));
        assertThat(full.resumed()).isFalse();
        assertThat(full.finished()).isTrue();
    }

    @Test
    void startsARenegotiationThatOpenSslRefuses() {
        Tls12Options.After renegotiate = channel -> {
            ClientHello hello = Hellos.tls12(ProtocolVersion.TLS_1_2, List.of(ECDHE_RSA_AES128_GCM));
            List<Extension> extensions = new ArrayList<>(Objects.requireNonNull(hello.extensions()));
            extensions.removeIf(e -> e.type().code() == Extensions.RENEGOTIATION_INFO);
            byte[] verifyData = channel.clientVerifyData();
            extensions.add(new Extension(
                    Extensions.RENEGOTIATION_INFO, io.tlsfleet.tls.wire.ByteWriter.write(w -> w.vec8(verifyData))));
            return channel.seal(
                    TlsRecord.HANDSHAKE,
                    new ClientHello(
                                    hello.legacyVersion(),
                                    hello.random(),
                                    hello.sessionId(),
                                    hello.cipherSuites(),
                                    hello.compressionMethods(),
                                    extensions)
                            .encode()
                            .encode());
        };
        Tls12Result refused = run(
                Hellos.tls12(ProtocolVersion.TLS_1_2, List.of(ECDHE_RSA_AES128_GCM)),
                Tls12Options.PLAIN.then(renegotiate));
        assertThat(refused.alerts().stream().map(a -> a.description().name())).contains("no_renegotiation");
        try (PeerProcess willing = openssl("-client_renegotiation")) {
            Tls12Result accepted = BlockingTalk.run(
                    willing.port(),
                    new Tls12Handshake(
                            Hellos.tls12(ProtocolVersion.TLS_1_2, List.of(ECDHE_RSA_AES128_GCM)),
                            SHARES,
                            Tls12Options.PLAIN.then(renegotiate)));
            assertThat(accepted.after().stream().filter(r -> r.type() == TlsRecord.HANDSHAKE))
                    .isNotEmpty();
        }
    }

    @Test
    void readsWhatTheApplicationAnswers() {
        try (PeerProcess web = openssl("-www")) {
            byte[] get = "GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
            Tls12Result result = BlockingTalk.run(
                    web.port(),
                    new Tls12Handshake(
                            Hellos.tls12(ProtocolVersion.TLS_1_2, List.of(ECDHE_RSA_AES128_GCM)),
                            SHARES,
                            Tls12Options.PLAIN.then(Tls12Options.After.request(get))));
            assertThat(new String(result.applicationData(), StandardCharsets.ISO_8859_1))
                    .startsWith("HTTP/1.0 200 ok");
        }
    }

    @Test
    void isRefusedWithoutAClientCertificate() {
        try (PeerProcess strict = openssl("-Verify", "1")) {
            Tls12Result result = BlockingTalk.run(
                    strict.port(),
                    new Tls12Handshake(Hellos.tls12(ProtocolVersion.TLS_1_2, List.of(ECDHE_RSA_AES128_GCM)), SHARES));
            assertThat(result.askedForCertificate()).isTrue();
            assertThat(result.finished()).isFalse();
            assertThat(result.reached()).isEqualTo(Tls12Result.Step.ANSWERED);
            assertThat(result.alert().orElseThrow().description().name()).isEqualTo("handshake_failure");
            assertThat(result.first(ServerMessage.CertificateRequest.class)
                            .orElseThrow()
                            .signatureSchemes())
                    .isNotEmpty();
        }
    }

    private static Tls12Result finish(ProtocolVersion version, int suite) {
        return run(Hellos.tls12(version, List.of(suite)), Tls12Options.PLAIN);
    }

    private static Tls12Result run(ClientHello hello, Tls12Options options) {
        return BlockingTalk.run(server.port(), new Tls12Handshake(hello, SHARES, options));
    }

    private static PeerProcess openssl(String... more) {
        List<String> words = new ArrayList<>(List.of(
                "openssl",
                "s_server",
                "-accept",
                "{port}",
                "-cert",
                "cert.pem",
                "-key",
                "key.pem",
                "-cipher",
                "ALL:COMPLEMENTOFALL:@SECLEVEL=0"));
        words.addAll(List.of(more));
        return PeerProcess.start(directory, words.toArray(String[]::new));
    }
}

package io.tlsfleet.tls.keys;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.BlockingTalk;
import io.tlsfleet.tls.Hellos;
import io.tlsfleet.tls.PeerProcess;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.KeyShareEntry;
import io.tlsfleet.tls.handshake.ServerMessage;
import io.tlsfleet.tls.record.HandshakeMessage;
import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against OpenSSL's own server. */
class Tls13HandshakeTest {
    private static final KeyShares SHARES = new KeyShares(new SecureRandom());
    private static final List<Integer> ALL_SUITES = List.of(0x1301, 0x1302, 0x1303, 0x1304, 0x1305);
    private static final List<NamedGroup> GROUPS = groups("x25519", "secp256r1", "secp384r1");

    @TempDir
    static Path directory;

    private static PeerProcess server;

    @BeforeAll
    static void start() {
        PeerProcess.certificate(directory, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
        server = openssl("-groups", "X25519:X448:P-256:P-384:P-521:ffdhe2048:ffdhe3072", "-www");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0x1301, 0x1302, 0x1303, 0x1304, 0x1305})
    void finishesWithEverySuite(int suite) {
        Tls13Result result = BlockingTalk.run(server.port(), handshake(List.of(suite), GROUPS, shares("x25519")));
        assertThat(result.unintelligible()).isNull();
        assertThat(result.reached()).isEqualTo(Tls13Result.Step.CONFIRMED);
        assertThat(result.serverHello().orElseThrow().cipherSuite().code()).isEqualTo(suite);
        assertThat(result.tickets()).hasSize(2);
        assertThat(result.first(ServerMessage.Certificate.class).orElseThrow().entries())
                .hasSize(1);
        assertThat(result.first(ServerMessage.CertificateVerify.class)
                        .orElseThrow()
                        .scheme()
                        .name())
                .isEqualTo("ecdsa_secp256r1_sha256");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x25519", "x448", "secp256r1", "secp384r1", "secp521r1", "ffdhe2048", "ffdhe3072"})
    void followsARetryRequestToEveryGroup(String group) {
        Tls13Result result = BlockingTalk.run(server.port(), handshake(ALL_SUITES, groups(group), List.of()));
        assertThat(result.retryRequest()).isPresent();
        assertThat(result.reached()).isEqualTo(Tls13Result.Step.CONFIRMED);
        assertThat(result.tickets()).hasSize(2);
    }

    @Test
    void readsAnswersInTinyPieces() {
        Tls13Result result = BlockingTalk.run(server.port(), handshake(ALL_SUITES, GROUPS, List.of()), 1);
        assertThat(result.reached()).isEqualTo(Tls13Result.Step.CONFIRMED);
    }

    @Test
    void readsWhatTheApplicationAnswers() {
        Tls13Options http = Tls13Options.PLAIN.requesting(
                "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        Tls13Result result = BlockingTalk.run(
                server.port(), new Tls13Handshake(Hellos.tls13(ALL_SUITES, GROUPS, shares("x25519")), SHARES, http));
        assertThat(new String(result.applicationData(), StandardCharsets.ISO_8859_1))
                .startsWith("HTTP/1.0 200 ok");
    }

    /** The handshake is whole, for the server too, and its tickets are nobody's. */
    @Test
    void leavesWithoutWaitingForTickets() {
        Tls13Result result = BlockingTalk.run(
                server.port(),
                new Tls13Handshake(
                        Hellos.tls13(ALL_SUITES, GROUPS, shares("x25519")), SHARES, Tls13Options.PLAIN.leaving()));
        assertThat(result.reached()).isEqualTo(Tls13Result.Step.FINISHED);
        assertThat(result.ending()).isEqualTo(Ending.FINISHED);
        assertThat(result.first(ServerMessage.Certificate.class)).isPresent();
        assertThat(result.tickets()).isEmpty();
        assertThat(result.handshakeNanos()).isPositive();
    }

    @Test
    void resumesWithATicketAndSeesOthersRefused() {
        SessionTicket ticket = BlockingTalk.run(server.port(), handshake(ALL_SUITES, GROUPS, shares("x25519")))
                .tickets()
                .getFirst();
        Tls13Result again = BlockingTalk.run(server.port(), resumption(ticket, shares("x25519")));
        assertThat(again.resumed()).isTrue();
        assertThat(again.reached()).isEqualTo(Tls13Result.Step.CONFIRMED);
        assertThat(again.first(ServerMessage.Certificate.class)).isEmpty();

        Tls13Result retried = BlockingTalk.run(server.port(), resumption(ticket, List.of()));
        assertThat(retried.retryRequest()).isPresent();
        assertThat(retried.resumed()).isTrue();
        assertThat(retried.reached()).isEqualTo(Tls13Result.Step.CONFIRMED);

        byte[] stranger = ticket.ticket().clone();
        stranger[3] ^= 1;
        Tls13Result full = BlockingTalk.run(
                server.port(),
                resumption(
                        new SessionTicket(ticket.suite(), ticket.psk(), stranger, 7200, ticket.ageAdd(), 0),
                        shares("x25519")));
        assertThat(full.resumed()).isFalse();
        assertThat(full.reached()).isEqualTo(Tls13Result.Step.CONFIRMED);
    }

    @Test
    void keepsNoMoreTicketsThanAreOfUse() {
        try (PeerProcess generous = openssl("-num_tickets", "500")) {
            Tls13Result result = BlockingTalk.run(generous.port(), handshake(ALL_SUITES, GROUPS, shares("x25519")));
            assertThat(result.reached()).isEqualTo(Tls13Result.Step.CONFIRMED);
            assertThat(result.tickets()).hasSize(32);
            assertThat(result.messages().stream().filter(ServerMessage.NewSessionTicket.class::isInstance))
                    .hasSize(32);
        }
    }

    @Test
    void learnsWhetherEarlyDataIsTaken() {
        // Since OpenSSL's server takes early data with its first cache entry only, it keeps the sessions itself.
        try (PeerProcess early = openssl("-early_data", "-max_early_data", "1000", "-no_anti_replay")) {
            SessionTicket ticket = BlockingTalk.run(early.port(), handshake(List.of(0x1301), GROUPS, shares("x25519")))
                    .tickets()
                    .getFirst();
            assertThat(ticket.maxEarlyDataSize()).isEqualTo(1000);
            Tls13Result result = BlockingTalk.run(
                    early.port(),
                    new Tls13Handshake(
                            Hellos.tls13(List.of(0x1301), GROUPS, shares("x25519")),
                            SHARES,
                            Tls13Options.PLAIN.resuming(ticket, Duration.ofMillis(10), true)));
            assertThat(result.earlyDataAccepted()).isTrue();
            assertThat(result.unintelligible()).isNull();
            assertThat(result.reached()).isEqualTo(Tls13Result.Step.CONFIRMED);
        }
    }

    @Test
    void isRefusedWithoutAClientCertificate() {
        try (PeerProcess strict = openssl("-Verify", "1", "-CAfile", "cert.pem")) {
            Tls13Result result = BlockingTalk.run(strict.port(), handshake(ALL_SUITES, GROUPS, shares("x25519")));
            assertThat(result.askedForCertificate()).isTrue();
            assertThat(result.refusedAfterFinished()).isTrue();
            assertThat(result.alert().orElseThrow().description().name()).isEqualTo("certificate_required");
            assertThat(result.first(ServerMessage.CertificateRequest.class)
                            .orElseThrow()
                            .authorities())
                    .hasSize(1);
        }
    }

    @Test
    void isTakenWithoutACertificateThatIsOnlyAskedFor() {
        try (PeerProcess asking = openssl("-verify", "1")) {
            Tls13Result result = BlockingTalk.run(asking.port(), handshake(ALL_SUITES, GROUPS, shares("x25519")));
            assertThat(result.askedForCertificate()).isTrue();
            assertThat(result.refusedAfterFinished()).isFalse();
            assertThat(result.reached()).isEqualTo(Tls13Result.Step.CONFIRMED);
        }
    }

    /** Picotls gives its tickets, and its application may speak, before it has read our Finished: that is no consent. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void isRefusedByAServerThatSpeaksBeforeItHasReadOurFinished(boolean inOneSegment) throws Exception {
        Tls13Handshake handshake = handshake(List.of(0x1301), GROUPS, shares("x25519"));
        Eager server = new Eager(handshake.opening());
        byte[] flight = server.flight();
        byte[] early = server.sealed(
                HandshakeMessage.NEW_SESSION_TICKET,
                ByteWriter.write(w ->
                        w.u32(60).u32(1).vec8(new byte[1]).vec16(new byte[8]).u16(0)));
        if (inOneSegment) {
            handshake.receive(ByteWriter.write(w -> w.raw(flight).raw(early)));
        } else {
            handshake.receive(flight);
            handshake.receive(early);
        }
        Tls13Result before = handshake.end(Ending.READ_TIMEOUT);
        assertThat(before.unintelligible()).isNull();
        assertThat(before.tickets()).hasSize(1);
        if (inOneSegment) {
            assertThat(before.reached()).isEqualTo(Tls13Result.Step.FINISHED);
        }
        assertThat(before.refusedAfterFinished()).isFalse();
        handshake.receive(server.application.seal(TlsRecord.ALERT, new byte[] {2, 116}));
        Tls13Result result = handshake.end(Ending.CLOSED);
        assertThat(result.refusedAfterFinished()).isTrue();
        assertThat(result.alert().orElseThrow().description().name()).isEqualTo("certificate_required");
    }

    /** A server of TLS_AES_128_GCM_SHA256 and x25519 that asks for a certificate and signs nothing. */
    private static final class Eager {
        private final ByteWriter out = new ByteWriter();
        private final Transcript transcript = new Transcript();
        private final Tls13KeySchedule schedule;
        private final Tls13RecordCipher cipher;
        private final byte[] secret;
        private Tls13RecordCipher application;

        Eager(byte[] opening) throws MalformedMessage {
            byte[] message = Arrays.copyOfRange(opening, 5, opening.length);
            transcript.add(message);
            ClientHello hello = ClientHello.decode(Arrays.copyOfRange(message, 4, message.length));
            NamedGroup group = NamedGroup.named("x25519");
            byte[] theirs = ByteReader.of(hello.extension(Extensions.KEY_SHARE).orElseThrow())
                    .sub16("key_share")
                    .rest();
            KeyShares ours = new KeyShares(new SecureRandom());
            byte[] answer = new HandshakeMessage(
                            HandshakeMessage.SERVER_HELLO,
                            ByteWriter.write(w -> w.u16(0x0303)
                                    .raw(new byte[32])
                                    .vec8(hello.sessionId())
                                    .u16(0x1301)
                                    .u8(0)
                                    .vec16(e -> e.u16(43)
                                            .vec16(new byte[] {3, 4})
                                            .u16(51)
                                            .vec16(k -> k.u16(group.code())
                                                    .vec16(ours.offer(group).keyExchange())))))
                    .encode();
            transcript.hashWith(suite().hash());
            transcript.add(answer);
            out.raw(new TlsRecord(TlsRecord.HANDSHAKE, 0x0303, answer).encode());
            schedule = new Tls13KeySchedule(suite().hash(), Optional.empty());
            schedule.handshake(ours.agree(group, Arrays.copyOfRange(theirs, 4, 36)));
            secret = schedule.serverHandshakeTraffic(transcript.hash());
            cipher = new Tls13RecordCipher(suite(), secret);
            say(HandshakeMessage.ENCRYPTED_EXTENSIONS, new byte[2]);
            say(
                    HandshakeMessage.CERTIFICATE_REQUEST,
                    ByteWriter.write(w ->
                            w.vec8(new byte[0]).vec16(e -> e.u16(13).vec16(new byte[] {0, 2, 4, 3}))));
            say(
                    HandshakeMessage.CERTIFICATE,
                    ByteWriter.write(w -> w.vec8(new byte[0])
                            .vec24(list -> list.vec24(new byte[] {0x30, 0}).u16(0))));
            say(
                    HandshakeMessage.CERTIFICATE_VERIFY,
                    ByteWriter.write(w -> w.u16(0x0403).vec16(new byte[8])));
            say(HandshakeMessage.FINISHED, schedule.finished(secret, transcript.hash()));
            schedule.master();
            application = new Tls13RecordCipher(suite(), schedule.serverApplicationTraffic(transcript.hash()));
        }

        private static Tls13Suite suite() {
            return Tls13Suite.of(new CipherSuite(0x1301)).orElseThrow();
        }

        private void say(int type, byte[] body) {
            byte[] message = new HandshakeMessage(type, body).encode();
            transcript.add(message);
            out.raw(cipher.seal(TlsRecord.HANDSHAKE, message));
        }

        byte[] flight() {
            return out.toBytes();
        }

        byte[] sealed(int type, byte[] body) {
            return application.seal(TlsRecord.HANDSHAKE, new HandshakeMessage(type, body).encode());
        }
    }

    @Test
    void readsAnOlderFlight() {
        try (PeerProcess old = openssl("-tls1_2")) {
            ClientHello hello = Hellos.tls13(List.of(0x1301, 0xC02B), GROUPS, shares("x25519"));
            ClientHello both = new ClientHello(
                    hello.legacyVersion(),
                    hello.random(),
                    hello.sessionId(),
                    hello.cipherSuites(),
                    hello.compressionMethods(),
                    java.util.Objects.requireNonNull(hello.extensions()).stream()
                            .map(e -> e.type().code() != 43
                                    ? e
                                    : Extensions.supportedVersions(List.of(
                                            io.tlsfleet.tls.registry.ProtocolVersion.TLS_1_3,
                                            io.tlsfleet.tls.registry.ProtocolVersion.TLS_1_2)))
                            .toList());
            Tls13Result result = BlockingTalk.run(old.port(), new Tls13Handshake(both, SHARES));
            assertThat(result.reached()).isEqualTo(Tls13Result.Step.OLDER_VERSION);
            assertThat(result.first(ServerMessage.ServerHelloDone.class)).isPresent();
        }
    }

    private static Tls13Handshake handshake(List<Integer> suites, List<NamedGroup> groups, List<KeyShareEntry> shares) {
        return new Tls13Handshake(Hellos.tls13(suites, groups, shares), SHARES);
    }

    private static Tls13Handshake resumption(SessionTicket ticket, List<KeyShareEntry> shares) {
        return new Tls13Handshake(
                Hellos.tls13(ALL_SUITES, GROUPS, shares),
                SHARES,
                Tls13Options.PLAIN.resuming(ticket, Duration.ofMillis(10), false));
    }

    private static List<NamedGroup> groups(String... names) {
        return Arrays.stream(names).map(NamedGroup::named).toList();
    }

    private static List<KeyShareEntry> shares(String group) {
        return List.of(SHARES.offer(NamedGroup.named(group)));
    }

    private static PeerProcess openssl(String... more) {
        List<String> words = new java.util.ArrayList<>(
                List.of(
                        "openssl",
                        "s_server",
                        "-accept",
                        "{port}",
                        "-cert",
                        "cert.pem",
                        "-key",
                        "key.pem",
                        "-ciphersuites",
                        "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256"));
        words.addAll(List.of(more));
        return PeerProcess.start(directory, words.toArray(String[]::new));
    }
}

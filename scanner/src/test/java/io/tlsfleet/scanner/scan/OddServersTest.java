package io.tlsfleet.scanner.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.tls.PeerProcess;
import io.tlsfleet.tls.fingerprint.ClientOffer;
import io.tlsfleet.tls.record.HandshakeMessage;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.SignatureScheme;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Servers that no present-day client can talk to: every part of the report is there, and true, all the same. */
@SuppressWarnings("NullAway") // a part that is missing here is a failed test
class OddServersTest {
    @TempDir
    static Path directory;

    private static Rig rig;

    @BeforeAll
    static void start() throws IOException {
        rig = new Rig();
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
        Path ec = Files.createDirectory(directory.resolve("ec"));
        PeerProcess.certificate(ec, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @ParameterizedTest
    @CsvSource({
        "-ciphersuites TLS_AES_128_CCM_8_SHA256 -groups P-384, TLS_AES_128_CCM_8_SHA256, secp384r1, none",
        "-ciphersuites TLS_AES_128_CCM_SHA256 -groups P-521, TLS_AES_128_CCM_SHA256, secp521r1, none",
        "-ciphersuites TLS_AES_256_GCM_SHA384 -groups X448, TLS_AES_256_GCM_SHA384, x448, none",
        "-ciphersuites TLS_AES_128_CCM_8_SHA256 -groups ffdhe4096, TLS_AES_128_CCM_8_SHA256, ffdhe4096, none",
        "-ciphersuites TLS_AES_128_CCM_8_SHA256 -groups P-384 -Verify 1, TLS_AES_128_CCM_8_SHA256, secp384r1, required"
    })
    void finishesTls13WithWhateverThereIs(String options, String suite, String group, String clients) {
        try (PeerProcess server = server("-tls1_3 " + options)) {
            Observation seen = rig.scan(server.port(), Depth.STANDARD);
            assertWhole(seen, "TLSv1.3", List.of(suite), clients);
            assertThat(seen.negotiated().group()).isEqualTo(group);
            assertThat(Rig.groups(seen, "TLSv1.3")).containsExactly(group);
            assertThat(seen.served())
                    .singleElement()
                    .satisfies(chain -> assertThat(chain.servedOn()).containsExactly("TLSv1.3"));
            assertCertificateAlone(server.port(), seen);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ECDHE-ARIA128-GCM-SHA256, TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256, none",
        "ECDHE-RSA-CAMELLIA128-SHA256, TLS_ECDHE_RSA_WITH_CAMELLIA_128_CBC_SHA256, none",
        "AES128-CCM8, TLS_RSA_WITH_AES_128_CCM_8, none",
        "DHE-RSA-AES256-CCM8, TLS_DHE_RSA_WITH_AES_256_CCM_8, none",
        "NULL-SHA256@SECLEVEL=0, TLS_RSA_WITH_NULL_SHA256, none",
        "ARIA128-GCM-SHA256 -Verify 1, TLS_RSA_WITH_ARIA_128_GCM_SHA256, required",
        "RSA-PSK-AES128-GCM-SHA256 -psk 0102030405, TLS_RSA_PSK_WITH_AES_128_GCM_SHA256, none"
    })
    void hasTheCertificateOfTls12WithWhateverThereIs(String options, String suite, String clients) {
        try (PeerProcess server = server("-tls1_2 -cipher " + options)) {
            Observation seen = rig.scan(server.port(), Depth.STANDARD);
            assertWhole(seen, "TLSv1.2", List.of(suite), clients);
            assertThat(seen.served())
                    .singleElement()
                    .satisfies(chain -> assertThat(chain.servedOn()).containsExactly("TLSv1.2"));
            assertCertificateAlone(server.port(), seen);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ADH-AES128-SHA256@SECLEVEL=0, TLS_DH_anon_WITH_AES_128_CBC_SHA256",
        "AECDH-AES128-SHA@SECLEVEL=0, TLS_ECDH_anon_WITH_AES_128_CBC_SHA",
        "PSK-CHACHA20-POLY1305 -psk 0102030405, TLS_PSK_WITH_CHACHA20_POLY1305_SHA256"
    })
    void missesNoCertificateWhereThereIsNone(String options, String suite) {
        try (PeerProcess server = server("-tls1_2 -cipher " + options)) {
            Observation seen = rig.scan(server.port(), Depth.STANDARD);
            assertWhole(seen, "TLSv1.2", List.of(suite), "none");
            assertThat(seen.served()).isEmpty();
        }
    }

    /** OpenSSL's servers and mosquitto with PSK have TLS 1.3 for whoever shares a key with them, and say handshake_failure to others. */
    @Test
    void claimsNothingOfTls13WhereAKeyMustBeShared() {
        try (PeerProcess server = server("-nocert -psk 0102030405")) {
            Observation seen = rig.scan(server.port(), Depth.STANDARD);
            assertThat(seen.protocols())
                    .containsEntry("TLSv1.2", FactState.ACCEPTED)
                    .containsEntry("TLSv1.3", FactState.UNKNOWN);
            assertThat(seen.coverage())
                    .contains(Observation.Coverage.unknown("/protocols/TLSv1.3", Reason.UNSUPPORTED));
        }
        try (PeerProcess server = server("-nocert -psk 0102030405 -no_tls1_3")) {
            assertThat(rig.scan(server.port(), Depth.STANDARD).protocols())
                    .as("the version is refused by name")
                    .containsEntry("TLSv1.3", FactState.REFUSED);
        }
        try (PeerProcess server = server("-cipher ADH-AES128-SHA256@SECLEVEL=0 -nocert")) {
            assertThat(rig.scan(server.port(), Depth.STANDARD).protocols())
                    .as("no key is shared")
                    .containsEntry("TLSv1.3", FactState.REFUSED);
        }
    }

    /** A hello for a certificate that brings none says nothing of what an up-to-date client agrees on. */
    @Test
    void doesNotCallAnOlderVersionTheNewest() {
        try (PeerProcess server = server("-nocert -psk 0102030405 -cipher PSK@SECLEVEL=0")) {
            assertThat(rig.scan(server.port(), Depth.STANDARD).protocols())
                    .containsEntry("TLSv1.1", FactState.ACCEPTED)
                    .containsEntry("TLSv1.2", FactState.ACCEPTED);
            assertThat(rig.scan(server.port(), Depth.CERTIFICATE).negotiated()).isNull();
        }
        try (PeerProcess server = server("-cipher ALL@SECLEVEL=0 -no_tls1_2 -no_tls1_3")) {
            Observation seen = rig.scan(server.port(), Depth.CERTIFICATE);
            assertThat(seen.negotiated().protocol()).isEqualTo("TLSv1.1");
            assertThat(seen.served()).hasSize(1);
        }
    }

    /** wolfSSL says so that it has no group in common; said once, of groups that the server has, it is nobody's refusal. */
    @Test
    void takesARetryRequestWithoutAGroupForARefusalOnlyWhenItIsSaidTwice() throws IOException {
        AtomicBoolean said = new AtomicBoolean();
        try (PeerProcess server = server("-tls1_3 -groups X25519:P-384");
                Front front = new Front((client, number) -> {
                    byte[] hello = Front.firstRecord(client);
                    boolean last = !offers(hello, 0x001D) && offers(hello, 0x0018);
                    if (last && said.compareAndSet(false, true)) {
                        client.getOutputStream()
                                .write(HostileFlights.handshake(
                                        HandshakeMessage.SERVER_HELLO,
                                        HostileFlights.serverHello(
                                                HostileFlights.TLS_1_2,
                                                0x1302,
                                                true,
                                                new ByteWriter().u16(43).vec16(new byte[] {3, 4}))));
                        return;
                    }
                    Front.relay(client, server.port(), hello);
                })) {
            Observation seen = rig.scan(front.port(), Depth.FULL);
            assertThat(said).isTrue();
            assertThat(Rig.groups(seen, "TLSv1.3")).containsExactlyInAnyOrder("x25519", "secp384r1");
            assertThat(seen.coverage()).isEmpty();
        }
    }

    /** mbed TLS knows curves that it is not configured for, chooses a suite for their sake, and then has none of them. */
    @Test
    void takesChoosingASuiteAndHangingUpForTheRefusalOfItsCurves() {
        try (PeerProcess server = server("-tls1_2 -groups X25519:P-256");
                Front front = new Front((client, number) -> {
                    byte[] hello = Front.firstRecord(client);
                    if (!offers(hello, 0x001D) && !offers(hello, 0x0017) && offers(hello, 0x0015)) {
                        client.getOutputStream()
                                .write(HostileFlights.handshake(
                                        HandshakeMessage.SERVER_HELLO,
                                        HostileFlights.serverHello(
                                                HostileFlights.TLS_1_2, 0xC02F, false, new ByteWriter())));
                        return;
                    }
                    Front.relay(client, server.port(), hello);
                })) {
            Observation seen = rig.scan(front.port(), Depth.STANDARD);
            assertThat(Rig.groups(seen, "TLSv1.2")).containsExactly("x25519", "secp256r1");
            assertThat(seen.coverage()).isEmpty();
            assertThat(seen.scan().outcome()).isEqualTo(Outcome.COMPLETE);
        }
    }

    /** LibreSSL says decode_error to more than 32 signature schemes, and to more than 64 groups; others may have room for fewer. */
    @ParameterizedTest
    @CsvSource({"32, 64", "24, 64"})
    void readsServersThatHaveRoomForFewSchemes(int schemes, int groups) throws IOException {
        try (PeerProcess server = server("-cipher ECDHE+AESGCM:AES128-SHA -groups X25519:P-256");
                Front front = new Front((client, number) -> {
                    byte[] hello = Front.firstRecord(client);
                    ClientOffer offer = hello[0] == 22 ? offer(hello) : null;
                    if (offer != null
                            && (offer.schemes().size() > schemes
                                    || offer.groups().size() > groups)) {
                        client.getOutputStream().write(new byte[] {21, 3, 3, 0, 2, 2, 50});
                    } else {
                        Front.relay(client, server.port(), hello);
                    }
                })) {
            for (Depth depth : List.of(Depth.STANDARD, Depth.FULL)) {
                Observation seen = rig.scan(front.port(), depth);
                assertThat(seen.protocols())
                        .containsEntry("TLSv1.2", FactState.ACCEPTED)
                        .containsEntry("TLSv1.3", FactState.ACCEPTED);
                assertThat(Rig.suites(seen, "TLSv1.2"))
                        .containsExactlyInAnyOrder(
                                "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                                "TLS_RSA_WITH_AES_128_CBC_SHA");
                assertThat(Rig.suites(seen, "TLSv1.3")).hasSize(3);
                assertThat(Rig.groups(seen, "TLSv1.3")).containsExactlyInAnyOrder("x25519", "secp256r1");
                assertThat(seen.scan().outcome()).isEqualTo(Outcome.COMPLETE);
            }
        }
    }

    /** It signs with the first scheme that it knows, and its key is too short for the longer hashes. */
    @Test
    void findsEverySuiteOfAServerThatStumblesOverTheOrderOfSchemes() throws IOException {
        List<String> usual = List.of("rsa_pss_rsae_sha256", "rsa_pkcs1_sha256");
        AtomicInteger stumbled = new AtomicInteger();
        try (PeerProcess server = server("-tls1_2 -cipher ECDHE+AESGCM:ECDHE+CHACHA20");
                Front front = new Front((client, number) -> {
                    byte[] hello = Front.firstRecord(client);
                    String first = hello[0] != 22
                            ? usual.getFirst()
                            : offer(hello).schemes().stream()
                                    .map(SignatureScheme::name)
                                    .filter(name -> name.startsWith("rsa_p"))
                                    .findFirst()
                                    .orElse(usual.getFirst());
                    if (usual.contains(first)) {
                        Front.relay(client, server.port(), hello);
                    } else {
                        stumbled.incrementAndGet();
                        client.getOutputStream().write(new byte[] {21, 3, 3, 0, 2, 2, 80});
                    }
                })) {
            Observation seen = rig.scan(front.port(), Depth.FULL);
            assertThat(Rig.suites(seen, "TLSv1.2"))
                    .containsExactlyInAnyOrder(
                            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");
            assertThat(seen.features()).containsEntry("extendedMasterSecret", FactState.ACCEPTED);
            assertThat(stumbled).hasPositiveValue();
        }
    }

    /** Which our first hellos do not name: LibreSSL could not read as many. */
    @Test
    void findsTls12OfAServerThatSignsWithSha224Alone() {
        try (PeerProcess server = server("-tls1_2 -cipher ECDHE+AESGCM:ECDHE+AES -sigalgs RSA+SHA224")) {
            for (Depth depth : List.of(Depth.STANDARD, Depth.FULL)) {
                Observation seen = rig.scan(server.port(), depth);
                assertThat(seen.protocols())
                        .containsEntry("TLSv1.2", FactState.ACCEPTED)
                        .containsEntry("TLSv1.3", FactState.REFUSED);
                assertThat(Rig.suites(seen, "TLSv1.2"))
                        .contains("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA");
                assertThat(seen.scan().outcome()).isEqualTo(Outcome.COMPLETE);
            }
        }
    }

    /** Botan's own server speaks one protocol, and says so to everybody who names some. */
    @Test
    void asksNoFurtherForProtocolsOfAServerThatNamesItsOwnWhateverIsOffered() {
        byte[] chain = HostileFlights.certificate(HostileFlights.rsaKey(2048));
        byte[] flight = new ByteWriter()
                .raw(HostileFlights.handshake(
                        HandshakeMessage.SERVER_HELLO,
                        HostileFlights.serverHello(
                                HostileFlights.TLS_1_2,
                                0x009C,
                                false,
                                new ByteWriter()
                                        .u16(16)
                                        .vec16(e -> e.vec16(
                                                list -> list.vec8("echo/0.1".getBytes(StandardCharsets.US_ASCII)))))))
                .raw(HostileFlights.handshake(
                        HandshakeMessage.CERTIFICATE, ByteWriter.write(w -> w.vec24(list -> list.vec24(chain)))))
                .raw(HostileFlights.handshake(HandshakeMessage.SERVER_HELLO_DONE, new byte[0]))
                .toBytes();
        try (Front server = new Front((client, number) -> {
            byte[] hello = Front.firstRecord(client);
            boolean tls12 = hello[0] == 22
                    && hello[10] == 3
                    && offer(hello).suites().contains(CipherSuite.named("TLS_RSA_WITH_AES_128_GCM_SHA256"));
            client.getOutputStream().write(tls12 ? flight : new byte[] {21, 3, 3, 0, 2, 2, 40});
        })) {
            Observation seen = rig.scan(server.port(), Depth.STANDARD);
            assertThat(seen.alpn().accepted()).containsExactly("echo/0.1");
            assertThat(Rig.suites(seen, "TLSv1.2")).containsExactly("TLS_RSA_WITH_AES_128_GCM_SHA256");
            assertThat(seen.scan().connections()).isLessThan(20);
        }
    }

    private static ClientOffer offer(byte[] helloRecord) throws IOException {
        try {
            return ClientOffer.of(Arrays.copyOfRange(helloRecord, 9, helloRecord.length));
        } catch (MalformedMessage e) {
            throw new IOException(e);
        }
    }

    private static boolean offers(byte[] helloRecord, int group) throws IOException {
        return offer(helloRecord).groups().contains(new NamedGroup(group));
    }

    /** From before 1996: what is no SSL 2.0 is hung up on, and nobody knows what else it would speak. */
    @Test
    void findsSsl2WhereNothingElseIsAnswered() {
        try (Rig patient = new Rig();
                Front server = new Front((client, number) -> ssl2(client, new byte[0]))) {
            Observation seen = patient.scan(server.port(), Depth.STANDARD);
            assertThat(seen.scan().outcome()).isEqualTo(Outcome.PARTIAL);
            assertThat(seen.protocols())
                    .containsEntry("SSLv2", FactState.ACCEPTED)
                    .containsEntry("SSLv3", FactState.UNKNOWN)
                    .containsEntry("TLSv1.3", FactState.UNKNOWN);
            assertThat(Rig.suites(seen, "SSLv2"))
                    .containsExactly("SSL_CK_RC4_128_WITH_MD5", "SSL_CK_DES_192_EDE3_CBC_WITH_MD5");
            assertThat(server.accepted()).isLessThan(8);
        }
    }

    /** The same with SSL 2.0's own error for every hello of TLS: a refusal in its words, and no other protocol than TLS. */
    @Test
    void knowsThatAnErrorOfSsl2RefusesTheOtherVersions() {
        byte[] noCipher = {(byte) 0x80, 3, 0, 0, 1};
        try (Front server = new Front((client, number) -> ssl2(client, noCipher))) {
            Observation seen = rig.scan(server.port(), Depth.STANDARD);
            assertThat(seen.scan().outcome()).isEqualTo(Outcome.COMPLETE);
            assertThat(seen.protocols().entrySet())
                    .extracting(entry -> entry.getKey() + " " + entry.getValue().word())
                    .containsExactly(
                            "SSLv2 accepted",
                            "SSLv3 refused",
                            "TLSv1.0 refused",
                            "TLSv1.1 refused",
                            "TLSv1.2 refused",
                            "TLSv1.3 refused");
            assertThat(Rig.suites(seen, "SSLv2")).hasSize(2);
            assertThat(rig.scan(server.port(), Depth.CERTIFICATE).scan().outcome())
                    .isNotEqualTo(Outcome.NOT_TLS);
        }
    }

    /** OpenSSL 1.0.1 with SSL 3.0 alone: there a hello can name no curve, so that there is none to ask for, and no name. */
    @Test
    void isDoneWithACurveThatNobodyCouldNameInSsl3() {
        byte[] chain = HostileFlights.certificate(HostileFlights.rsaKey(2048));
        byte[] flight = new ByteWriter()
                .raw(HostileFlights.handshake(
                        HandshakeMessage.SERVER_HELLO,
                        ByteWriter.write(w -> w.u16(0x0300)
                                .raw(new byte[32])
                                .vec8(new byte[0])
                                .u16(0xC013)
                                .u8(0))))
                .raw(HostileFlights.handshake(
                        HandshakeMessage.CERTIFICATE, ByteWriter.write(w -> w.vec24(list -> list.vec24(chain)))))
                .raw(HostileFlights.handshake(
                        HandshakeMessage.SERVER_KEY_EXCHANGE,
                        ByteWriter.write(w -> w.u8(3).u16(23).vec8(new byte[65]).vec16(new byte[256]))))
                .raw(HostileFlights.handshake(HandshakeMessage.SERVER_HELLO_DONE, new byte[0]))
                .toBytes();
        try (Front server = new Front((client, number) -> {
            byte[] hello = Front.firstRecord(client);
            boolean ssl3 = hello[0] == 22 && hello[9] == 3 && hello[10] == 0;
            boolean curve = new String(hello, StandardCharsets.ISO_8859_1).contains("\300\23");
            client.getOutputStream()
                    .write(ssl3 && curve ? flight : new byte[] {21, 3, 0, 0, 2, 2, (byte) (ssl3 ? 40 : 70)});
        })) {
            Observation seen = rig.scan(server.port(), Depth.FULL);
            assertThat(seen.scan().outcome()).isEqualTo(Outcome.COMPLETE);
            assertThat(Rig.suites(seen, "SSLv3")).containsExactly("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA");
            assertThat(Rig.groups(seen, "SSLv3")).containsExactly("secp256r1");
            assertThat(seen.coverage()).noneMatch(c -> c.fact().startsWith("/groups"));
            assertThat(seen.served().getFirst().servedWithoutSni()).isTrue();
        }
    }

    /** BearSSL's records have the version 0 until one is agreed, and those of s2n the version that was asked for. */
    @Test
    void takesAnAlertInARecordWithoutAVersionForOne() throws IOException {
        try (PeerProcess server = server("-tls1_2");
                Front front = new Front((client, number) -> {
                    byte[] hello = Front.firstRecord(client);
                    boolean ssl2 = hello[0] != 22;
                    boolean older = hello[9] == 3 && hello[10] < 3;
                    if (ssl2 || older) {
                        client.getOutputStream().write(new byte[] {21, 0, (byte) (ssl2 ? 2 : 0), 0, 2, 2, 70});
                    } else {
                        Front.relay(client, server.port(), hello);
                    }
                })) {
            Observation seen = rig.scan(front.port(), Depth.STANDARD);
            assertThat(seen.protocols().values().stream().filter(state -> state == FactState.REFUSED))
                    .hasSize(5);
            assertThat(seen.scan().outcome()).isEqualTo(Outcome.COMPLETE);
            assertThat(seen.scan().connections()).isLessThan(40);
        }
    }

    private static void ssl2(Socket client, byte[] toOthers) throws IOException {
        byte[] start = client.getInputStream().readNBytes(3);
        if ((start[0] & 0x80) == 0 || start[2] != 1) {
            client.getOutputStream().write(toOthers);
            client.shutdownOutput();
            client.getInputStream().readAllBytes();
            return;
        }
        client.getInputStream().readNBytes((start[1] & 0xFF) - 1);
        byte[] hello = ByteWriter.write(w -> w.u8(4)
                .u8(0)
                .u8(1)
                .u16(2)
                .u16(3)
                .u16(6)
                .u16(16)
                .raw(new byte[] {0x30, 1, 0, 1, 0, (byte) 0x80, 7, 0, (byte) 0xC0})
                .raw(new byte[16]));
        client.getOutputStream()
                .write(ByteWriter.write(w -> w.u16(0x8000 | hello.length).raw(hello)));
        client.getInputStream().readAllBytes();
    }

    /** The same chain at depth certificate, in one connection more where no browser would get it. */
    private static void assertCertificateAlone(int port, Observation whole) {
        Observation seen = rig.scan(port, Depth.CERTIFICATE);
        assertThat(seen.coverage()).isEmpty();
        assertThat(seen.scan().connections()).isLessThanOrEqualTo(2);
        assertThat(seen.served().getFirst().chain().getFirst())
                .isEqualTo(whole.served().getFirst().chain().getFirst());
        assertThat(seen.negotiated().protocol()).isEqualTo(whole.negotiated().protocol());
    }

    private static void assertWhole(Observation seen, String version, List<String> suites, String clients) {
        assertThat(seen.scan().outcome()).isEqualTo(Outcome.COMPLETE);
        assertThat(seen.coverage()).isEmpty();
        assertThat(seen.protocols().entrySet())
                .filteredOn(entry -> entry.getValue() != FactState.REFUSED)
                .extracting(entry -> entry.getKey() + " " + entry.getValue().word())
                .containsExactly(version + " accepted");
        assertThat(Rig.suites(seen, version)).isEqualTo(suites);
        assertThat(seen.negotiated().protocol()).isEqualTo(version);
        assertThat(seen.negotiated().cipherSuite()).isEqualTo(suites.getFirst());
        assertThat(seen.clientAuthentication().mode()).isEqualTo(clients);
        assertThat(seen.features()).isNotNull();
        assertThat(seen.finiteFieldDh()).isNotNull();
        assertThat(seen.signatureSchemes()).isNotNull();
        assertThat(seen.alpn().accepted()).isEmpty();
    }

    private static PeerProcess server(String options) {
        List<String> command = new ArrayList<>(List.of("openssl", "s_server", "-accept", "127.0.0.1:{port}", "-www"));
        command.addAll(List.of("-cert", "cert.pem", "-key", "key.pem", "-quiet"));
        command.addAll(Arrays.asList(options.split(" ")));
        return PeerProcess.start(directory, command.toArray(String[]::new));
    }
}

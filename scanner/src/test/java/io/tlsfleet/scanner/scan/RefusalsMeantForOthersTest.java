package io.tlsfleet.scanner.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Observation.Coverage;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.tls.PeerProcess;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A no of a name, of a version or of a client without a certificate is taken for that and for nothing else. */
@SuppressWarnings("NullAway") // a part that is missing here is a failed test
class RefusalsMeantForOthersTest {
    @TempDir
    static Path directory;

    private static Rig rig;

    @BeforeAll
    static void start() {
        rig = new Rig();
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @Test
    void takesNoAlertOfTheVersionForOneOfTheName() throws IOException {
        try (PeerProcess apache = apache("""
                <VirtualHost *:PORT>
                  ServerName other.example
                  SSLProtocol TLSv1.2
                KEY
                </VirtualHost>
                <VirtualHost *:PORT>
                  ServerName shop.example
                  SSLProtocol TLSv1.2 +TLSv1.3
                KEY
                </VirtualHost>
                """)) {
            assertThat(unknownName(apache.port(), "shop.example")).isEqualTo("default-certificate");
            assertThat(unknownName(apache.port(), "other.example")).isEqualTo("default-certificate");
        }
    }

    @ParameterizedTest
    @CsvSource({"40, alert", "112, alert", "-1, closed"})
    void knowsANameRefusedByAnyAlertWhereOursIsAnswered(int alert, String word) {
        try (PeerProcess server = server("-www");
                Front front = new Front((client, number) -> {
                    byte[] hello = Front.firstRecord(client);
                    boolean unknown = new String(hello, StandardCharsets.ISO_8859_1).contains("unknown-name");
                    if (!unknown) {
                        Front.relay(client, server.port(), hello);
                    } else if (alert >= 0) {
                        alert(client, alert);
                    }
                })) {
            assertThat(unknownName(front.port(), "localhost")).isEqualTo(word);
        }
    }

    @Test
    void saysNothingOfNamesWhereTheHelloWithEverythingIsRefusedToo() {
        try (PeerProcess server = server("-www");
                Front front = new Front((client, number) -> {
                    byte[] hello = Front.firstRecord(client);
                    String text = new String(hello, StandardCharsets.ISO_8859_1);
                    boolean bothVersions = text.contains("\0+\0\5\4\3\4\3\3");
                    if (text.contains("unknown-name") || bothVersions && number > 1) {
                        alert(client, 40);
                    } else {
                        Front.relay(client, server.port(), hello);
                    }
                })) {
            Observation seen = rig.scan(front.port(), Depth.FULL);
            assertThat(seen.sni().unknownName()).isEqualTo("unknown");
            assertThat(doubt(seen, "/sni/unknownName")).contains(Reason.UNSUPPORTED);
        }
    }

    @Test
    void refusesNoNameWhereNoneWasSent() {
        try (Front front = new Front((client, number) -> {
            Front.firstRecord(client);
            alert(client, 112);
        })) {
            Observation nameless = rig.scan(front.port(), Depth.STANDARD, null);
            assertThat(nameless.sni()).isNull();
            assertThat(nameless.scan().detail()).contains("--sni NAME");
            Observation named = rig.scan(front.port(), Depth.STANDARD, "localhost");
            assertThat(named.sni().unknownName()).isEqualTo("alert");
            assertThat(named.scan().detail()).contains("does not know the name localhost");
        }
    }

    @Test
    void doesNotWaitForAServerThatWantsAnotherHandshake() throws IOException {
        String server = "ServerName localhost\nSSLProtocol TLSv1.2\nKEY\nSSLCACertificateFile DIR/cert.pem\n";
        try (PeerProcess apache = apache(server + "<Location />\nSSLVerifyClient require\n</Location>\n")) {
            Observation seen = rig.scan(apache.port(), Depth.FULL);
            assertThat(seen.http()).isNull();
            assertThat(doubt(seen, "/http")).contains(Reason.CLIENT_CERTIFICATE_REQUIRED);
            assertThat(seen.clientAuthentication().mode()).isEqualTo("unknown");
            assertThat(seen.clientAuthentication().enforcement()).isEqualTo("unknown");
            assertThat(doubt(seen, "/clientAuthentication/mode")).contains(Reason.CLIENT_CERTIFICATE_REQUIRED);
            assertThat(doubt(seen, "/clientAuthentication/enforcement")).contains(Reason.CLIENT_CERTIFICATE_REQUIRED);
            assertThat(seen.scan().outcome()).isEqualTo(Outcome.COMPLETE);
            assertThat(doubt(seen, "/alpn/onMismatch")).contains(Reason.UNSUPPORTED);
        }
        try (PeerProcess apache = apache(server)) {
            Observation seen = rig.scan(apache.port(), Depth.FULL);
            assertThat(seen.http().status()).isPositive();
            assertThat(seen.scan().detail()).as("a server that agrees").isNull();
            assertThat(seen.clientAuthentication().mode()).isEqualTo("none");
            assertThat(seen.clientAuthentication().enforcement()).isEqualTo("none");
        }
    }

    /** GnuTLS' slapd hangs up without a word on a client without a certificate. */
    @ParameterizedTest
    @CsvSource({
        "demand, NORMAL, required, handshake",
        "demand, NORMAL:-VERS-ALL:+VERS-TLS1.3, unknown, unknown",
        "allow, NORMAL, requested, unknown",
        "never, NORMAL, none, none"
    })
    void takesAHangUpAfterOurFinishedForNoConsent(String verify, String versions, String mode, String enforcement)
            throws IOException {
        try (PeerProcess slapd = slapd("TLSVerifyClient " + verify + "\nTLSCipherSuite " + versions + "\n")) {
            Observation seen = rig.scan(slapd.port(), Depth.STANDARD);
            assertThat(seen.clientAuthentication().mode()).isEqualTo(mode);
            assertThat(seen.clientAuthentication().enforcement()).isEqualTo(enforcement);
            assertThat(doubt(seen, "/clientAuthentication/mode"))
                    .isEqualTo(
                            mode.equals("unknown")
                                    ? Optional.of(Reason.CLIENT_CERTIFICATE_REQUIRED)
                                    : Optional.empty());
            assertThat(seen.scan().outcome()).isEqualTo(Outcome.COMPLETE);
        }
    }

    /** Alerts to all but TLS 1.3, and a hang-up on that: what a callback that fails for the name makes of Node. */
    @Test
    void takesNoHangUpForARefusalWhereNoHelloWasEverAnswered() {
        try (PeerProcess server = server("-www -tls1_3");
                Front front = new Front((client, number) -> {
                    byte[] hello = Front.firstRecord(client);
                    String text = new String(hello, StandardCharsets.ISO_8859_1);
                    if (text.contains("localhost") || !text.contains("\0+")) {
                        Front.relay(client, server.port(), hello);
                    }
                })) {
            Observation seen = rig.scan(front.port(), Depth.STANDARD, "other.example");
            assertThat(seen.protocols())
                    .containsEntry("TLSv1.3", FactState.UNKNOWN)
                    .containsEntry("TLSv1.2", FactState.REFUSED);
            assertThat(doubt(seen, "/protocols/TLSv1.3")).contains(Reason.CLOSED);
            assertThat(seen.scan().outcome()).isEqualTo(Outcome.PARTIAL);
            assertThat(rig.scan(front.port(), Depth.STANDARD, "localhost").protocols())
                    .containsEntry("TLSv1.3", FactState.ACCEPTED)
                    .containsEntry("TLSv1.2", FactState.REFUSED);
        }
    }

    @Test
    void isWholeWhereOnlyTheUpToDateHelloIsLost() {
        try (PeerProcess server = server("-www");
                Front front = new Front((client, number) -> {
                    byte[] hello = Front.firstRecord(client);
                    if (hello.length < 1300) {
                        Front.relay(client, server.port(), hello);
                    }
                })) {
            Observation seen = rig.scan(front.port(), Depth.STANDARD);
            assertThat(doubt(seen, "/negotiated")).contains(Reason.CLOSED);
            assertThat(seen.protocols()).containsEntry("TLSv1.3", FactState.ACCEPTED);
            assertThat(seen.scan().outcome()).isEqualTo(Outcome.COMPLETE);
        }
    }

    private static String unknownName(int port, String name) {
        return rig.scan(port, Depth.FULL, name).sni().unknownName();
    }

    private static Optional<Reason> doubt(Observation seen, String fact) {
        return seen.coverage().stream()
                .filter(c -> c.fact().equals(fact))
                .map(Coverage::reason)
                .findFirst();
    }

    private static void alert(Socket client, int description) throws IOException {
        client.getOutputStream().write(new byte[] {21, 3, 3, 0, 2, 2, (byte) description});
    }

    /** s2n says nothing else to a client without a certificate, whom it turns away. */
    @Test
    void hearsNoConsentInACloseNotify() {
        try (PeerProcess server = server("-tls1_3 -verify 1 -num_tickets 0")) {
            Observation seen = rig.scan(server.port(), Depth.STANDARD);
            assertThat(seen.protocols()).containsEntry("TLSv1.3", FactState.ACCEPTED);
            assertThat(seen.clientAuthentication().mode()).isEqualTo("unknown");
        }
        try (PeerProcess server = server("-verify 1 -num_tickets 0")) {
            assertThat(rig.scan(server.port(), Depth.STANDARD)
                            .clientAuthentication()
                            .mode())
                    .isEqualTo("requested");
        }
    }

    /** What is hung up on behind the handshake is what only a certificate would bring. */
    @Test
    void knowsWhyAServerThatHangsUpOnStrangersShowsNoMore() throws IOException {
        try (PeerProcess slapd = slapd("TLSVerifyClient demand\n")) {
            Observation seen = rig.scan(slapd.port(), Depth.FULL);
            assertThat(seen.clientAuthentication().mode()).isEqualTo("required");
            assertThat(doubt(seen, "/resumption/TLSv1.2/ticket")).contains(Reason.CLIENT_CERTIFICATE_REQUIRED);
            assertThat(doubt(seen, "/features/clientRenegotiation")).contains(Reason.CLIENT_CERTIFICATE_REQUIRED);
        }
    }

    private static PeerProcess server(String options) {
        List<String> command = new ArrayList<>(List.of("openssl", "s_server", "-accept", "127.0.0.1:{port}"));
        command.addAll(List.of("-cert", "cert.pem", "-key", "key.pem", "-quiet"));
        command.addAll(List.of(options.split(" ")));
        return PeerProcess.start(directory, command.toArray(String[]::new));
    }

    private static PeerProcess apache(String sites) throws IOException {
        int port = PeerProcess.freePort();
        Path modules = Path.of("/usr/lib/apache2/modules");
        StringBuilder conf = new StringBuilder();
        for (String module : List.of("mpm_event", "authz_core", "ssl", "socache_shmcb")) {
            Path file = modules.resolve("mod_" + module + ".so");
            assertThat(file).as("apache2-bin is installed").exists();
            conf.append("LoadModule %s_module %s\n".formatted(module, file));
        }
        conf.append("""
                ServerRoot DIR
                PidFile apache-PORT.pid
                DefaultRuntimeDir DIR
                ErrorLog apache-PORT.log
                StartServers 1
                ServerLimit 1
                DocumentRoot DIR
                Listen 127.0.0.1:PORT
                ServerName localhost
                SSLEngine on
                SSLCertificateFile DIR/cert.pem
                SSLCertificateKeyFile DIR/key.pem
                """).append(sites);
        Path file = directory.resolve("apache-" + port + ".conf");
        Files.writeString(
                file,
                conf.toString()
                        .replace(
                                "KEY\n",
                                "SSLEngine on\nSSLCertificateFile DIR/cert.pem\nSSLCertificateKeyFile DIR/key.pem\n")
                        .replace("DIR", directory.toString())
                        .replace("PORT", "" + port));
        return PeerProcess.start(directory, port, List.of("apache2", "-X", "-f", file.toString()));
    }

    private static PeerProcess slapd(String settings) throws IOException {
        int port = PeerProcess.freePort();
        Path file = directory.resolve("slapd-" + port + ".conf");
        Files.writeString(file, """
                pidfile DIR/slapd-%d.pid
                TLSCertificateFile DIR/cert.pem
                TLSCertificateKeyFile DIR/key.pem
                TLSCACertificateFile DIR/cert.pem
                """.formatted(port).replace("DIR", directory.toString()) + settings);
        return PeerProcess.start(
                directory,
                port,
                List.of("slapd", "-d", "0", "-h", "ldaps://127.0.0.1:" + port + "/", "-f", file.toString()));
    }
}

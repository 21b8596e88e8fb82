package io.tlsfleet.scanner.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.tls.x509.CertificateFacts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that keytool and openssl made, read and not read. */
class FileScanTest {
    @TempDir
    private Path directory = Path.of("");

    private Path inside = Path.of("");
    private FileScan scan = new FileScan(List.of(), InstantSource.system(), "test");

    @BeforeEach
    void begin() throws IOException {
        inside = Files.createDirectory(directory.resolve("certs"));
        scan = new FileScan(List.of(inside), InstantSource.system(), "test");
    }

    @Test
    void readsPemDerAndBothKindsOfKeystores() throws Exception {
        keystore("web.p12", "PKCS12", "changeit", "web");
        keystore("web.jks", "JKS", "changeit", "web");
        Path pem = inside.resolve("web.pem");
        run("openssl", "pkcs12", "-in", inside.resolve("web.p12"), "-passin", "pass:changeit", "-nodes", "-out", pem);
        assertThat(Files.readString(pem)).contains("PRIVATE KEY");
        run("openssl", "x509", "-in", pem, "-outform", "DER", "-out", inside.resolve("web.der"));
        for (String name : List.of("web.p12", "web.jks", "web.pem", "web.der")) {
            Observation seen = scan(inside.resolve(name), Map.of());
            assertThat(seen.scan().outcome()).as(name).isEqualTo(Outcome.COMPLETE);
            assertThat(subjects(seen)).as(name).containsExactly("CN=web");
            assertThat(seen.protocols())
                    .as("nothing was asked over the network")
                    .isNull();
            assertThat(seen.scan().connections()).isZero();
        }
    }

    @Test
    void eachEntryOfAKeystoreIsAChainOfItsOwnNamedByItsAlias() throws Exception {
        keystore("two.p12", "PKCS12", "changeit", "first", "second");
        Observation seen = scan(inside.resolve("two.p12"), Map.of());
        assertThat(subjects(seen)).containsExactlyInAnyOrder("CN=first", "CN=second");
        assertThat(served(seen).stream().flatMap(c -> c.servedOn().stream()))
                .containsExactlyInAnyOrder("first", "second");
    }

    @Test
    void opensAKeystoreWithThePasswordOfItsFileAndSaysWhatIsMissingWithoutOne() throws Exception {
        keystore("shut.p12", "PKCS12", "a secret of ours", "web");
        Path password = Files.writeString(inside.resolve("password"), "a secret of ours\n");
        Observation shut = scan(inside.resolve("shut.p12"), Map.of());
        assertThat(shut.scan().reason()).isEqualTo(Reason.UNSUPPORTED);
        assertThat(shut.scan().detail()).contains("passwordFile");
        Observation open = scan(inside.resolve("shut.p12"), Map.of("passwordFile", password.toString()));
        assertThat(subjects(open)).containsExactly("CN=web");
        Files.writeString(password, "another\n");
        assertThat(scan(inside.resolve("shut.p12"), Map.of("passwordFile", password.toString()))
                        .scan()
                        .outcome())
                .isEqualTo(Outcome.UNREACHABLE);
    }

    @Test
    void theCertificatesOfAJksNeedNoPasswordSoItsKeysAreNotOpened() throws Exception {
        keystore("shut.jks", "JKS", "a secret of ours", "web");
        assertThat(subjects(scan(inside.resolve("shut.jks"), Map.of()))).containsExactly("CN=web");
    }

    @Test
    void whatCannotBeReadIsUnknownWithItsReason() throws Exception {
        Observation gone = scan(inside.resolve("gone.pem"), Map.of());
        assertThat(gone.scan().outcome()).isEqualTo(Outcome.UNREACHABLE);
        assertThat(gone.scan().reason()).isEqualTo(Reason.NO_ROUTE);
        assertThat(gone.scan().detail()).contains("gone.pem: no such file");
        assertThat(gone.served()).isNull();
        Files.writeString(inside.resolve("words.pem"), "no certificate\n");
        assertThat(scan(inside.resolve("words.pem"), Map.of()).scan().reason()).isEqualTo(Reason.MALFORMED);
        Files.createDirectory(inside.resolve("sub"));
        assertThat(scan(inside.resolve("sub"), Map.of()).scan().detail()).contains("no regular file");
    }

    @Test
    void nothingOutsideTheGivenDirectoriesIsReadByNameOrLinkOrPassword() throws Exception {
        keystore("web.p12", "PKCS12", "changeit", "web");
        Path outside = Files.move(inside.resolve("web.p12"), directory.resolve("web.p12"));
        assertThat(scan(outside, Map.of()).scan().reason()).isEqualTo(Reason.BLOCKED_BY_POLICY);
        Path link = Files.createSymbolicLink(inside.resolve("link.p12"), outside);
        assertThat(scan(link, Map.of()).scan().reason()).isEqualTo(Reason.BLOCKED_BY_POLICY);
        Observation absent = scan(directory.resolve("absent.p12"), Map.of());
        assertThat(absent.scan().reason()).as("not even whether it is there").isEqualTo(Reason.BLOCKED_BY_POLICY);
        keystore("in.p12", "PKCS12", "changeit", "web");
        Path secret = Files.writeString(directory.resolve("secret"), "changeit\n");
        assertThat(scan(inside.resolve("in.p12"), Map.of("passwordFile", secret.toString()))
                        .scan()
                        .reason())
                .isEqualTo(Reason.BLOCKED_BY_POLICY);
        scan = new FileScan(List.of(), InstantSource.system(), "test");
        assertThat(scan(inside.resolve("in.p12"), Map.of()).scan().detail()).contains("--files DIRECTORY");
        // a link that stays inside, as certbot makes them, is followed
        scan = new FileScan(List.of(directory), InstantSource.system(), "test");
        assertThat(subjects(scan(link, Map.of()))).containsExactly("CN=web");
    }

    private static List<String> subjects(Observation seen) {
        return served(seen).stream()
                .map(chain -> CertificateFacts.read(chain.chain().getFirst())
                        .subject()
                        .text())
                .toList();
    }

    private static List<Observation.ServedChain> served(Observation seen) {
        return Objects.requireNonNull(
                seen.served(), () -> String.valueOf(seen.scan().detail()));
    }

    private Observation scan(Path file, Map<String, String> tags) {
        Target target =
                new Target("file:" + file, 0, null, null, List.of(), Depth.CERTIFICATE, tags, null, null, null, null);
        return scan.scan(new Lease(7, new UUID(1, 2), Instant.MAX, target, Depth.CERTIFICATE, 0, List.of(), List.of()));
    }

    private void keystore(String name, String type, String password, String... aliases) throws Exception {
        for (String alias : aliases) {
            run(
                    Path.of(System.getProperty("java.home"), "bin", "keytool"),
                    "-genkeypair",
                    "-alias",
                    alias,
                    "-keyalg",
                    "EC",
                    "-dname",
                    "CN=" + alias,
                    "-storetype",
                    type,
                    "-keystore",
                    inside.resolve(name),
                    "-storepass",
                    password,
                    "-keypass",
                    password);
        }
    }

    private static void run(Object... command) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>();
        for (Object word : command) {
            words.add(word.toString());
        }
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(words + ": " + said).isZero();
    }
}

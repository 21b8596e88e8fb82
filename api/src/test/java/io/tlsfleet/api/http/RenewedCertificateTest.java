package io.tlsfleet.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.tlsfleet.api.auth.Credentials;
import io.tlsfleet.api.auth.Principal;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** The API's own certificate, made by openssl: what is served, and what becomes of a renewal. */
class RenewedCertificateTest {
    @TempDir
    private Path dir;

    private final Vertx vertx = Vertx.vertx();
    private final Logger log = (Logger) LoggerFactory.getLogger(WebServer.class);
    private final ListAppender<ILoggingEvent> said = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.setLevel(Level.INFO);
        said.start();
        log.addAppender(said);
    }

    @AfterEach
    void stop() {
        log.detachAppender(said);
        log.setLevel(null);
        vertx.close().await();
    }

    @Test
    void aBrokenRenewalKeepsTheOldOneAndTheGoodOneIsTakenLater() throws Exception {
        Path first = made("first", "rsa:2048");
        Path second = made("second", "rsa:2048");
        ApiConfig.Tls tls = tls();
        place(first);
        WebServer server = server(tls);
        int port = server.listen().await();
        assertThat(served(port)).isEqualTo("CN=first");
        server.reload(tls).await();
        assertThat(said.list).as("nothing has changed").isEmpty();

        byte[] whole = Files.readAllBytes(second.resolve("certificate.pem"));
        Files.write(tls.certificate(), List.of(new String(whole, 0, whole.length / 2, StandardCharsets.US_ASCII)));
        assertThatThrownBy(() -> server.reload(tls).await()).isInstanceOf(IllegalArgumentException.class);
        assertThat(served(port)).as("cut off").isEqualTo("CN=first");
        assertThat(lastWarning())
                .contains("the old one stays", "--tls-certificate " + tls.certificate() + ": ", "cannot be read");

        Files.delete(tls.certificate());
        assertThatThrownBy(() -> server.reload(tls).await()).isInstanceOf(IllegalArgumentException.class);
        assertThat(lastWarning()).contains(tls.certificate() + ": no such file");
        int warnings = said.list.size();
        server.reload(tls).await();
        assertThat(said.list).as("said once").hasSize(warnings);

        Files.copy(second.resolve("certificate.pem"), tls.certificate());
        assertThatThrownBy(() -> server.reload(tls).await()).isInstanceOf(IllegalArgumentException.class);
        assertThat(lastWarning()).contains("the key is not that of the certificate");
        assertThat(served(port)).as("with another's key").isEqualTo("CN=first");

        Files.copy(second.resolve("key.pem"), tls.key(), StandardCopyOption.REPLACE_EXISTING);
        server.reload(tls).await();
        assertThat(served(port)).isEqualTo("CN=second");
        assertThat(said.list.getLast().getFormattedMessage()).contains("was read again from");
        server.close().await();
    }

    /** A key is older than the certificate that it was made for, and keeps its time where it is moved. */
    @Test
    void aKeyThatIsMovedInAfterItsCertificateIsSeenWhateverItsTime() throws Exception {
        Path first = made("first", "rsa:2048");
        Path second = made("second", "rsa:2048");
        ApiConfig.Tls tls = tls();
        place(first);
        WebServer server = server(tls);
        int port = server.listen().await();
        FileTime older = FileTime.from(Instant.now().minusSeconds(3600));
        Files.setLastModifiedTime(second.resolve("key.pem"), older);
        Files.move(second.resolve("certificate.pem"), tls.certificate(), StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> server.reload(tls).await()).isInstanceOf(IllegalArgumentException.class);
        Files.move(second.resolve("key.pem"), tls.key(), StandardCopyOption.REPLACE_EXISTING);
        server.reload(tls).await();
        assertThat(served(port)).isEqualTo("CN=second");
        server.close().await();
    }

    /** What the check at the start lets pass is served. */
    @ParameterizedTest
    @ValueSource(strings = {"rsa:2048", "rsa-pss", "ed25519", "ec -pkeyopt ec_paramgen_curve:P-384"})
    void servesEveryKindOfKey(String kind) throws Exception {
        place(made("own", kind));
        assertThat(servedBy(tls())).isEqualTo("CN=own");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x509 -outform DER", "crl2pkcs7 -nocrl -certfile certificate.pem -outform DER"})
    void servesACertificateInDerOrABundle(String form) throws Exception {
        Path own = made("own", "rsa:2048");
        openssl(own, (form + (form.startsWith("x509") ? " -in certificate.pem" : "") + " -out other").split(" "));
        place(own);
        Files.copy(own.resolve("other"), tls().certificate(), StandardCopyOption.REPLACE_EXISTING);
        assertThat(servedBy(tls())).isEqualTo("CN=own");
    }

    private String servedBy(ApiConfig.Tls tls) throws Exception {
        tls.check();
        WebServer server = server(tls);
        try {
            return served(server.listen().await());
        } finally {
            server.close().await();
        }
    }

    private WebServer server(ApiConfig.Tls tls) {
        ApiConfig usual = ApiConfig.loopback(0);
        ApiConfig config = new ApiConfig(
                usual.bind(),
                0,
                tls,
                usual.trustedProxies(),
                null,
                usual.webRoot(),
                usual.maxBodyBytes(),
                usual.maxImportBytes(),
                usual.maxRequests(),
                usual.perEndpointMetrics());
        return new WebServer(
                vertx,
                config,
                new Edge(vertx, config, new Doorkeeper(config, new Nobody(), InstantSource.system())),
                List.of());
    }

    private ApiConfig.Tls tls() {
        return new ApiConfig.Tls(dir.resolve("certificate.pem"), dir.resolve("key.pem"));
    }

    private String lastWarning() {
        ILoggingEvent last = said.list.getLast();
        assertThat(last.getLevel()).isEqualTo(Level.WARN);
        return last.getFormattedMessage();
    }

    private void place(Path pair) throws IOException {
        Files.copy(pair.resolve("certificate.pem"), tls().certificate(), StandardCopyOption.REPLACE_EXISTING);
        Files.copy(pair.resolve("key.pem"), tls().key(), StandardCopyOption.REPLACE_EXISTING);
    }

    private Path made(String name, String kind) throws Exception {
        Path at = Files.createDirectory(dir.resolve(name));
        openssl(
                at,
                ("req -x509 -nodes -days 2 -keyout key.pem -out certificate.pem -subj /CN=" + name + " -newkey " + kind)
                        .split(" "));
        return at;
    }

    private static void openssl(Path at, String... words) throws Exception {
        List<String> command = new java.util.ArrayList<>(List.of("openssl"));
        command.addAll(List.of(words));
        Path log = at.resolve("openssl.log");
        Process process = new ProcessBuilder(command)
                .directory(at.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(process.waitFor()).as(() -> log + ": " + command).isZero();
    }

    private static String served(int port) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Anybody()}, new SecureRandom());
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.setSoTimeout(10_000);
            socket.startHandshake();
            return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
                    .getSubjectX500Principal()
                    .getName();
        }
    }

    private static final class Anybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private static final class Nobody implements Credentials {
        @Override
        public Optional<Principal> byToken(byte[] sha256) {
            return Optional.empty();
        }

        @Override
        public Optional<Principal> byCertificate(byte[] spkiSha256) {
            return Optional.empty();
        }

        @Override
        public Optional<Principal> bySession(byte[] sha256) {
            return Optional.empty();
        }

        @Override
        public void begin(byte[] sessionSha256, long tokenId, Instant expiresAt) {}

        @Override
        public void end(byte[] sessionSha256) {}
    }
}

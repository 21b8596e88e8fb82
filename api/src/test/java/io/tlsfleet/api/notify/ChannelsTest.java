package io.tlsfleet.api.notify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.store.alert.Receiver;
import io.vertx.core.Vertx;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every notice through every kind of receiver, to a server that refuses what the provider's would. */
class ChannelsTest {
    private static final String TEMPLATE =
            "{\"message\": \"{{subject:130}}\", \"alias\": \"tlsfleet-{{alert:100}}\", \"description\": \"{{text:15000}}\"}";

    @TempDir
    Path dir;

    private final Vertx vertx = Vertx.vertx();
    private final Outgoing outgoing = new Outgoing(vertx, Reach.of(AddressGate.local()), Instant::now);
    private final ProviderServer providers = new ProviderServer();
    private SecretBox box;
    private Channels channels;

    @BeforeEach
    void start() throws Exception {
        box = SecretBox.open(dir.resolve("key"));
        channels = new Channels(vertx, outgoing, box, Instant::now);
    }

    @AfterEach
    void stop() {
        providers.close();
        outgoing.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void slackTakesEveryNoticeAndRefusesWhatIsNone() {
        Receiver slack = receiver("slack", Map.of(), Map.of("url", providers.url("/slack")));
        everyNoticeIsTaken(slack);
        assertThat(providers
                        .got
                        .getFirst()
                        .body()
                        .path("blocks")
                        .path(0)
                        .path("text")
                        .path("text")
                        .asText())
                .isEqualTo("high: Intermediate certificate ends in 3 days – 1,204 endpoints");
        Receiver elsewhere = receiver("slack", Map.of(), Map.of("url", providers.url("/teams")));
        assertThat(channels.send(elsewhere, SampleNotices.hostile(), "k"))
                .isEqualTo(new Delivery.Failed(400, "answered 400: no card that Teams shows", -1));
    }

    @Test
    void teamsTakesEveryNotice() {
        everyNoticeIsTaken(receiver("teams", Map.of(), Map.of("url", providers.url("/teams"))));
    }

    @Test
    void pagerDutyOpensAnIncidentOnceAndClosesIt() {
        Map<String, String> secret =
                Map.of("url", providers.url("/v2/enqueue"), "secret", "R0123456789ABCDEF0123456789ABCDE");
        Receiver pagerDuty = receiver("pagerduty", Map.of(), secret);
        Notice firing = SampleNotices.all().get("firing");
        channels.send(pagerDuty, firing, "a");
        channels.send(pagerDuty, firing, "a");
        channels.send(pagerDuty, SampleNotices.all().get("worse"), "b");
        assertThat(providers.incidents).containsExactly("tlsfleet-alert-41-5e7a1c0d");
        channels.send(pagerDuty, SampleNotices.all().get("resolved"), "c");
        assertThat(providers.incidents).isEmpty();
        channels.send(
                pagerDuty, new Wording(null, SampleNotices.ESTATE).firstScan("web", List.of(), SampleNotices.NOW), "e");
        channels.send(
                pagerDuty, new Wording(null, SampleNotices.ESTATE).firstScan("web", List.of(), SampleNotices.NOW), "e");
        channels.send(
                pagerDuty,
                new Wording(null, SampleNotices.ESTATE).firstScan("web", List.of(), SampleNotices.NOW.plusSeconds(60)),
                "f");
        assertThat(providers.incidents)
                .as("the next digest is news, the same one is not")
                .hasSize(2);
        everyNoticeIsTaken(pagerDuty);
        Receiver wrong =
                receiver("pagerduty", Map.of(), Map.of("url", providers.url("/v2/enqueue"), "secret", "short"));
        assertThat(channels.send(wrong, firing, "d"))
                .isInstanceOfSatisfying(
                        Delivery.Failed.class, f -> assertThat(f.why()).contains("Event object is invalid"));
    }

    @Test
    void opsgenieOpensAnAlertUnderItsAliasAndClosesIt() {
        Receiver opsgenie = receiver("opsgenie", Map.of(), Map.of("url", providers.url(""), "secret", "123"));
        everyNoticeIsTaken(opsgenie);
        assertThat(providers.incidents).doesNotContain("tlsfleet-alert-41-5e7a1c0d", "tlsfleet-test");
        Notice firing = SampleNotices.all().get("firing");
        channels.send(opsgenie, firing, "a");
        channels.send(opsgenie, SampleNotices.all().get("worse"), "b");
        assertThat(providers.incidents).contains("tlsfleet-alert-41-5e7a1c0d");
        assertThat(providers.got.getLast().body().path("priority").asText()).isEqualTo("P1");
        channels.send(opsgenie, SampleNotices.all().get("resolved"), "c");
        assertThat(providers.incidents).doesNotContain("tlsfleet-alert-41-5e7a1c0d");
        Receiver without = receiver("opsgenie", Map.of(), Map.of("url", providers.url("/no-such"), "secret", "123"));
        assertThat(channels.send(without, firing, "k"))
                .isInstanceOfSatisfying(
                        Delivery.Failed.class, f -> assertThat(f.why()).startsWith("answered 404"));
    }

    @Test
    void jiraGetsOneIssueAnAlertWithCommentsAndAnEnd() {
        Map<String, Object> settings =
                new LinkedHashMap<>(Map.of("project", "OPS", "user", "bot@example.org", "transition", "31"));
        Map<String, String> secret = Map.of("url", providers.url("/"), "secret", "token");
        Receiver jira = receiver("jira", settings, secret);
        Map<String, Notice> all = SampleNotices.all();
        for (boolean cloud : new boolean[] {true, false}) {
            providers.jira.cloud = cloud;
            providers.jira.issues.clear();
            channels.send(jira, all.get("firing"), "a");
            channels.send(jira, all.get("worse"), "b");
            assertThat(providers.jira.issues).hasSize(1);
            JiraPeer.Issue issue = providers.jira.issues.get("OPS-1");
            assertThat(issue.fields().path("labels").toString())
                    .isEqualTo("[\"tlsfleet\",\"tlsfleet-alert-41-5e7a1c0d\"]");
            assertThat(issue.isOpen()).isTrue();
            assertThat(channels.send(jira, all.get("resolved"), "c")).isInstanceOf(Delivery.Delivered.class);
            assertThat(issue.isOpen()).isFalse();
            assertThat(issue.comments()).hasSize(2).last().asString().contains("It is not seen any more");
            assertThat(channels.send(jira, all.get("resolved"), "c"))
                    .as("once more")
                    .isInstanceOf(Delivery.Delivered.class);
            assertThat(issue.comments()).hasSize(2);
            channels.send(jira, all.get("firing"), "d");
            assertThat(providers.jira.issues)
                    .as("what comes again is another issue")
                    .hasSize(2);
            channels.send(jira, all.get("test"), "e");
            assertThat(providers.jira.issues.get("OPS-3").isOpen())
                    .as("a test leaves nothing open")
                    .isFalse();
        }
        everyNoticeIsTaken(jira);
        channels.send(jira, all.get("firing"), "f");
        settings.put("transition", "99");
        assertThat(channels.send(receiver("jira", settings, secret), all.get("resolved"), "f"))
                .isInstanceOfSatisfying(
                        Delivery.Delivered.class,
                        d -> assertThat(d.detail()).contains("transition 99 is not possible"));
        assertThat(channels.send(
                        receiver("jira", settings, Map.of("url", providers.url("/"), "secret", "old")),
                        all.get("firing"),
                        "g"))
                .isInstanceOfSatisfying(
                        Delivery.Failed.class, f -> assertThat(f.why()).startsWith("answered 401"));
    }

    @Test
    void othersAreServedByATemplateOfTheGenericKind() {
        Map<String, Object> secret =
                Map.of("url", providers.url("/v2/alerts"), "headers", Map.of("Authorization", "GenieKey 123"));
        everyNoticeIsTaken(receiver("generic", Map.of("template", TEMPLATE), secret));
        assertThat(providers.incidents).contains("tlsfleet-alert-41-5e7a1c0d");
        Receiver without =
                receiver("generic", Map.of("template", TEMPLATE), Map.of("url", providers.url("/v2/alerts")));
        assertThat(channels.send(without, SampleNotices.hostile(), "k"))
                .isInstanceOfSatisfying(
                        Delivery.Failed.class, f -> assertThat(f.why()).startsWith("answered 401"));
    }

    @Test
    void aProviderThatIsOverloadedSaysWhenToComeAgain() {
        providers.overloaded = 77;
        Receiver slack = receiver("slack", Map.of(), Map.of("url", providers.url("/slack")));
        assertThat(channels.send(slack, SampleNotices.hostile(), "k"))
                .isEqualTo(new Delivery.Failed(429, "answered 429: rate_limited", 77));
        providers.until = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                Instant.now().plusSeconds(600).atOffset(ZoneOffset.UTC));
        assertThat(channels.send(slack, SampleNotices.hostile(), "k"))
                .isInstanceOfSatisfying(
                        Delivery.Failed.class,
                        f -> assertThat(f.retryAfterSeconds()).isBetween(590L, 600L));
    }

    @Test
    void mailCarriesTextAndPageOverTlsWithALogin() throws Exception {
        Path pem = keys();
        System.setProperty(
                "greenmail.tls.keystore.file", dir.resolve("mail.p12").toString());
        System.setProperty("greenmail.tls.keystore.password", "changeit");
        GreenMail mail = new GreenMail(new ServerSetup[] {
            new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTPS),
            new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP)
        });
        try {
            mail.setUser("tlsfleet@example.org", "tlsfleet", "secret");
            mail.start();
            Map<String, Object> settings = new LinkedHashMap<>();
            settings.put("host", "localhost");
            settings.put("port", mail.getSmtps().getPort());
            settings.put("tls", "implicit");
            settings.put("user", "tlsfleet");
            settings.put("from", "tlsfleet@example.org");
            settings.put("to", List.of("ops@example.org", "web@example.org"));
            Receiver stranger = receiver("email", settings, Map.of("secret", "secret"));
            assertThat(channels.send(stranger, SampleNotices.hostile(), "k"))
                    .as("a certificate that nobody vouches for")
                    .isInstanceOfSatisfying(
                            Delivery.Failed.class, f -> assertThat(f.why()).contains("--outgoing-ca"));
            try (Outgoing own =
                    new Outgoing(vertx, new Reach(AddressGate.local(), Anchors.and(List.of(pem))), Instant::now)) {
                assertThat(new Channels(vertx, own, box, Instant::now).send(stranger, SampleNotices.hostile(), "own"))
                        .as("one that the operator vouches for")
                        .isInstanceOf(Delivery.Delivered.class);
            }
            mail.purgeEmailFromAllMailboxes();
            settings.put("caCertificates", Files.readString(pem));
            Receiver known = receiver("email", settings, Map.of("secret", "secret"));
            Notice firing = SampleNotices.all().get("firing");
            assertThat(channels.send(known, firing, "a41-firing-r1")).isInstanceOf(Delivery.Delivered.class);
            MimeMessage[] messages = mail.getReceivedMessages();
            assertThat(messages).as("one for each of two").hasSize(2);
            MimeMessage message = messages[0];
            assertThat(message.getSubject())
                    .isEqualTo("[tlsfleet] high: Intermediate certificate ends in 3 days – 1,204 endpoints");
            assertThat(message.getHeader("Message-ID"))
                    .containsExactly("<a41-firing-r1."
                            + Long.toString(firing.at().toEpochMilli(), Character.MAX_RADIX) + "@tlsfleet>");
            assertThat(message.getHeader("References")).containsExactly("<alert-41-5e7a1c0d@tlsfleet>");
            assertThat(message.getHeader("Auto-Submitted")).containsExactly("auto-generated");
            Map<String, String> parts = new LinkedHashMap<>();
            parts(message, parts);
            assertThat(parts.get("text/plain").replace("\r\n", "\n").strip())
                    .isEqualTo(Rendering.plain(firing).strip());
            assertThat(parts.get("text/html")).contains("<!doctype html>", "Open in tlsfleet", "shop.example:443");

            assertThat(channels.send(known, SampleNotices.hostile(), "a66-r1")).isInstanceOf(Delivery.Delivered.class);
            MimeMessage evil = List.of(mail.getReceivedMessages()).stream()
                    .filter(m -> headerOf(m, "Message-ID").startsWith("<a66-r1."))
                    .findFirst()
                    .orElseThrow();
            assertThat(evil.getHeader("Bcc")).as("a name begins no header").isNull();
            assertThat(evil.getAllRecipients()).hasSize(2);
            assertThat(evil.getSubject()).startsWith("[tlsfleet] high: Certificate names <!channel>");

            Receiver wrong = receiver("email", settings, Map.of("secret", "guessed"));
            assertThat(channels.send(wrong, firing, "k"))
                    .isInstanceOfSatisfying(
                            Delivery.Failed.class, f -> assertThat(f.why()).contains("535"));
            settings.put("port", mail.getSmtp().getPort());
            settings.put("tls", "starttls");
            assertThat(channels.send(receiver("email", settings, Map.of("secret", "secret")), firing, "k"))
                    .as("a server without STARTTLS gets no password")
                    .isInstanceOfSatisfying(
                            Delivery.Failed.class, f -> assertThat(f.why()).containsIgnoringCase("starttls"));
        } finally {
            mail.stop();
        }
    }

    @Test
    void mailGoesToARealEximOverStarttlsAndNotInClear() throws Exception {
        Path pem = keys();
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        for (String made : List.of("spool", "log")) {
            Path folder = Files.createDirectory(dir.resolve(made));
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        }
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(dir.resolve("key.pem"), PosixFilePermissions.fromString("rw-r--r--"));
        Files.writeString(dir.resolve("exim.conf"), """
                primary_hostname = localhost
                keep_environment =
                local_interfaces = 127.0.0.1
                daemon_smtp_ports = %2$d
                spool_directory = %1$s/spool
                log_file_path = %1$s/log/%%slog
                pid_file_path = %1$s/spool/exim.pid
                tls_advertise_hosts = *
                tls_certificate = %1$s/cert.pem
                tls_privatekey = %1$s/key.pem
                queue_only = true
                acl_smtp_rcpt = rcpt
                acl_smtp_data = data
                begin acl
                rcpt:
                  deny message = only over TLS
                       !encrypted = *
                  accept
                data:
                  accept
                begin routers
                begin transports
                """.formatted(dir, port));
        Process exim = new ProcessBuilder(
                        "exim4", "-bdf", "-C", dir.resolve("exim.conf").toString())
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("exim.log").toFile())
                .start();
        try {
            until(() -> {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    return socket.getInputStream().read() == '2';
                } catch (IOException e) {
                    return false;
                }
            });
            Map<String, Object> settings = new LinkedHashMap<>();
            settings.put("host", "localhost");
            settings.put("port", port);
            settings.put("from", "tlsfleet@example.org");
            settings.put("to", List.of("ops@example.org"));
            settings.put("tls", "none");
            assertThat(channels.send(receiver("email", settings, Map.of()), SampleNotices.hostile(), "k"))
                    .isInstanceOfSatisfying(
                            Delivery.Failed.class, f -> assertThat(f.why()).contains("only over TLS"));
            settings.put("tls", "starttls");
            settings.put("caCertificates", Files.readString(pem));
            assertThat(channels.send(
                            receiver("email", settings, Map.of()),
                            SampleNotices.all().get("firing"),
                            "k"))
                    .isInstanceOf(Delivery.Delivered.class);
            assertThat(Files.readString(dir.resolve("log/mainlog"))).contains("id=k.", "@tlsfleet", "X=TLS1.3");
        } finally {
            exim.destroy();
            exim.waitFor(10, TimeUnit.SECONDS);
        }
    }

    /** A colleague who left kept every notice from the others for three days. */
    @Test
    void mailReachesTheOthersWhereOneAddressIsGoneForGood() {
        try (MailPeer mail = new MailPeer()) {
            mail.answers.put("gone@example.org", "550 5.1.1 no such user");
            assertThat(channels.send(mailTo(mail), SampleNotices.all().get("firing"), "k"))
                    .isInstanceOfSatisfying(
                            Delivery.Delivered.class,
                            d -> assertThat(d.detail()).endsWith("it refuses for good gone@example.org"));
            assertThat(mail.taken).containsExactly(List.of("ops@example.org"));
            mail.answers.put("ops@example.org", "550 5.1.1 no such user");
            assertThat(channels.send(mailTo(mail), SampleNotices.all().get("firing"), "k"))
                    .isInstanceOfSatisfying(Delivery.Failed.class, f -> {
                        assertThat(f.why()).contains("550 5.1.1 no such user");
                        assertThat(f.isRefusal()).isFalse();
                    });
        }
    }

    @Test
    void mailThatIsDeferredForOneAddressGoesToAllTogetherLater() {
        try (MailPeer mail = new MailPeer()) {
            mail.answers.put("gone@example.org", "450 4.2.0 greylisted");
            assertThat(channels.send(mailTo(mail), SampleNotices.all().get("firing"), "k"))
                    .isInstanceOfSatisfying(
                            Delivery.Failed.class, f -> assertThat(f.why()).contains("greylisted"));
            assertThat(mail.taken).isEmpty();
        }
    }

    @Test
    void aMailThatIsRefusedForWhatItHoldsHoldsUpNoOther() {
        try (MailPeer mail = new MailPeer()) {
            mail.answers.put("DATA", "554 5.7.1 looks like spam");
            assertThat(channels.send(mailTo(mail), SampleNotices.all().get("firing"), "k"))
                    .isInstanceOfSatisfying(Delivery.Failed.class, f -> {
                        assertThat(f.why()).contains("554 5.7.1 looks like spam");
                        assertThat(f.isRefusal()).isTrue();
                    });
            mail.answers.put("DATA", "451 4.3.0 try later");
            assertThat(channels.send(mailTo(mail), SampleNotices.all().get("firing"), "k"))
                    .isInstanceOfSatisfying(
                            Delivery.Failed.class,
                            f -> assertThat(f.isRefusal()).isFalse());
        }
    }

    private Receiver mailTo(MailPeer mail) {
        return receiver(
                "email",
                Map.of(
                        "host",
                        "127.0.0.1",
                        "port",
                        mail.port(),
                        "tls",
                        "none",
                        "to",
                        List.of("gone@example.org", "ops@example.org")),
                Map.of());
    }

    private static void until(java.util.function.BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 300 && !condition.getAsBoolean(); i++) {
            Thread.sleep(100);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    private void everyNoticeIsTaken(Receiver receiver) {
        SampleNotices.all()
                .forEach((name, notice) -> assertThat(channels.send(receiver, notice, "key-" + name))
                        .as(receiver.kind() + " " + name)
                        .isInstanceOf(Delivery.Delivered.class));
    }

    private static String headerOf(MimeMessage message, String name) {
        try {
            return message.getHeader(name)[0];
        } catch (jakarta.mail.MessagingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void parts(Part part, Map<String, String> into) throws Exception {
        if (part.getContent() instanceof Multipart many) {
            for (int i = 0; i < many.getCount(); i++) {
                parts(many.getBodyPart(i), into);
            }
        } else {
            into.put(
                    part.getContentType().replaceFirst(";.*", "").strip().toLowerCase(java.util.Locale.ROOT),
                    String.valueOf(part.getContent()));
        }
    }

    /** A key and a certificate for localhost, as PEM and as a keystore. */
    private Path keys() throws Exception {
        run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
                "-keyout",
                "key.pem",
                "-out",
                "cert.pem",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost");
        run(
                "openssl",
                "pkcs12",
                "-export",
                "-in",
                "cert.pem",
                "-inkey",
                "key.pem",
                "-out",
                "mail.p12",
                "-passout",
                "pass:changeit");
        return dir.resolve("cert.pem");
    }

    private void run(String... command) throws Exception {
        List<String> all = new ArrayList<>(List.of(command));
        Process process = new ProcessBuilder(all)
                .directory(dir.toFile())
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("out.log").toFile())
                .start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0)
                .as(() -> String.join(" ", command))
                .isTrue();
    }

    private Receiver receiver(String kind, Map<String, ?> settings, Map<String, ?> secret) {
        JsonNode given = Json.tree(settings);
        return new Receiver(1, kind, kind, given, box.seal(Json.bytes(secret)), false, false);
    }
}

package io.tlsfleet.api.notify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.store.alert.Receiver;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's rsyslogd takes the notices over UDP, TCP and TLS and says how it understood them. */
class RealSyslogTest {
    @TempDir
    Path dir;

    private final Vertx vertx = Vertx.vertx();
    private final Outgoing outgoing = new Outgoing(vertx, Reach.of(AddressGate.local()), Instant::now);
    private Channels channels;
    private SecretBox box;
    private Process rsyslog;
    private int udp;
    private int tcp;
    private int tls;

    @BeforeEach
    void start() throws Exception {
        box = SecretBox.open(dir.resolve("key"));
        channels = new Channels(vertx, outgoing, box, Instant::now);
        run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-keyout",
                "k.pem",
                "-out",
                "c.pem",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost");
        try (DatagramSocket one = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                ServerSocket two = new ServerSocket(0);
                ServerSocket three = new ServerSocket(0)) {
            udp = one.getLocalPort();
            tcp = two.getLocalPort();
            tls = three.getLocalPort();
        }
        Path config = dir.resolve("rsyslog.conf");
        Files.writeString(config, """
                global(workDirectory="%1$s" maxMessageSize="64k" parser.escapeControlCharactersOnReceive="on"
                  defaultNetstreamDriverCAFile="%1$s/c.pem" defaultNetstreamDriverCertFile="%1$s/c.pem" defaultNetstreamDriverKeyFile="%1$s/k.pem")
                module(load="imudp")
                module(load="imtcp")
                template(name="json" type="list" option.jsonf="on") {
                  property(outname="pri" name="pri" format="jsonf")
                  property(outname="version" name="protocol-version" format="jsonf")
                  property(outname="at" name="timereported" dateFormat="rfc3339" format="jsonf")
                  property(outname="app" name="app-name" format="jsonf")
                  property(outname="msgid" name="msgid" format="jsonf")
                  property(outname="data" name="structured-data" format="jsonf")
                  property(outname="via" name="inputname" format="jsonf")
                  property(outname="msg" name="msg" format="jsonf")
                }
                input(type="imudp" address="127.0.0.1" port="%2$d" name="udp")
                input(type="imtcp" address="127.0.0.1" port="%3$d" name="tcp")
                input(type="imtcp" address="127.0.0.1" port="%4$d" name="tls" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="anon")
                action(type="omfile" file="%1$s/got.json" template="json")
                """.formatted(dir, udp, tcp, tls));
        rsyslog = program(
                "rsyslogd",
                "-n",
                "-f",
                config.toString(),
                "-i",
                dir.resolve("pid").toString());
        for (int port : new int[] {tcp, tls}) {
            until(() -> {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    return socket.isConnected();
                } catch (IOException e) {
                    return false;
                }
            });
        }
    }

    @AfterEach
    void stop() throws Exception {
        rsyslog.destroy();
        rsyslog.waitFor(10, TimeUnit.SECONDS);
        outgoing.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void readsEveryFieldOverUdpTcpAndTls() throws Exception {
        Notice firing = SampleNotices.all().get("firing");
        Notice hostile = SampleNotices.hostile();
        for (String protocol : List.of("udp", "tcp", "tls")) {
            assertThat(channels.send(receiver(protocol), firing, "k"))
                    .as(protocol)
                    .isInstanceOf(Delivery.Delivered.class);
            assertThat(channels.send(receiver(protocol), hostile, "k"))
                    .as(protocol)
                    .isInstanceOf(Delivery.Delivered.class);
        }
        until(() -> got().size() >= 6);
        for (String via : List.of("udp", "tcp", "tls")) {
            List<JsonNode> own = got().stream()
                    .filter(g -> g.path("via").asText().equals(via))
                    .toList();
            assertThat(own).as(via).hasSize(2).allSatisfy(line -> {
                assertThat(line.path("pri").asText()).isEqualTo("11"); // user, error
                assertThat(line.path("version").asText()).isEqualTo("1");
                assertThat(line.path("app").asText()).isEqualTo("tlsfleet");
                assertThat(line.path("msgid").asText()).isEqualTo("firing");
                assertThat(line.path("data").asText()).isEqualTo("-");
                assertThat(Instant.parse(line.path("at").asText()))
                        .isEqualTo(Instant.parse("2026-11-21T14:05:00.123Z"));
            });
            assertThat(own.getFirst().path("msg").asText())
                    .isEqualTo(Rendering.plain(firing).strip().replaceAll("\\n+", " "));
            assertThat(own.get(1).path("msg").asText())
                    .contains("\\u000d\\u000aBcc")
                    .doesNotContain("#01");
        }
    }

    @Test
    void givesNothingToATlsLogHostThatIsAnother() {
        Receiver stranger = receiver("tls", Map.of("host", "127.0.0.1", "port", tls, "protocol", "tls"));
        assertThat(channels.send(stranger, SampleNotices.hostile(), "k"))
                .isInstanceOfSatisfying(
                        Delivery.Failed.class, f -> assertThat(f.why()).containsIgnoringCase("certif"));
        Receiver nobody = receiver("tcp", Map.of("host", "127.0.0.1", "port", 1, "protocol", "tcp"));
        assertThat(channels.send(nobody, SampleNotices.hostile(), "k"))
                .isInstanceOfSatisfying(
                        Delivery.Failed.class, f -> assertThat(f.why()).contains("refused"));
    }

    /** {@code --outgoing-ca}: for receivers without {@code caCertificates} of their own, and for those alone. */
    @Test
    void believesTheServersAuthorityWhereTheReceiverNamesNone() throws Exception {
        Receiver plain = receiver("tls", Map.of("host", "localhost", "port", tls, "protocol", "tls"));
        Notice firing = SampleNotices.all().get("firing");
        assertThat(channels.send(plain, firing, "k"))
                .as("without the option")
                .isInstanceOfSatisfying(
                        Delivery.Failed.class, f -> assertThat(f.why()).containsIgnoringCase("certif"));
        run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-keyout",
                "other-k.pem",
                "-out",
                "other.pem",
                "-subj",
                "/CN=other");
        Outgoing believing = new Outgoing(
                vertx,
                new Reach(AddressGate.local(), Anchors.and(List.of(dir.resolve("other.pem"), dir.resolve("c.pem")))),
                Instant::now);
        try {
            Channels own = new Channels(vertx, believing, box, Instant::now);
            assertThat(own.send(plain, firing, "k")).isInstanceOf(Delivery.Delivered.class);
            until(() -> got().size() == 1);
            Receiver narrow = receiver(
                    "tls",
                    Map.of(
                            "host",
                            "localhost",
                            "port",
                            tls,
                            "protocol",
                            "tls",
                            "caCertificates",
                            Files.readString(dir.resolve("other.pem"))));
            assertThat(own.send(narrow, firing, "k")).isInstanceOf(Delivery.Failed.class);
        } finally {
            believing.close();
        }
    }

    private Receiver receiver(String protocol) throws IOException {
        int port = protocol.equals("udp") ? udp : protocol.equals("tcp") ? tcp : tls;
        return receiver(
                protocol,
                Map.of(
                        "host",
                        "localhost",
                        "port",
                        port,
                        "protocol",
                        protocol,
                        "caCertificates",
                        Files.readString(dir.resolve("c.pem"))));
    }

    private Receiver receiver(String name, Map<String, ?> settings) {
        return new Receiver(
                1, name, "syslog", Json.tree(settings), box.seal("{}".getBytes(StandardCharsets.UTF_8)), false, false);
    }

    private List<JsonNode> got() {
        try {
            Path file = dir.resolve("got.json");
            return Files.exists(file)
                    ? Files.readAllLines(file).stream()
                            .filter(l -> l.endsWith("}"))
                            .map(Json::parse)
                            .toList()
                    : List.of();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void until(java.util.function.BooleanSupplier condition) throws Exception {
        for (int i = 0; i < 600 && !condition.getAsBoolean(); i++) {
            Thread.sleep(50);
        }
        assertThat(condition.getAsBoolean()).as(() -> "rsyslogd said: " + log()).isTrue();
    }

    private String log() {
        try {
            return Files.readString(dir.resolve("rsyslogd.log"));
        } catch (IOException e) {
            return "nothing";
        }
    }

    private void run(String... command) throws Exception {
        Process process = program(command);
        assertThat(process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0)
                .as(() -> String.join(" ", command))
                .isTrue();
    }

    /** Fails with its name when it is not installed (deploy/test-packages.txt). */
    private Process program(String... command) throws IOException {
        return new ProcessBuilder(command)
                .directory(dir.toFile())
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve(command[0] + ".log").toFile())
                .start();
    }
}

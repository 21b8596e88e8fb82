package io.tlsfleet.scanner.scan;

import static io.tlsfleet.scanner.scan.HostileFlights.TLS_1_2;
import static io.tlsfleet.scanner.scan.HostileFlights.certificate;
import static io.tlsfleet.scanner.scan.HostileFlights.copies;
import static io.tlsfleet.scanner.scan.HostileFlights.flight;
import static io.tlsfleet.scanner.scan.HostileFlights.forEver;
import static io.tlsfleet.scanner.scan.HostileFlights.handshake;
import static io.tlsfleet.scanner.scan.HostileFlights.names;
import static io.tlsfleet.scanner.scan.HostileFlights.nested;
import static io.tlsfleet.scanner.scan.HostileFlights.random;
import static io.tlsfleet.scanner.scan.HostileFlights.repeated;
import static io.tlsfleet.scanner.scan.HostileFlights.rsaKey;
import static io.tlsfleet.scanner.scan.HostileFlights.serverHello;
import static io.tlsfleet.scanner.scan.HostileFlights.suiteOf;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sun.management.ThreadMXBean;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.policy.Judge;
import io.tlsfleet.fleet.policy.Memory;
import io.tlsfleet.fleet.policy.Policies;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.scanner.cli.ScanCommand;
import io.tlsfleet.scanner.connect.Limits;
import io.tlsfleet.scanner.connect.Politeness;
import io.tlsfleet.scanner.starttls.Starttls;
import io.tlsfleet.tls.record.HandshakeMessage;
import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.x509.TrustStore;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/**
 * Servers of bad will: each scan ends within its deadline with an outcome, takes bounded memory, claims nothing that was never
 * agreed, lets nothing escape and logs nothing; judging and writing the report do not fall over either.
 */
class HostileServersTest {
    private static final Duration DEADLINE = Duration.ofSeconds(4);
    private static final Duration GRACE = Duration.ofSeconds(1);

    /** What one connection may make of garbage: it is read up to 320 KiB, and a certificate of that size is copied some times. */
    private static final long MOST_A_CONNECTION = 12L << 20;

    /** For the test itself, whose threads are counted too. */
    private static final long SPARE = 64L << 20;

    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final List<Throwable> escaped = new CopyOnWriteArrayList<>();
    private Thread.@Nullable UncaughtExceptionHandler before;

    @BeforeEach
    void listen() {
        before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> escaped.add(e));
        logged.start();
        root().addAppender(logged);
    }

    @AfterEach
    void stopListening() {
        root().detachAppender(logged);
        Thread.setDefaultUncaughtExceptionHandler(before);
    }

    private static Logger root() {
        return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    /** Answers the first record of a connection. */
    private interface Flight {
        void send(byte[] hello, OutputStream out) throws IOException, InterruptedException;
    }

    private static Front.Behaviour after(Flight flight) {
        return (client, number) -> {
            byte[] hello = Front.firstRecord(client);
            flight.send(hello, client.getOutputStream());
            client.getInputStream().readAllBytes();
        };
    }

    private static byte[] hello(byte[] clientHello) {
        return handshake(
                HandshakeMessage.SERVER_HELLO, serverHello(TLS_1_2, suiteOf(clientHello), false, new ByteWriter()));
    }

    private static Map<String, Front.Behaviour> zoo() {
        Map<String, Front.Behaviour> zoo = new LinkedHashMap<>();
        byte[] sixteenMib =
                new ByteWriter().u8(HandshakeMessage.CERTIFICATE).u24(0xFFFFFF).toBytes();
        byte[] filler = HandshakeFiller.record();
        zoo.put("an endless handshake", after((hello, out) -> {
            out.write(hello(hello));
            forEver(out, repeated(handshake(99, new byte[200]), 50));
        }));
        zoo.put("hello requests for ever", after((hello, out) -> {
            out.write(hello(hello));
            forEver(out, repeated(handshake(HandshakeMessage.HELLO_REQUEST, new byte[0]), 50));
        }));
        zoo.put("a message of 16 MiB", after((hello, out) -> {
            out.write(hello(hello));
            out.write(HandshakeFiller.start(sixteenMib));
            for (int sent = 0; sent < 1 << 24; sent += 16384) {
                out.write(filler);
            }
        }));
        zoo.put(
                "warning alerts for ever",
                after((hello, out) -> forEver(
                        out, repeated(new TlsRecord(TlsRecord.ALERT, TLS_1_2, new byte[] {1, 90}).encode(), 50))));
        zoo.put("warning alerts behind a ServerHello", after((hello, out) -> {
            out.write(hello(hello));
            forEver(out, repeated(new TlsRecord(TlsRecord.ALERT, TLS_1_2, new byte[] {1, 90}).encode(), 50));
        }));
        for (int type : new int[] {TlsRecord.HANDSHAKE, TlsRecord.ALERT, TlsRecord.APPLICATION_DATA, 20}) {
            zoo.put(
                    "empty records of type " + type,
                    after((hello, out) ->
                            forEver(out, repeated(new TlsRecord(type, TLS_1_2, new byte[0]).encode(), 50))));
        }
        zoo.put("random bytes", after((hello, out) -> out.write(random(1, 1 << 20))));
        zoo.put("random bytes after a record's header", after((hello, out) -> {
            out.write(new byte[] {22, 3, 3, 64, 0});
            out.write(random(2, 1 << 20));
        }));
        zoo.put("records of garbage", after((hello, out) -> {
            for (int i = 0; i < 100; i++) {
                out.write(new TlsRecord(TlsRecord.HANDSHAKE, TLS_1_2, random(i, 500)).encode());
            }
        }));
        zoo.put("records longer than they may be", after((hello, out) -> {
            out.write(new byte[] {22, 3, 3, -1, -1});
            out.write(random(3, 65535));
        }));
        zoo.put(
                "a suite that was not offered",
                after((hello, out) -> out.write(new ByteWriter()
                        .raw(handshake(
                                HandshakeMessage.SERVER_HELLO, serverHello(TLS_1_2, 0x7A7A, false, new ByteWriter())))
                        .raw(handshake(HandshakeMessage.SERVER_HELLO_DONE, new byte[0]))
                        .toBytes())));
        zoo.put(
                "a version that does not exist",
                after((hello, out) -> out.write(new ByteWriter()
                        .raw(handshake(
                                HandshakeMessage.SERVER_HELLO,
                                serverHello(0x03FF, suiteOf(hello), false, new ByteWriter())))
                        .raw(handshake(HandshakeMessage.SERVER_HELLO_DONE, new byte[0]))
                        .toBytes())));
        zoo.put("the same HelloRetryRequest for ever", after((hello, out) -> {
            ByteWriter extensions =
                    new ByteWriter().u16(43).vec16(new byte[] {3, 4}).u16(51).vec16(new byte[] {0, 0x17});
            forEver(out, handshake(HandshakeMessage.SERVER_HELLO, serverHello(TLS_1_2, 0x1301, true, extensions)));
        }));
        zoo.put("extensions twice", after((hello, out) -> {
            ByteWriter extensions = new ByteWriter();
            for (int i = 0; i < 1000; i++) {
                extensions.u16(23).vec16(new byte[0]);
            }
            out.write(
                    handshake(HandshakeMessage.SERVER_HELLO, serverHello(TLS_1_2, suiteOf(hello), false, extensions)));
        }));
        zoo.put("a ServerHello and silence", after((hello, out) -> out.write(hello(hello))));
        zoo.put("half a ServerHello and the end", (client, number) -> {
            byte[] answer = hello(Front.firstRecord(client));
            client.getOutputStream().write(answer, 0, answer.length / 2);
        });
        zoo.put("a reset at another byte each time", (client, number) -> {
            byte[] hello = Front.firstRecord(client);
            byte[] answer = flight(suiteOf(hello), List.of(certificate(rsaKey(2048))));
            client.getOutputStream().write(answer, 0, Math.min(answer.length - 1, number));
            Front.reset(client);
        });
        zoo.put("silence", (client, number) -> Thread.sleep(Duration.ofSeconds(20)));
        zoo.put(
                "HTTP",
                after((hello, out) ->
                        out.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".getBytes(US_ASCII))));
        zoo.put("SSH", (client, number) -> {
            client.getOutputStream().write("SSH-2.0-OpenSSH_9.2\r\n".getBytes(US_ASCII));
            client.getInputStream().readAllBytes();
        });
        return zoo;
    }

    private static Map<String, Front.Behaviour> certificates() {
        Map<String, Front.Behaviour> bombs = new LinkedHashMap<>();
        byte[] plain = certificate(rsaKey(2048), names(1));
        bombs.put("10,000 names", chain(List.of(certificate(rsaKey(2048), names(10_000)))));
        bombs.put("100 certificates", chain(copies(plain, 100)));
        bombs.put("5,000 empty certificates", chain(copies(new byte[0], 5_000)));
        bombs.put("an RSA key of 65,536 bits", chain(List.of(certificate(rsaKey(65_536), names(1)))));
        bombs.put("ASN.1 10,000 deep", chain(List.of(nested(10_000))));
        bombs.put("ASN.1 10,000 deep in an extension", chain(List.of(certificate(rsaKey(2048), nested(10_000)))));
        bombs.put("a certificate that is none", chain(List.of(random(5, 60_000))));
        return bombs;
    }

    /** Says yes to each suite of RSA key exchange that it is asked for. */
    private static Front.Behaviour chain(List<byte[]> certificates) {
        return after((hello, out) -> out.write(flight(suiteOf(hello), certificates)));
    }

    @Test
    void endsWithAnOutcomeWhateverComes() {
        zoo().forEach((what, behaviour) -> {
            Observation seen = scan(what, behaviour, null);
            assertThat(Objects.requireNonNullElse(seen.protocols(), Map.of()))
                    .as(what + ": nothing was agreed")
                    .doesNotContainValue(FactState.ACCEPTED);
            assertThat(seen.served() == null ? List.of() : seen.served())
                    .as(what)
                    .isEmpty();
        });
    }

    @Test
    void readsCertificatesThatAreBombs() {
        certificates().forEach((what, behaviour) -> scan(what, behaviour, null));
    }

    @Test
    void endsWithAnOutcomeWhateverIsSaidBeforeTls() {
        List<byte[]> banners = List.of(
                repeated("220-still here\r\n".getBytes(US_ASCII), 500),
                repeated("* OK still here\r\n".getBytes(US_ASCII), 500),
                repeated("x".getBytes(US_ASCII), 8000),
                random(7, 8000));
        for (String protocol : Starttls.PROTOCOLS) {
            for (byte[] banner : banners) {
                String what = protocol + " before " + new String(banner, 0, 8, US_ASCII).strip();
                Observation seen = scan(what, (client, number) -> forEver(client.getOutputStream(), banner), protocol);
                assertThat(seen.protocols()).as(what).isNull();
                assertThat(seen.scan().reason()).as(what).isNotNull();
            }
        }
    }

    @Test
    void theCommandSaysSoWithoutAStackTrace(@TempDir Path directory) throws IOException {
        Map<String, Front.Behaviour> all = new LinkedHashMap<>(zoo());
        all.putAll(certificates());
        List<Front> fronts = new ArrayList<>();
        try {
            StringBuilder targets = new StringBuilder();
            all.values().forEach(behaviour -> {
                Front front = new Front(behaviour);
                fronts.add(front);
                targets.append("127.0.0.1:").append(front.port()).append('\n');
            });
            Path file = Files.writeString(directory.resolve("targets"), targets);
            StringWriter out = new StringWriter();
            StringWriter err = new StringWriter();
            int code = new CommandLine(new ScanCommand(InstantSource.system(), "tlsfleet/test").described())
                    .setOut(new PrintWriter(out))
                    .setErr(new PrintWriter(err))
                    .execute(
                            "--targets",
                            file.toString(),
                            "--format",
                            "ndjson",
                            "--rate",
                            "1000",
                            "--max-connections-per-host",
                            "100",
                            "--connect-timeout",
                            "1",
                            "--read-timeout",
                            "1",
                            "--deadline",
                            "5");
            assertThat(err.toString()).doesNotContain("Exception", "\tat ");
            assertThat(out.toString().lines()).hasSize(all.size()).allMatch(line -> line.startsWith("{\"schema\""));
            assertThat(code).isIn(0, 3);
            assertQuiet("the command");
        } finally {
            fronts.forEach(Front::close);
        }
    }

    private Observation scan(String what, Front.Behaviour behaviour, @Nullable String starttls) {
        Duration second = Duration.ofSeconds(1);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Front front = new Front(behaviour);
                Rig rig = new Rig(new Politeness(4, 1000, 1000, 0), Limits.of(second, second), DEADLINE)) {
            long allocated = threads.getTotalThreadAllocatedBytes();
            long start = System.nanoTime();
            Observation seen = rig.scan(front.port(), Depth.STANDARD, "localhost", starttls);
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            allocated = threads.getTotalThreadAllocatedBytes() - allocated;
            assertThat(took).as(what).isLessThan(DEADLINE.plus(GRACE));
            assertThat(seen.scan().outcome()).as(what).isNotNull();
            assertThat(allocated)
                    .as(what + ": bytes allocated")
                    .isLessThan(SPARE + seen.scan().connections() * MOST_A_CONNECTION);
            start = System.nanoTime();
            Report report = Judge.judge(
                    seen,
                    List.of(Objects.requireNonNull(Policies.find(Policies.DEFAULT))),
                    List.of(TrustStore.mozilla()),
                    Memory.NONE,
                    Instant.parse("2026-11-21T08:00:00Z"));
            assertThat(Json.write(report)).startsWith("{");
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .as(what + ": judged and written")
                    .isLessThan(Duration.ofSeconds(2));
            System.out.printf(
                    "%-40s %-12s %5d ms %,7d KiB allocated, %d connections%n",
                    what,
                    seen.scan().outcome(),
                    took.toMillis(),
                    allocated / 1024,
                    seen.scan().connections());
            assertQuiet(what);
            return seen;
        }
    }

    private void assertQuiet(String what) {
        assertThat(escaped).as(what + ": uncaught").isEmpty();
        assertThat(List.copyOf(logged.list).stream().filter(e -> e.getLevel().isGreaterOrEqual(Level.WARN)))
                .as(what + ": logged")
                .isEmpty();
    }

    /** Records that begin, and go on with, one message that has no end. */
    private static final class HandshakeFiller {
        static byte[] start(byte[] header) {
            return new TlsRecord(TlsRecord.HANDSHAKE, TLS_1_2, header).encode();
        }

        static byte[] record() {
            return new TlsRecord(TlsRecord.HANDSHAKE, TLS_1_2, new byte[16384]).encode();
        }
    }
}

package io.tlsfleet.scanner.probe.deep;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation.Resumption;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.probe.Hellos;
import io.tlsfleet.scanner.probe.Menu;
import io.tlsfleet.scanner.probe.SchemesInUse;
import io.tlsfleet.tls.PeerProcess;
import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.Turn;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.keys.SessionTicket;
import io.tlsfleet.tls.keys.Tls13Handshake;
import io.tlsfleet.tls.keys.Tls13Result;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Resumption as OpenSSL and nginx are told to do it, each switch both ways. */
class ResumptionTest {
    private static final KeyShares SHARES = new KeyShares(new SecureRandom());

    @TempDir
    static Path directory;

    @BeforeAll
    static void certificate() {
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
    }

    @Test
    void resumesByTicketAndById() {
        try (PeerProcess server = openssl()) {
            Found found = older(server.port());
            Resumption.Tls12 seen = Objects.requireNonNull(found.tls12);
            assertThat(seen.ticket()).isEqualTo(FactState.ACCEPTED);
            assertThat(seen.sessionId()).isEqualTo(FactState.ACCEPTED);
            assertThat(seen.ticketLifetimeSeconds()).isEqualTo(7200);
            assertThat(found.timing().fullHandshakeMicros()).containsOnlyKeys("TLSv1.2");
            assertThat(found.timing().resumedHandshakeMicros()).containsOnlyKeys("TLSv1.2");
        }
    }

    @Test
    void resumesByIdAloneWithoutTickets() {
        try (PeerProcess server = openssl("-no_ticket")) {
            Resumption.Tls12 seen = Objects.requireNonNull(older(server.port()).tls12);
            assertThat(seen.ticket()).isEqualTo(FactState.REFUSED);
            assertThat(seen.sessionId()).isEqualTo(FactState.ACCEPTED);
            assertThat(seen.ticketKeyName()).isNull();
            assertThat(seen.ticketLifetimeSeconds()).isNull();
        }
    }

    @Test
    void resumesByTicketAloneWithoutACache() {
        try (PeerProcess server = openssl("-no_cache")) {
            Resumption.Tls12 seen = Objects.requireNonNull(older(server.port()).tls12);
            assertThat(seen.ticket()).isEqualTo(FactState.ACCEPTED);
            assertThat(seen.sessionId()).isEqualTo(FactState.REFUSED);
        }
        try (PeerProcess server = openssl("-no_cache", "-no_ticket")) {
            Found found = older(server.port());
            Resumption.Tls12 seen = Objects.requireNonNull(found.tls12);
            assertThat(seen.ticket()).isEqualTo(FactState.REFUSED);
            assertThat(seen.sessionId()).isEqualTo(FactState.REFUSED);
            assertThat(found.timing().resumedHandshakeMicros()).isEmpty();
        }
    }

    /** hitch, and nginx with a builtin cache: each process knows its own sessions alone, and any may take the next connection. */
    @Test
    void findsTheProcessThatKnowsTheSession() {
        try (PeerProcess first = openssl();
                PeerProcess second = openssl()) {
            Found older = new Found();
            OlderResumption.ask(
                    ground(ProtocolVersion.TLS_1_2),
                    new InTurn(new LoopbackWire(first.port()), new LoopbackWire(second.port())),
                    older);
            Resumption.Tls12 seen = Objects.requireNonNull(older.tls12);
            assertThat(seen.ticket()).isEqualTo(FactState.ACCEPTED);
            assertThat(seen.sessionId()).isEqualTo(FactState.ACCEPTED);
            Found newer = new Found();
            Tls13Resumption.ask(
                    ground(ProtocolVersion.TLS_1_3),
                    new InTurn(new LoopbackWire(first.port()), new LoopbackWire(second.port())),
                    newer);
            assertThat(Objects.requireNonNull(newer.tls13).psk()).isEqualTo(FactState.ACCEPTED);
            // one takes the first connection and the other all that follow
            Found busy = new Found();
            Wire rest = new LoopbackWire(second.port());
            Tls13Resumption.ask(
                    ground(ProtocolVersion.TLS_1_3), new OneByOne(new LoopbackWire(first.port()), rest), busy);
            OlderResumption.ask(
                    ground(ProtocolVersion.TLS_1_2), new OneByOne(new LoopbackWire(first.port()), rest), busy);
            assertThat(Objects.requireNonNull(busy.tls13).psk()).isEqualTo(FactState.ACCEPTED);
            assertThat(Objects.requireNonNull(busy.tls12).ticket()).isEqualTo(FactState.ACCEPTED);
        }
        try (PeerProcess first = openssl("-no_cache", "-no_ticket");
                PeerProcess second = openssl("-no_cache", "-no_ticket")) {
            Found older = new Found();
            OlderResumption.ask(
                    ground(ProtocolVersion.TLS_1_2),
                    new InTurn(new LoopbackWire(first.port()), new LoopbackWire(second.port())),
                    older);
            assertThat(Objects.requireNonNull(older.tls12).sessionId()).isEqualTo(FactState.REFUSED);
        }
    }

    /** OpenSSL without a session context, as redis has it with client certificates: whoever resumes is sent away with an alert. */
    @Test
    void takesAnAlertInsteadOfAServerHelloForARefusal() {
        try (PeerProcess server = openssl()) {
            Wire real = new LoopbackWire(server.port());
            Wire alert = new LastWord(new byte[] {21, 3, 3, 0, 2, 2, 80});
            Wire gone = new LastWord(new byte[0]);
            assertResumption(FactState.REFUSED, new OneByOne(real, alert, alert, real, alert), real, alert);
            assertResumption(FactState.UNKNOWN, new OneByOne(real, gone, real, gone), real, gone);
            // once may be a busy moment
            assertResumption(FactState.ACCEPTED, new OneByOne(real, alert, real, real, alert, real), real, alert, real);
            Found newer = new Found();
            Wire binder = new LastWord(new byte[] {21, 3, 3, 0, 2, 2, 51});
            Tls13Resumption.ask(ground(ProtocolVersion.TLS_1_3), new OneByOne(real, binder), newer);
            assertThat(Objects.requireNonNull(newer.tls13).psk()).isEqualTo(FactState.UNKNOWN);
        }
    }

    private static void assertResumption(FactState state, Wire tls12, Wire... tls13) {
        Found older = new Found();
        OlderResumption.ask(ground(ProtocolVersion.TLS_1_2), tls12, older);
        Resumption.Tls12 seen = Objects.requireNonNull(older.tls12);
        assertThat(List.of(seen.ticket(), seen.sessionId())).containsOnly(state);
        Found newer = new Found();
        Tls13Resumption.ask(ground(ProtocolVersion.TLS_1_3), new OneByOne(tls13), newer);
        assertThat(Objects.requireNonNull(newer.tls13).psk()).isEqualTo(state);
    }

    /** Says that to every hello and hangs up. */
    private record LastWord(byte[] word) implements BareWire {
        @Override
        public <R> Heard<R> say(Conversation<R> conversation) {
            conversation.opening();
            if (word.length > 0) {
                conversation.receive(word);
            }
            return new Heard.Told<>(conversation.end(Ending.CLOSED), Duration.ZERO);
        }
    }

    /** Two servers behind one address, each connection at the other. */
    private static final class InTurn implements BareWire {
        private Wire next;
        private Wire other;

        InTurn(Wire first, Wire second) {
            this.next = first;
            this.other = second;
        }

        @Override
        public <R> Heard<R> say(Conversation<R> conversation) {
            Wire now = next;
            next = other;
            other = now;
            return now.say(conversation);
        }
    }

    /** One connection at each in this order, all that follow at the last. */
    private static final class OneByOne implements BareWire {
        private final List<Wire> wires;
        private int said;

        OneByOne(Wire... wires) {
            this.wires = List.of(wires);
        }

        @Override
        public <R> Heard<R> say(Conversation<R> conversation) {
            return wires.get(Math.min(said++, wires.size() - 1)).say(conversation);
        }
    }

    @Test
    void countsTicketsOfTls13() {
        for (int tickets : new int[] {1, 4}) {
            try (PeerProcess server = openssl("-num_tickets", "" + tickets)) {
                Found found = tls13(server.port());
                Resumption.Tls13 seen = Objects.requireNonNull(found.tls13);
                assertThat(seen.ticketsPerHandshake()).isEqualTo(tickets);
                assertThat(seen.psk()).isEqualTo(FactState.ACCEPTED);
                assertThat(seen.ticketLifetimeSeconds()).isEqualTo(7200);
                assertThat(found.timing().resumedHandshakeMicros()).containsOnlyKeys("TLSv1.3");
            }
        }
        try (PeerProcess server = openssl("-num_tickets", "0")) {
            Found found = tls13(server.port());
            Resumption.Tls13 seen = Objects.requireNonNull(found.tls13);
            assertThat(seen.ticketsPerHandshake()).isZero();
            assertThat(seen.psk()).isEqualTo(FactState.REFUSED);
            assertThat(found.coverage()).isEmpty();
        }
    }

    /** Nor has rustls without tickets more to say when we hang up; whoever answers a request has sent those it has. */
    @Test
    void knowsThatThereAreNoTicketsFromAnAnswerWithoutThem() {
        Found found = new Found();
        found.tls13 = new Resumption.Tls13(FactState.UNKNOWN, 0, null, FactState.UNKNOWN, 0);
        found.unknown("/resumption/TLSv1.3/psk", Reason.CLOSED);
        found.unknown("/resumption/TLSv1.3/earlyData", Reason.CLOSED);
        found.heard(answered(new byte[0]), Duration.ZERO);
        Tls13Resumption.conclude(found);
        assertThat(Objects.requireNonNull(found.tls13).psk()).isEqualTo(FactState.UNKNOWN);
        found.heard(answered(new byte[] {1}), Duration.ZERO);
        Tls13Resumption.conclude(found);
        assertThat(Objects.requireNonNull(found.tls13).psk()).isEqualTo(FactState.REFUSED);
        assertThat(found.coverage()).isEmpty();
    }

    private static Tls13Result answered(byte[] applicationData) {
        return new Tls13Result(
                Tls13Result.Step.CONFIRMED,
                List.of(),
                List.of(),
                false,
                applicationData,
                1000L,
                Ending.CLOSED,
                null,
                null);
    }

    /** Picotls' own server keeps one ticket: that of an earlier handshake is nobody's, and that of the one just before is taken. */
    @Test
    void resumesWithAFreshTicketWhereAnOlderOneIsRefused() {
        try (PeerProcess server = openssl()) {
            Found found = new Found();
            LoopbackWire wire = new LoopbackWire(server.port());
            Ground ground = ground(ProtocolVersion.TLS_1_3);
            Tls13Resumption.ask(ground, wire, found);
            Tls13Result earlier = told(
                    wire.say(new Tls13Handshake(ground.tls13().orElseThrow().hello(), ground.shares())));
            SessionTicket ticket = earlier.tickets().getFirst();
            byte[] gone = ticket.ticket().clone();
            gone[3] ^= 1;
            found.ticketed =
                    with(earlier, new SessionTicket(ticket.suite(), ticket.psk(), gone, 7200, ticket.ageAdd(), 0));
            Tls13Resumption.ask(ground, wire, found);
            Resumption.Tls13 seen = Objects.requireNonNull(found.tls13);
            assertThat(seen.psk()).isEqualTo(FactState.ACCEPTED);
            assertThat(seen.ticketsPerHandshake()).isEqualTo(2);
        }
    }

    private static Tls13Result told(Wire.Heard<Tls13Result> heard) {
        return heard instanceof Wire.Heard.Told<Tls13Result>(Tls13Result result, Duration connect)
                ? result
                : answered(new byte[0]);
    }

    private static Tls13Result with(Tls13Result result, SessionTicket ticket) {
        return new Tls13Result(
                result.reached(),
                result.messages(),
                List.of(ticket),
                result.resumed(),
                result.applicationData(),
                result.handshakeNanos(),
                result.ending(),
                result.unintelligible(),
                result.unsupported());
    }

    /** Some give tickets, or anything else behind the handshake, only to those who name the one protocol that they speak. */
    @Test
    void namesTheProtocolThatAServerMayInsistOn() {
        for (List<String> accepted : List.of(List.of("h2"), List.of("h2", "http/1.1"))) {
            Ground ground = ground(ProtocolVersion.TLS_1_3).taking(accepted, true, new SchemesInUse());
            Optional<byte[]> names = ground.tls13().orElseThrow().hello().extension(Extensions.ALPN);
            assertThat(names.isPresent()).isEqualTo(accepted.size() == 1);
        }
    }

    /** Erlang/OTP writes the hello anew to check its binder, and falls over what it cannot name. */
    @Test
    void resumesWithSignatureSchemesThatEverybodyKnows() {
        try (PeerProcess server = openssl()) {
            List<byte[]> hellos = new ArrayList<>();
            Found found = new Found();
            Tls13Resumption.ask(
                    ground(ProtocolVersion.TLS_1_3), new Noting(new LoopbackWire(server.port()), hellos), found);
            assertThat(Objects.requireNonNull(found.tls13).psk()).isEqualTo(FactState.ACCEPTED);
            assertThat(hellos).hasSize(2);
            String known =
                    text(Extensions.signatureAlgorithms(Menu.TLS13_SCHEMES).data());
            assertThat(text(hellos.getFirst())).doesNotContain(known);
            assertThat(text(hellos.getLast())).contains("\0\r\0\30" + known);
        }
    }

    /** OpenSSL 3.5 asks for X25519MLKEM768 wherever that is named: a retry ends early data and uses up a ticket for one use. */
    @Test
    void resumesWithoutNamingGroupsThatAServerMightPrefer() {
        try (PeerProcess server = openssl("-early_data", "-max_early_data", "1000")) {
            List<byte[]> hellos = new ArrayList<>();
            Found found = new Found();
            Ground ground = ground(ProtocolVersion.TLS_1_3, "secp256r1", "x25519");
            Tls13Resumption.ask(ground, new Noting(new LoopbackWire(server.port()), hellos), found);
            assertThat(Objects.requireNonNull(found.tls13).earlyData()).isEqualTo(FactState.ACCEPTED);
            // supported_groups with x25519 alone
            assertThat(text(hellos.getFirst())).doesNotContain("\0\12\0\4\0\2\0\35");
            assertThat(text(hellos.getLast())).contains("\0\12\0\4\0\2\0\35");
        }
    }

    /** What each conversation begins with. */
    private record Noting(Wire wire, List<byte[]> openings) implements BareWire {
        @Override
        public <R> Heard<R> say(Conversation<R> conversation) {
            return wire.say(new Conversation<R>() {
                @Override
                public byte[] opening() {
                    byte[] opening = conversation.opening();
                    openings.add(opening);
                    return opening;
                }

                @Override
                public Turn receive(byte[] chunk) {
                    return conversation.receive(chunk);
                }

                @Override
                public Optional<Duration> patience() {
                    return conversation.patience();
                }

                @Override
                public R end(Ending how) {
                    return conversation.end(how);
                }
            });
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Test
    void tellsEarlyDataThatIsTakenFromOneThatIsOnlyOffered() {
        try (PeerProcess server = openssl("-early_data", "-max_early_data", "1000", "-no_anti_replay")) {
            Resumption.Tls13 seen = Objects.requireNonNull(tls13(server.port()).tls13);
            assertThat(seen.earlyData()).isEqualTo(FactState.ACCEPTED);
            assertThat(seen.maxEarlyDataSize()).isEqualTo(1000);
        }
        // its tickets say that it takes some, and it takes none
        try (PeerProcess server = openssl("-max_early_data", "1000", "-recv_max_early_data", "0")) {
            Resumption.Tls13 seen = Objects.requireNonNull(tls13(server.port()).tls13);
            assertThat(seen.psk()).isEqualTo(FactState.ACCEPTED);
            assertThat(seen.maxEarlyDataSize()).isEqualTo(1000);
            assertThat(seen.earlyData()).isEqualTo(FactState.REFUSED);
        }
        try (PeerProcess server = openssl()) {
            Resumption.Tls13 seen = Objects.requireNonNull(tls13(server.port()).tls13);
            assertThat(seen.maxEarlyDataSize()).isZero();
            assertThat(seen.earlyData()).isEqualTo(FactState.REFUSED);
        }
    }

    /** It takes none from a client whose ticket would be older than the server knows. */
    @Test
    void isTakenAtItsWordByGnuTls() {
        try (PeerProcess server = PeerProcess.start(
                directory,
                "gnutls-serv",
                "--http",
                "--earlydata",
                "--maxearlydata=1024",
                "-p",
                "{port}",
                "--x509certfile",
                "cert.pem",
                "--x509keyfile",
                "key.pem")) {
            Resumption.Tls13 seen = Objects.requireNonNull(tls13(server.port()).tls13);
            assertThat(seen.maxEarlyDataSize()).isEqualTo(1024);
            assertThat(seen.earlyData()).isEqualTo(FactState.ACCEPTED);
        }
    }

    @Test
    void readsTheNameOfTheTicketKeyAndTheLifetime() throws IOException {
        byte[] key = new byte[80];
        new SecureRandom().nextBytes(key);
        Files.write(directory.resolve("ticket.key"), key);
        int port = PeerProcess.freePort();
        Path conf = directory.resolve("nginx.conf");
        Files.writeString(conf, """
                daemon off; pid DIR/nginx.pid; error_log DIR/error.log;
                events {}
                http {
                  access_log off; client_body_temp_path DIR/b; proxy_temp_path DIR/p; fastcgi_temp_path DIR/f;
                  uwsgi_temp_path DIR/u; scgi_temp_path DIR/s;
                  server {
                    listen 127.0.0.1:PORT ssl; ssl_certificate DIR/cert.pem; ssl_certificate_key DIR/key.pem;
                    ssl_protocols TLSv1.2 TLSv1.3; ssl_session_ticket_key DIR/ticket.key; ssl_session_timeout 1h;
                  }
                }
                """.replace("DIR", directory.toString()).replace("PORT", "" + port));
        try (PeerProcess nginx = PeerProcess.start(
                directory,
                port,
                List.of("nginx", "-e", directory.resolve("error.log").toString(), "-c", conf.toString()))) {
            Resumption.Tls12 seen = Objects.requireNonNull(older(nginx.port()).tls12);
            assertThat(seen.ticketKeyName()).isEqualTo(HexFormat.of().formatHex(key, 0, 16));
            assertThat(seen.ticketLifetimeSeconds()).isEqualTo(3600);
            assertThat(Objects.requireNonNull(tls13(nginx.port()).tls13).ticketLifetimeSeconds())
                    .isEqualTo(3600);
        }
    }

    private static Found older(int port) {
        Found found = new Found();
        OlderResumption.ask(ground(ProtocolVersion.TLS_1_2), new LoopbackWire(port), found);
        return found;
    }

    private static Found tls13(int port) {
        Found found = new Found();
        Tls13Resumption.ask(ground(ProtocolVersion.TLS_1_3), new LoopbackWire(port), found);
        return found;
    }

    private static PeerProcess openssl(String... more) {
        List<String> words = new ArrayList<>(
                List.of("openssl", "s_server", "-accept", "127.0.0.1:{port}", "-cert", "cert.pem", "-key", "key.pem"));
        words.addAll(List.of(more));
        return PeerProcess.start(directory, words.toArray(String[]::new));
    }

    private static Ground ground(ProtocolVersion version) {
        return ground(version, "x25519");
    }

    private static Ground ground(ProtocolVersion version, String... groups) {
        int suite = version.equals(ProtocolVersion.TLS_1_3) ? 0x1301 : 0xC02F;
        return new Ground(
                new Hellos("localhost", new SecureRandom(), SHARES),
                SHARES,
                Map.of(version, List.of(new CipherSuite(suite))),
                Arrays.stream(groups).map(NamedGroup::named).toList(),
                false,
                "localhost",
                "localhost",
                null,
                Set.of(),
                InstantSource.system());
    }
}

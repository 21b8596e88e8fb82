package io.tlsfleet.scanner.probe.deep;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.scanner.probe.Hellos;
import io.tlsfleet.scanner.probe.deep.Attacks.Verdict.State;
import io.tlsfleet.tls.PeerProcess;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a server of ours that has the flaw, two that have not, and on Debian's dovecot. */
class StarttlsInjectionTest {
    private static final KeyShares SHARES = new KeyShares(new SecureRandom());

    @TempDir
    static Path directory;

    @BeforeAll
    static void certificate() {
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
    }

    @Test
    void tellsAServerThatKeepsWhatCameInTheClear() throws Exception {
        try (ChattyServer server = new ChattyServer(directory, ChattyServer.Rest.KEPT)) {
            assertThat(state("smtp", server.port())).isEqualTo(State.VULNERABLE);
        }
        try (ChattyServer server = new ChattyServer(directory, ChattyServer.Rest.DROPPED)) {
            assertThat(state("smtp", server.port())).isEqualTo(State.NOT_VULNERABLE);
        }
        try (ChattyServer server = new ChattyServer(directory, ChattyServer.Rest.HANDED_TO_TLS)) {
            assertThat(state("smtp", server.port())).isEqualTo(State.NOT_VULNERABLE);
        }
    }

    @Test
    void clearsAServerThatRefusesTlsWithSomethingBehindTheWish() throws Exception {
        try (ChattyServer server = new ChattyServer(directory, ChattyServer.Rest.REFUSED)) {
            Attacks.Verdict verdict = verdict("smtp", server.port());
            assertThat(verdict.state()).isEqualTo(State.NOT_VULNERABLE);
            assertThat(verdict.evidence()).contains("refused STARTTLS");
        }
    }

    @Test
    void clearsNobodyWhoTurnsUsAway() throws Exception {
        try (ChattyServer server = new ChattyServer(directory, ChattyServer.Rest.TURNED_AWAY)) {
            assertThat(verdict("smtp", server.port())).isEqualTo(Attacks.Verdict.unknown("rate-limited"));
        }
    }

    @Test
    void clearsDovecot() throws Exception {
        int imap = PeerProcess.freePort();
        int pop3 = PeerProcess.freePort();
        int sieve = PeerProcess.freePort();
        Path conf = directory.resolve("dovecot.conf");
        Files.writeString(conf, """
                base_dir = DIR/run
                state_dir = DIR/run
                log_path = DIR/dovecot.log
                protocols = imap pop3 sieve
                ssl = yes
                ssl_cert = <DIR/cert.pem
                ssl_key = <DIR/key.pem
                listen = 127.0.0.1
                service imap-login {
                  inet_listener imap {
                    port = %d
                  }
                  inet_listener imaps {
                    port = 0
                  }
                }
                service pop3-login {
                  inet_listener pop3 {
                    port = %d
                  }
                  inet_listener pop3s {
                    port = 0
                  }
                }
                service managesieve-login {
                  inet_listener sieve {
                    port = %d
                  }
                }
                passdb {
                  driver = static
                  args = password=x
                }
                """.formatted(imap, pop3, sieve).replace("DIR", directory.toString()));
        try (PeerProcess dovecot =
                PeerProcess.start(directory, imap, List.of("dovecot", "-F", "-c", conf.toString()))) {
            assertThat(state("imap", dovecot.port())).isEqualTo(State.NOT_VULNERABLE);
            assertThat(state("pop3", pop3)).isEqualTo(State.NOT_VULNERABLE);
            assertThat(state("sieve", sieve)).isEqualTo(State.NOT_VULNERABLE);
        }
    }

    @Test
    void isAskedWhereItWasAllowedAndOfProtocolsOfText() {
        for (String protocol : List.of("smtp", "ldap")) {
            Found found = new Found();
            Attacks.ask(ground(protocol, Set.of()), new StarttlsWire(protocol, 1), found);
            assertThat(found.vulnerabilities().stream()
                            .filter(v -> v.id().equals(StarttlsInjection.ID))
                            .map(v -> v.state()))
                    .isEqualTo(protocol.equals("smtp") ? List.of("not-asked") : List.of());
        }
    }

    private static State state(String protocol, int port) {
        return verdict(protocol, port).state();
    }

    private static Attacks.Verdict verdict(String protocol, int port) {
        return Attacks.agreed(
                List.of(StarttlsInjection::once), ground(protocol, Set.of("all")), new StarttlsWire(protocol, port));
    }

    private static Ground ground(String protocol, Set<String> attacks) {
        return new Ground(
                new Hellos("localhost", new SecureRandom(), SHARES),
                SHARES,
                Map.of(ProtocolVersion.TLS_1_3, List.of(new CipherSuite(0x1301), new CipherSuite(0x1302))),
                List.of(NamedGroup.named("x25519")),
                false,
                "localhost",
                "localhost",
                protocol,
                attacks,
                InstantSource.system());
    }
}

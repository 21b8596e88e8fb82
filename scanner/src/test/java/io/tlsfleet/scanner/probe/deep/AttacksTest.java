package io.tlsfleet.scanner.probe.deep;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Observation.Vulnerability;
import io.tlsfleet.fleet.policy.Rules;
import io.tlsfleet.scanner.probe.Hellos;
import io.tlsfleet.scanner.probe.deep.Attacks.Verdict.State;
import io.tlsfleet.tls.PeerProcess;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Negative controls on OpenSSL, positive ones on a server of ours that really behaves so. */
class AttacksTest {
    private static final KeyShares SHARES = new KeyShares(new SecureRandom());

    @TempDir
    static Path directory;

    @Test
    void findsNothingOnAHealthyServer() {
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
        try (PeerProcess server = PeerProcess.start(
                directory,
                "openssl",
                "s_server",
                "-accept",
                "{port}",
                "-cert",
                "cert.pem",
                "-key",
                "key.pem",
                "-www",
                "-cipher",
                "ALL:@SECLEVEL=0")) {
            Found found = new Found();
            Attacks.ask(ground(Set.of("all")), new LoopbackWire(server.port()), found);
            assertThat(found.vulnerabilities().stream().map(Vulnerability::id))
                    .containsExactly(
                            "heartbleed", "ccs-injection", "robot", "ticketbleed", "poodle-tls", "padding-oracle");
            assertThat(found.vulnerabilities())
                    .allSatisfy(v -> assertThat(v.state()).as("%s", v).isEqualTo("not-vulnerable"))
                    .allSatisfy(v -> assertThat(Rules.find("vulnerability." + v.id()))
                            .as("the rule that says it of %s", v.id())
                            .isNotNull());
        }
    }

    @Test
    void sendsNothingWithoutLeave() {
        Found found = new Found();
        LoopbackWire wire = new LoopbackWire(1);
        Attacks.ask(ground(Set.of()), wire, found);
        assertThat(wire.connections()).isZero();
        assertThat(found.vulnerabilities())
                .allSatisfy(v -> assertThat(v.state()).isEqualTo("not-asked"));
    }

    @Test
    void findsHeartbleedOnAServerThatBleeds() {
        try (LegacyServer server = new LegacyServer(LegacyServer.Flaw.HEARTBLEED)) {
            assertThat(state(Heartbleed::once, server)).isEqualTo(State.VULNERABLE);
        }
        try (LegacyServer server = new LegacyServer(LegacyServer.Flaw.NONE)) {
            assertThat(state(Heartbleed::once, server)).isEqualTo(State.NOT_VULNERABLE);
        }
    }

    @Test
    void findsAnEarlyChangeCipherSpecThatIsBorne() {
        try (LegacyServer server = new LegacyServer(LegacyServer.Flaw.EARLY_CCS)) {
            assertThat(state(CcsInjection::once, server)).isEqualTo(State.VULNERABLE);
        }
        try (LegacyServer server = new LegacyServer(LegacyServer.Flaw.NONE)) {
            assertThat(state(CcsInjection::once, server)).isEqualTo(State.NOT_VULNERABLE);
        }
    }

    /** OpenSSL 1.0.1 bled and bore it there too. */
    @Test
    void findsThemWhereSsl3IsAllThereIs() {
        Ground ssl3 = ground(Set.of("all"), ProtocolVersion.SSL_3, 0x002F);
        for (LegacyServer.Flaw flaw : List.of(LegacyServer.Flaw.HEARTBLEED, LegacyServer.Flaw.EARLY_CCS)) {
            try (LegacyServer server = new LegacyServer(flaw)) {
                Attacks.Attack attack = flaw == LegacyServer.Flaw.HEARTBLEED ? Heartbleed::once : CcsInjection::once;
                assertThat(Attacks.agreed(List.of(attack), ssl3, new LoopbackWire(server.port()))
                                .state())
                        .as("%s", flaw)
                        .isEqualTo(State.VULNERABLE);
            }
        }
    }

    @Test
    void findsAnRsaOracleAndIsNotSureOfOneThatGuesses() {
        try (LegacyServer server = new LegacyServer(LegacyServer.Flaw.ROBOT)) {
            assertThat(state(Robot::once, server)).isEqualTo(State.VULNERABLE);
        }
        try (LegacyServer server = new LegacyServer(LegacyServer.Flaw.NONE)) {
            assertThat(state(Robot::once, server)).isEqualTo(State.NOT_VULNERABLE);
        }
        try (LegacyServer server = new LegacyServer(LegacyServer.Flaw.ROBOT_ONCE)) {
            assertThat(state(Robot::once, server)).isEqualTo(State.UNKNOWN);
        }
    }

    @Test
    void findsATicketThatBleeds() {
        try (LegacyServer server = new LegacyServer(LegacyServer.Flaw.TICKETBLEED)) {
            assertThat(state(Ticketbleed::once, server)).isEqualTo(State.VULNERABLE);
        }
        try (LegacyServer server = new LegacyServer(LegacyServer.Flaw.NONE)) {
            assertThat(state(Ticketbleed::once, server)).isEqualTo(State.NOT_VULNERABLE);
        }
    }

    @Test
    void findsPaddingThatIsNotChecked() {
        try (LegacyServer server = new LegacyServer(LegacyServer.Flaw.POODLE)) {
            assertThat(state(PaddingOracle::poodle, server)).isEqualTo(State.VULNERABLE);
            assertThat(oracle(server)).isEqualTo(State.VULNERABLE);
        }
        try (LegacyServer server = new LegacyServer(LegacyServer.Flaw.NONE)) {
            assertThat(state(PaddingOracle::poodle, server)).isEqualTo(State.NOT_VULNERABLE);
            assertThat(oracle(server)).isEqualTo(State.NOT_VULNERABLE);
        }
    }

    @Test
    void findsAnOracleInASuiteThatTheServerDoesNotPrefer() {
        try (LegacyServer server = new LegacyServer(LegacyServer.Flaw.OVERFLOW)) {
            assertThat(oracle(server)).isEqualTo(State.VULNERABLE);
        }
    }

    @Test
    void callsNoAttackImpossibleThatItCannotTry() {
        Set<String> attacks = Set.of("robot", "poodle-tls", "padding-oracle");
        Found found = new Found();
        // RSA_EXPORT_WITH_RC2_CBC_40_MD5: a key exchange by RSA, in CBC, that we finish no handshake with
        Attacks.ask(ground(attacks, ProtocolVersion.TLS_1_0, 0x0006), new LoopbackWire(1), found);
        assertThat(found.vulnerabilities())
                .filteredOn(v -> attacks.contains(v.id()))
                .hasSize(3)
                .allSatisfy(v -> assertThat(v.state()).as("%s", v).isEqualTo("unknown"));
    }

    private static State oracle(LegacyServer server) {
        Ground ground = ground(Set.of("all"));
        return Attacks.agreed(PaddingOracle.kinds(ground), ground, new LoopbackWire(server.port()))
                .state();
    }

    private static State state(Attacks.Attack attack, LegacyServer server) {
        return Attacks.agreed(List.of(attack), ground(Set.of("all")), new LoopbackWire(server.port()))
                .state();
    }

    private static Ground ground(Set<String> attacks) {
        return ground(attacks, ProtocolVersion.TLS_1_2, 0x002F, 0x003C);
    }

    private static Ground ground(Set<String> attacks, ProtocolVersion version, int... suites) {
        return new Ground(
                new Hellos("localhost", new SecureRandom(), SHARES),
                SHARES,
                Map.of(version, Arrays.stream(suites).mapToObj(CipherSuite::new).toList()),
                List.of(NamedGroup.named("x25519")),
                false,
                "localhost",
                "localhost",
                null,
                attacks,
                InstantSource.system());
    }
}

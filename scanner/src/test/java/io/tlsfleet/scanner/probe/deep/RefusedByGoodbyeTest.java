package io.tlsfleet.scanner.probe.deep;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.probe.Hellos;
import io.tlsfleet.tls.PeerProcess;
import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.Turn;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers that refuse with close_notify, as s2n and ngircd with GnuTLS do. */
class RefusedByGoodbyeTest {
    private static final KeyShares SHARES = new KeyShares(new SecureRandom());
    private static final byte[] CLOSE_NOTIFY = {21, 3, 3, 0, 2, 1, 0};

    @TempDir
    Path directory;

    @Test
    void endsTheSchemesOfTls13() {
        PeerProcess.certificate(directory, "-newkey", "rsa:2048");
        try (PeerProcess server = PeerProcess.start(
                directory, "openssl", "s_server", "-accept", "{port}", "-cert", "cert.pem", "-key", "key.pem")) {
            Ground ground = ground();
            SignatureSchemes.Seen always =
                    SignatureSchemes.ask(ground, new Goodbye(new LoopbackWire(server.port()), Integer.MAX_VALUE));
            assertThat(ground.schemes().of(ProtocolVersion.TLS_1_3))
                    .extracting(SignatureScheme::name)
                    .containsExactlyInAnyOrder("rsa_pss_rsae_sha256", "rsa_pss_rsae_sha384", "rsa_pss_rsae_sha512");
            assertThat(always.unknown()).isEmpty();
            // said once, then silence: nobody's refusal
            assertThat(SignatureSchemes.ask(ground(), new Goodbye(new LoopbackWire(server.port()), 1))
                            .unknown())
                    .containsEntry(ProtocolVersion.TLS_1_3, Reason.READ_TIMEOUT);
        }
    }

    private static Ground ground() {
        return new Ground(
                new Hellos("localhost", new SecureRandom(), SHARES),
                SHARES,
                Map.of(ProtocolVersion.TLS_1_3, List.of(new CipherSuite(0x1301))),
                List.of(NamedGroup.named("x25519")),
                false,
                "localhost",
                "localhost",
                null,
                Set.of(),
                InstantSource.system());
    }

    /** Close_notify for each alert, so many times, and then nothing. */
    private static final class Goodbye implements BareWire {
        private final Wire wire;
        private int left;

        Goodbye(Wire wire, int times) {
            this.wire = wire;
            this.left = times;
        }

        @Override
        public <R> Heard<R> say(Conversation<R> conversation) {
            return wire.say(new Conversation<R>() {
                private boolean silenced;

                @Override
                public byte[] opening() {
                    return conversation.opening();
                }

                @Override
                public Turn receive(byte[] chunk) {
                    if (chunk[0] != 21) {
                        return conversation.receive(chunk);
                    }
                    silenced = left-- <= 0;
                    return silenced ? Turn.FINISHED : conversation.receive(CLOSE_NOTIFY);
                }

                @Override
                public R end(Ending how) {
                    return conversation.end(silenced ? Ending.READ_TIMEOUT : how);
                }
            });
        }
    }
}

package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.util.List;
import java.util.Map;

/** How the handshake is done, and what of a present-day client's hello the server cannot take. */
final class HandshakeRules {
    private HandshakeRules() {}

    static void judge(Case c, Findings out) {
        renegotiation(c, out);
        if (c.feature("compression") == FactState.ACCEPTED) {
            out.raise("handshake.compression")
                    .evidence("/features/compression", FactState.ACCEPTED.word())
                    .reproduce(Commands.needs(
                            c.commands().openssl("-tls1_2 -comp") + " | grep Compression", Commands.ZLIB))
                    .because("The server chose DEFLATE when a hello offered it.");
        }
        List<ProtocolVersion> classic = c.accepted().stream()
                .filter(v -> v.compareTo(ProtocolVersion.TLS_1_3) < 0 && !v.equals(ProtocolVersion.SSL_2))
                .toList();
        if (c.feature("extendedMasterSecret") == FactState.REFUSED && c.accepts(ProtocolVersion.TLS_1_2)) {
            out.raise("handshake.no-extended-master-secret")
                    .evidence("/features/extendedMasterSecret", FactState.REFUSED.word())
                    .reproduce(c.commands().openssl("-tls1_2") + " | grep 'Extended master secret'")
                    .because("The server leaves extended_master_secret unanswered in TLS 1.2.");
        }
        if (c.feature("fallbackScsv") == FactState.REFUSED && classic.size() > 1) {
            out.raise("handshake.fallback-scsv-ignored")
                    .evidence("/features/fallbackScsv", FactState.REFUSED.word())
                    .reproduce(
                            c.commands().openssl("-fallback_scsv " + Commands.version(classic.get(classic.size() - 2))))
                    .because("A hello for " + Words.version(classic.get(classic.size() - 2))
                            + " with TLS_FALLBACK_SCSV was answered as if it had none, though "
                            + Words.version(c.accepted().getLast()) + " is accepted.");
        }
        Observation.Resumption resumption = c.facts().resumption();
        Observation.Resumption.Tls13 tls13 = resumption == null ? null : resumption.tls13();
        if (tls13 != null && tls13.earlyData() == FactState.ACCEPTED) {
            out.raise("handshake.early-data")
                    .evidence("/resumption/TLSv1.3/maxEarlyDataSize", tls13.maxEarlyDataSize())
                    .reproduce("sleep 1 | " + c.commands().client("-tls1_3 -sess_out s.pem")
                            + " >s.txt; echo hello >early.txt; "
                            + c.commands().openssl("-tls1_3 -sess_in s.pem -early_data early.txt")
                            + " | grep 'Early data'")
                    .because("Tickets allow up to " + tls13.maxEarlyDataSize() + " bytes of early data.");
        }
        INTOLERANCES.forEach((rule, fact) -> intolerant(c, out, rule, fact));
    }

    private static void renegotiation(Case c, Findings out) {
        if (c.feature("clientRenegotiation") != FactState.ACCEPTED) {
            return;
        }
        String command = "(sleep 1; echo R; sleep 1) | "
                + c.commands()
                        .client("-tls1_2"
                                + (c.feature("secureRenegotiation") == FactState.REFUSED
                                        ? " -legacy_renegotiation"
                                        : ""))
                + " 2>&1 | grep -A3 RENEGOTIATING";
        if (c.feature("secureRenegotiation") == FactState.REFUSED) {
            out.raise("handshake.insecure-renegotiation")
                    .evidence("/features/secureRenegotiation", FactState.REFUSED.word())
                    .evidence("/features/clientRenegotiation", FactState.ACCEPTED.word())
                    .reproduce(command)
                    .because("The server renegotiates at the client's wish and does not speak RFC 5746.");
        } else {
            out.raise("handshake.client-renegotiation")
                    .evidence("/features/clientRenegotiation", FactState.ACCEPTED.word())
                    .reproduce(command)
                    .because("A second ClientHello on the same connection was answered with a new handshake.");
        }
    }

    private static void intolerant(Case c, Findings out, String rule, Fact fact) {
        if (c.tolerance(fact.name) == FactState.REFUSED) {
            out.raise(rule)
                    .evidence("/tolerance/" + fact.name, FactState.REFUSED.word())
                    .reproduce(
                            fact.options.isEmpty()
                                    ? null
                                    : Commands.needs(c.commands().openssl(fact.options), Commands.HYBRID))
                    .because(fact.detail);
        }
    }

    private record Fact(String name, String options, String detail) {}

    private static final Map<String, Fact> INTOLERANCES = Map.of(
            "handshake.version-intolerant",
            new Fact(
                    "futureVersion",
                    "",
                    "A hello that also offers a version newer than TLS 1.3 fails; the same hello without it is answered."),
            "handshake.large-hello-intolerant",
            new Fact(
                    "largeClientHello",
                    "-groups X25519MLKEM768:x25519",
                    "A hello of more than 1,400 bytes fails; the same hello without padding is answered."),
            "handshake.split-hello-intolerant",
            new Fact(
                    "splitClientHello",
                    "",
                    "A hello that is sent in two parts fails; the same hello in one part is answered."),
            "handshake.grease-intolerant",
            new Fact(
                    "grease",
                    "",
                    "A hello with reserved (GREASE) suites, groups, versions and extensions fails; without them it is answered."));
}

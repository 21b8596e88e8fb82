package io.tlsfleet.fleet.policy;

import io.tlsfleet.tls.registry.ProtocolVersion;
import java.util.List;
import java.util.Map;

/** Which versions are spoken, against which should be. */
final class ProtocolRules {
    private static final Map<ProtocolVersion, String> ACCEPTED = Map.of(
            ProtocolVersion.SSL_2, "protocol.sslv2-accepted",
            ProtocolVersion.SSL_3, "protocol.sslv3-accepted",
            ProtocolVersion.TLS_1_0, "protocol.tls10-accepted",
            ProtocolVersion.TLS_1_1, "protocol.tls11-accepted");

    private ProtocolRules() {}

    static void judge(Case c, Findings out) {
        for (ProtocolVersion version : c.accepted()) {
            if (!c.policy().protocols().allowed().contains(version.label())) {
                accepted(c, version, out);
            }
        }
        if (!c.accepted().isEmpty()) {
            for (String label : c.policy().protocols().required()) {
                missing(c, ProtocolVersion.labelled(label), out);
            }
        }
    }

    private static void accepted(Case c, ProtocolVersion version, Findings out) {
        String rule = ACCEPTED.getOrDefault(version, "protocol.not-in-policy");
        List<String> suites = c.suites(version).stream().map(Suite::name).toList();
        Findings.Draft draft = out.raise(rule)
                .subject(rule.equals("protocol.not-in-policy") ? version.label() : null)
                .evidence("protocol", version.label())
                .reproduce(c.commands().accepted(version, c.suites(version)));
        if (!suites.isEmpty()) {
            draft.evidence("cipherSuites", suites);
        }
        String shown = Words.version(version);
        draft.because(shown + " is accepted"
                + (suites.isEmpty() ? "" : ", with " + Words.some(suites, 3))
                + (rule.equals("protocol.not-in-policy")
                        ? "; the policy allows only "
                                + Words.all(c.policy().protocols().allowed().stream()
                                        .map(Words::version)
                                        .toList())
                        : "")
                + ".");
    }

    private static void missing(Case c, ProtocolVersion version, Findings out) {
        if (!c.refuses(version)) {
            return;
        }
        String rule = version.equals(ProtocolVersion.TLS_1_3)
                ? "protocol.tls13-missing"
                : "protocol.tls12-missing-for-policy";
        out.raise(rule)
                .subject(rule.endsWith("-for-policy") ? version.label() : null)
                .evidence("protocol", version.label())
                .evidence(
                        "accepted",
                        c.accepted().stream().map(ProtocolVersion::label).toList())
                .reproduce(c.commands().only(version))
                .because(Words.version(version) + " is refused; accepted: "
                        + Words.all(c.accepted().stream().map(Words::version).toList()) + ".");
    }
}

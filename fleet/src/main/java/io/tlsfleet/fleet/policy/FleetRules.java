package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.change.Canonical;
import io.tlsfleet.fleet.change.Change;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.tls.x509.CertificateFacts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** The endpoint as a whole, against what is remembered of it and of its other addresses. */
final class FleetRules {
    private FleetRules() {}

    static void judge(Case c, Findings out) {
        Observation.Scan scan = c.facts().scan();
        String detail = scan.detail();
        Reason reason = scan.reason();
        if (reason == Reason.STARTTLS_REFUSED) {
            out.raise("starttls.refused")
                    .evidence("starttls", String.valueOf(c.facts().endpoint().starttls()))
                    .reproduce(c.commands().openssl(""))
                    .because("The service does not go over to TLS" + (detail == null ? "." : ": " + detail + "."));
        } else if ((scan.outcome() == Outcome.UNREACHABLE || scan.outcome() == Outcome.NOT_TLS)
                && c.memory().unreachableScans() >= c.policy().unreachableScans()) {
            out.raise("endpoint.unreachable")
                    .evidence("scans", c.memory().unreachableScans())
                    .evidence("reason", reason == null ? "" : reason.word())
                    .reproduce(c.commands().openssl(""))
                    .because((scan.outcome() == Outcome.NOT_TLS ? "Answers without TLS in " : "Not reached in ")
                            + c.memory().unreachableScans() + " scans in a row"
                            + (reason == null ? "" : ": " + reason.word())
                            + (detail == null ? "." : " (" + detail + ")."));
        }
        if (!c.memory().changes().isEmpty()) {
            out.raise("endpoint.changed")
                    .evidence("changes", c.memory().changes())
                    .because(Words.some(c.memory().changes(), 5) + ".");
        }
        Memory.CoverageFall fall = c.memory().coverageFall();
        if (fall != null) {
            out.raise("endpoint.coverage-fell")
                    .evidence("knownBefore", fall.knownBefore())
                    .evidence("knownNow", fall.knownNow())
                    .because(fall.knownNow() + " facts are known, " + fall.knownBefore() + " were last time.");
        }
        addresses(c, out);
        sites(c, out);
    }

    /** One name, asked from several sites: what differs is named with what either saw. */
    private static void sites(Case c, Findings out) {
        List<Memory.Elsewhere> differ = c.memory().elsewhere().stream()
                .filter(e -> e.settled() && !e.differences().isEmpty())
                .toList();
        if (differ.isEmpty()) {
            return;
        }
        Observation.Endpoint endpoint = c.facts().endpoint();
        String here = differ.getFirst().here();
        List<Map<String, Object>> evidence = new ArrayList<>();
        List<String> words = new ArrayList<>();
        for (Memory.Elsewhere other : differ) {
            List<Map<String, String>> facts = new ArrayList<>();
            for (Change difference : other.differences()) {
                Map<String, String> fact = new LinkedHashMap<>();
                fact.put("fact", difference.fact());
                fact.put("here", Objects.requireNonNullElse(difference.after(), "absent"));
                fact.put("there", Objects.requireNonNullElse(difference.before(), "absent"));
                facts.add(fact);
            }
            Map<String, Object> sight = new LinkedHashMap<>();
            sight.put("site", other.there());
            sight.put("endpoint", other.endpoint());
            sight.put("address", other.address());
            sight.put("seen", other.seen());
            sight.put("differences", facts);
            evidence.add(sight);
            words.add("Site " + other.there() + " (" + other.address() + ") sees another answer than site " + here
                    + " (" + endpoint.address() + "): " + Words.some(shown(other, here), 4) + ".");
        }
        out.raise("endpoint.sites-differ")
                .evidence("site", here)
                .evidence("address", String.valueOf(endpoint.address()))
                .evidence("elsewhere", evidence)
                .cause("sites:" + endpoint.host() + ":" + endpoint.port())
                .reproduce(c.commands().openssl("") + " | openssl x509 -noout -fingerprint -sha256")
                .because(String.join(" ", words));
    }

    private static List<String> shown(Memory.Elsewhere other, String here) {
        return other.differences().stream()
                .map(d -> d.kind().word().replace('-', ' ') + " "
                        + d.fact().substring(d.fact().lastIndexOf('/') + 1) + " "
                        + Objects.requireNonNullElse(d.before(), "absent") + " from " + other.there() + ", "
                        + Objects.requireNonNullElse(d.after(), "absent") + " from " + here)
                .toList();
    }

    private static void addresses(Case c, Findings out) {
        if (c.memory().otherAddresses().isEmpty() || c.chains().isEmpty()) {
            return;
        }
        TreeMap<String, String> leaves = new TreeMap<>();
        for (Chain chain : c.chains()) {
            chain.verdict()
                    .leaf()
                    .map(CertificateFacts::sha256)
                    .ifPresent(hash -> leaves.put(chain.verdict().keyType(), hash));
        }
        String config = Canonical.configHash(c.facts());
        List<String> certificates = new ArrayList<>();
        List<String> settings = new ArrayList<>();
        for (Memory.Member member : c.memory().otherAddresses()) {
            if (!new TreeMap<>(member.leaves()).equals(leaves)) {
                certificates.add(member.address());
            } else if (member.configHash() != null && !member.configHash().equals(config)) {
                settings.add(member.address());
            }
        }
        if (!certificates.isEmpty() || !settings.isEmpty()) {
            String here = String.valueOf(c.facts().endpoint().address());
            StringBuilder text = new StringBuilder();
            if (!certificates.isEmpty()) {
                text.append(Words.some(certificates, 5))
                        .append(certificates.size() == 1 ? " serves" : " serve")
                        .append(" another certificate than ")
                        .append(here)
                        .append('.');
            }
            if (!settings.isEmpty()) {
                text.append(text.isEmpty() ? "" : " ")
                        .append(Words.some(settings, 5))
                        .append(settings.size() == 1 ? " has" : " have")
                        .append(" other settings than ")
                        .append(here)
                        .append('.');
            }
            out.raise("certificate.inconsistent-addresses")
                    .evidence("otherCertificate", certificates)
                    .evidence("otherSettings", settings)
                    .cause("addresses:" + c.facts().endpoint().host() + ":"
                            + c.facts().endpoint().port())
                    .reproduce(c.commands().openssl("") + " | openssl x509 -noout -fingerprint -sha256")
                    .because(text.toString());
        }
    }
}

package io.tlsfleet.store.ingest;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import java.util.List;
import java.util.Map;

/**
 * Whether a scan could have seen what a finding says. A finding that is not made any more is resolved only by a scan that
 * asked and was answered: silence mends nothing.
 */
final class Resolution {
    /** By the rule's family: the parts of the observation it rests on. */
    private static final Map<String, List<String>> RESTS_ON = Map.ofEntries(
            Map.entry("protocol", List.of("protocols")),
            Map.entry("cipher", List.of("protocols", "cipherSuites")),
            Map.entry("kex", List.of("protocols", "groups", "cipherSuites")),
            Map.entry("signature", List.of("signatureSchemes")),
            Map.entry("handshake", List.of("features")),
            Map.entry("resumption", List.of("resumption")),
            Map.entry("certificate", List.of("certificates")),
            Map.entry("ocsp", List.of("certificates")),
            Map.entry("revocation", List.of("certificates")),
            Map.entry("vulnerability", List.of("vulnerabilities")),
            Map.entry("http", List.of("http")),
            Map.entry("policy", List.of("protocols", "cipherSuites", "groups")),
            Map.entry("dns", List.of("dns")));
    /** Attacks that follow from what is accepted, and need no probe of their own. */
    private static final List<String> INFERRED = List.of(
            "vulnerability.drown",
            "vulnerability.freak",
            "vulnerability.logjam",
            "vulnerability.sweet32",
            "vulnerability.crime",
            "vulnerability.beast",
            "vulnerability.raccoon");

    private static final List<String> TOLERANCE = List.of(
            "handshake.version-intolerant",
            "handshake.large-hello-intolerant",
            "handshake.split-hello-intolerant",
            "handshake.grease-intolerant");

    private Resolution() {}

    static boolean couldTell(String rule, Observation seen) {
        Outcome outcome = seen.scan().outcome();
        if (rule.equals("starttls.refused")) {
            return outcome != Outcome.UNREACHABLE;
        }
        if (outcome == Outcome.UNREACHABLE || outcome == Outcome.NOT_TLS) {
            return false;
        }
        if (rule.equals("endpoint.changed") || rule.equals("endpoint.unreachable")) {
            return true;
        }
        List<String> parts = TOLERANCE.contains(rule)
                ? List.of("tolerance")
                : INFERRED.contains(rule)
                        ? List.of("protocols", "cipherSuites")
                        : RESTS_ON.getOrDefault(rule.substring(0, Math.max(rule.indexOf('.'), 0)), List.of());
        return parts.stream().allMatch(part -> asked(part, seen) && !hasUnknown(part, seen));
    }

    private static boolean asked(String part, Observation seen) {
        Object value = switch (part) {
            case "protocols" -> seen.protocols();
            case "cipherSuites" -> seen.cipherSuites();
            case "groups" -> seen.groups();
            case "signatureSchemes" -> seen.signatureSchemes();
            case "features" -> seen.features();
            case "tolerance" -> seen.tolerance();
            case "resumption" -> seen.resumption();
            case "certificates" -> seen.served();
            case "vulnerabilities" -> seen.vulnerabilities();
            case "http" -> seen.http();
            case "dns" -> seen.dns();
            default -> throw new IllegalArgumentException(part);
        };
        return value != null;
    }

    private static boolean hasUnknown(String part, Observation seen) {
        String pointer = "/" + part;
        return seen.coverage().stream()
                .anyMatch(c -> c.state() == FactState.UNKNOWN
                        && (c.fact().equals(pointer) || c.fact().startsWith(pointer + "/")));
    }
}

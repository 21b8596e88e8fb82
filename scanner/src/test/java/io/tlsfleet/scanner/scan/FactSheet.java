package io.tlsfleet.scanner.scan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.policy.Judge;
import io.tlsfleet.fleet.policy.Memory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Every fact of a report by its JSON pointer, lists of code points as sets with their order apart, times and counts left out:
 * what two scans of one server must agree on.
 */
record FactSheet(Map<String, String> facts, Map<String, Set<String>> lists, Set<String> doubted) {
    private static final Instant AT = Instant.parse("2026-11-21T08:00:00Z");
    private static final Set<String> LEFT_OUT =
            Set.of("schema", "endpoint", "scan", "judged", "coverage", "findings", "waived", "timing", "grades");

    static FactSheet of(Observation seen) {
        try {
            JsonNode report =
                    new ObjectMapper().readTree(Json.write(Judge.judge(seen, List.of(), List.of(), Memory.NONE, AT)));
            FactSheet sheet = new FactSheet(new TreeMap<>(), new TreeMap<>(), new HashSet<>());
            report.properties().forEach(part -> {
                if (!LEFT_OUT.contains(part.getKey())) {
                    sheet.read("/" + part.getKey(), part.getValue());
                }
            });
            report.get("coverage").forEach(c -> sheet.doubted.add(c.get("fact").asText()));
            return sheet;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private void read(String pointer, JsonNode node) {
        boolean aboutUs = pointer.equals("/fingerprints/sent");
        if (aboutUs || pointer.equals("/http/clockSkewSeconds") || pointer.endsWith("/evidence")) {
            return;
        }
        if (node.isObject()) {
            node.properties().forEach(member -> read(pointer + "/" + member.getKey(), member.getValue()));
        } else if (node.isArray()) {
            if (pointer.equals("/vulnerabilities")) {
                node.forEach(one -> facts.put(
                        pointer + "/" + one.get("id").asText(), one.get("state").asText()));
                return;
            }
            Set<String> members = new HashSet<>();
            node.forEach(one -> members.add(pointer.equals("/certificates") ? leafOf(one) : one.toString()));
            lists.put(pointer, members);
        } else {
            facts.put(pointer, node.asText());
        }
    }

    private static String leafOf(JsonNode certificate) {
        return certificate.get("chain").path(0).path("sha256").asText() + " on " + certificate.get("servedOn");
    }

    /**
     * What this sheet claims and {@code truth} does not: another value that is not under a pointer of doubt, a list with what
     * the truth has not, a list that is shorter without doubt. Empty for a scan that only knows less.
     */
    List<String> liesAgainst(FactSheet truth) {
        List<String> lies = new ArrayList<>();
        truth.facts.forEach((pointer, right) -> {
            String said = facts.get(pointer);
            if (said == null) {
                if (!isDoubted(pointer)) {
                    lies.add(pointer + " is missing without a reason");
                }
            } else if (said.equals("refused") && right.equals("accepted")) {
                lies.add(pointer + " is refused, in truth accepted");
            } else if (!said.equals(right) && !isOpen(said) && !isOpen(right) && !isDoubted(pointer)) {
                lies.add(pointer + " is " + said + ", in truth " + right);
            }
        });
        truth.lists.forEach((pointer, right) -> {
            Set<String> said = lists.get(pointer);
            if (said == null) {
                if (!isDoubted(pointer)) {
                    lies.add(pointer + " is missing without a reason");
                }
            } else if (!right.containsAll(said) && !isDoubted(pointer)) {
                lies.add(pointer + " is " + said + ", in truth " + right);
            } else if (!said.containsAll(right) && !isDoubted(pointer)) {
                lies.add(pointer + " lacks some of " + right + ": " + said);
            }
        });
        return lies;
    }

    /** How many facts both say alike, without doubt. */
    int agreesWith(FactSheet truth) {
        long single = truth.facts.entrySet().stream()
                .filter(f -> f.getValue().equals(facts.get(f.getKey())))
                .count();
        long listed = truth.lists.entrySet().stream()
                .filter(l -> l.getValue().equals(lists.get(l.getKey())))
                .count();
        return (int) (single + listed);
    }

    private static boolean isOpen(String value) {
        return value.equals("unknown") || value.equals("null");
    }

    /** A pointer of doubt at it, above it or below it. */
    private boolean isDoubted(String pointer) {
        return doubted.stream()
                .anyMatch(d -> pointer.equals(d)
                        || pointer.startsWith(d + "/")
                        || d.startsWith(pointer + "/")
                        || isOf(d, pointer));
    }

    /** Doubt about a version is doubt about what hangs on it: its suites, groups, schemes, chains. */
    private static boolean isOf(String doubt, String pointer) {
        String version = doubt.substring(doubt.lastIndexOf('/') + 1);
        boolean ofVersion =
                doubt.startsWith("/protocols/") || doubt.startsWith("/cipherSuites/") || doubt.startsWith("/groups/");
        return ofVersion
                && (pointer.contains(version)
                        || pointer.equals("/certificates")
                        || pointer.startsWith("/features/")
                        || pointer.startsWith("/alpn/")
                        || pointer.equals("/fingerprints/ja3s")
                        || pointer.equals("/finiteFieldDh"));
    }
}

package io.tlsfleet.fleet.change;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Whether a scan stands by a fact, and by how many. */
public final class Certainty {
    /** Fewer facts than these are too few to speak of a fall. */
    private static final int ENOUGH = 6;

    private static final List<String> CERTIFICATES = List.of("/certificates");
    private static final List<String> WHOLE = List.of("/protocols", "/cipherSuites", "/groups", "/certificates");

    private Certainty() {}

    /**
     * The fact (a JSON pointer), what it lies in or something within it is among the unknown or not asked. Whose order counts is
     * nothing within: all suites and groups are known without it.
     */
    public static boolean unsure(Observation o, String fact) {
        for (Observation.Coverage coverage : o.coverage()) {
            String unknown = coverage.fact();
            boolean uncertain = coverage.state() == FactState.UNKNOWN || coverage.state() == FactState.NOT_ASKED;
            boolean within = unknown.startsWith(fact + "/") && !unknown.endsWith("/order");
            if (uncertain && (fact.equals(unknown) || fact.startsWith(unknown + "/") || within)) {
                return true;
            }
        }
        return false;
    }

    /** Where nobody answers nothing is certain, of all that makes a scan complete. */
    public static List<Observation.Coverage> coverage(Observation facts) {
        Observation.Scan scan = facts.scan();
        if (scan.outcome() != Outcome.UNREACHABLE || !facts.coverage().isEmpty()) {
            return facts.coverage();
        }
        Reason reason = Objects.requireNonNullElse(scan.reason(), Reason.INTERNAL);
        return (scan.depth() == Depth.CERTIFICATE ? CERTIFICATES : WHOLE)
                .stream()
                        .map(part -> Observation.Coverage.unknown(part, reason))
                        .toList();
    }

    /** By part that was asked, how many facts of it are certain: versions, features, not single suites. */
    public static Map<String, Integer> known(Observation o) {
        Map<String, Integer> known = new TreeMap<>();
        count(o, known, "protocols", o.protocols());
        count(o, known, "cipherSuites", o.cipherSuites());
        count(o, known, "groups", o.groups());
        count(o, known, "signatureSchemes", o.signatureSchemes());
        count(o, known, "features", o.features());
        count(o, known, "tolerance", o.tolerance());
        if (o.served() != null) {
            boolean any = o.served().stream().anyMatch(chain -> !chain.chain().isEmpty());
            known.put("certificates", any ? 1 : 0);
        }
        if (o.resumption() != null) {
            Observation.Resumption.Tls12 tls12 = o.resumption().tls12();
            Observation.Resumption.Tls13 tls13 = o.resumption().tls13();
            known.put(
                    "resumption",
                    (tls12 == null ? 0 : certain(tls12.sessionId()) + certain(tls12.ticket()))
                            + (tls13 == null ? 0 : certain(tls13.psk()) + certain(tls13.earlyData())));
        }
        return known;
    }

    /** Whether less than half is known of what was known, and the scan says itself that something is missing. */
    public static boolean fell(Map<String, Integer> before, Observation now) {
        if (now.coverage().stream().noneMatch(c -> c.state() == FactState.UNKNOWN)) {
            return false;
        }
        Map<String, Integer> known = known(now);
        int then = sum(before, known);
        return then >= ENOUGH && 2 * sum(known, before) < then;
    }

    /** Of the parts that both know of. */
    public static int sum(Map<String, Integer> of, Map<String, Integer> other) {
        return of.entrySet().stream()
                .filter(e -> other.containsKey(e.getKey()))
                .mapToInt(Map.Entry::getValue)
                .sum();
    }

    private static void count(Observation o, Map<String, Integer> known, String part, @Nullable Map<String, ?> facts) {
        if (facts == null) {
            return;
        }
        int certain = 0;
        for (Map.Entry<String, ?> fact : facts.entrySet()) {
            boolean stands = !(fact.getValue() instanceof FactState state) || certain(state) == 1;
            certain += stands && !unsure(o, "/" + part + "/" + fact.getKey()) ? 1 : 0;
        }
        known.put(part, certain);
    }

    private static int certain(FactState state) {
        return state == FactState.ACCEPTED || state == FactState.REFUSED ? 1 : 0;
    }
}

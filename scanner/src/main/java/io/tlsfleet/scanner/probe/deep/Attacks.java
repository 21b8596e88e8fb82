package io.tlsfleet.scanner.probe.deep;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The known attacks that want more than a hello, each only where it was allowed by its id. Every one is asked three times;
 * answers that do not agree are no knowledge. What follows from enumeration is judged elsewhere.
 */
final class Attacks {
    static final int TIMES = 3;
    /** Stands for every id. */
    private static final String EVERY = "all";

    private static final Map<String, Attack> ALL = new LinkedHashMap<>();

    static {
        ALL.put("heartbleed", Heartbleed::once);
        ALL.put("ccs-injection", CcsInjection::once);
        ALL.put("robot", Robot::once);
        ALL.put("ticketbleed", Ticketbleed::once);
        ALL.put("poodle-tls", PaddingOracle::poodle);
        ALL.put("padding-oracle", PaddingOracle::once);
    }

    /** One attempt. */
    interface Attack {
        Verdict once(Ground ground, Wire wire);
    }

    /** {@code evidence} is what was seen, in numbers and alerts; none of a server's memory. */
    record Verdict(State state, String evidence) {
        enum State {
            VULNERABLE("vulnerable"),
            NOT_VULNERABLE("not-vulnerable"),
            UNKNOWN("unknown");

            private final String word;

            State(String word) {
                this.word = word;
            }
        }

        static Verdict vulnerable(String evidence) {
            return new Verdict(State.VULNERABLE, evidence);
        }

        static Verdict notVulnerable(String evidence) {
            return new Verdict(State.NOT_VULNERABLE, evidence);
        }

        static Verdict unknown(String evidence) {
            return new Verdict(State.UNKNOWN, evidence);
        }
    }

    private Attacks() {}

    static void ask(Ground ground, Wire wire, Found found) {
        ALL.forEach((id, attack) -> ask(id, attack, ground, wire, found));
        if (wire.injectedBytes() > 0) {
            // seen without asking for it
            found.vulnerability(
                    StarttlsInjection.ID,
                    Verdict.State.VULNERABLE.word,
                    wire.injectedBytes() + " bytes came in the clear behind the server's consent to STARTTLS");
        } else if (StarttlsInjection.applies(ground)) {
            ask(StarttlsInjection.ID, StarttlsInjection::once, ground, wire, found);
        }
    }

    private static void ask(String id, Attack attack, Ground ground, Wire wire, Found found) {
        if (ground.attacks().contains(id) || ground.attacks().contains(EVERY)) {
            Verdict verdict = agreed(attack, ground, wire);
            found.vulnerability(id, verdict.state.word, verdict.evidence);
        } else {
            found.vulnerability(id, "not-asked", null);
        }
    }

    /** The verdict that three attempts share. */
    static Verdict agreed(Attack attack, Ground ground, Wire wire) {
        Verdict first = attack.once(ground, wire);
        Set<String> seen = new TreeSet<>(List.of(first.state.word + ": " + first.evidence));
        boolean agree = true;
        for (int i = 1; i < TIMES && first.state != Verdict.State.UNKNOWN; i++) {
            Verdict next = attack.once(ground, wire);
            seen.add(next.state.word + ": " + next.evidence);
            agree &= next.state == first.state;
        }
        return agree ? first : Verdict.unknown("answers differ: " + String.join("; ", seen));
    }
}

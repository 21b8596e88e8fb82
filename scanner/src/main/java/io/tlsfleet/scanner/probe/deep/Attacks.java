package io.tlsfleet.scanner.probe.deep;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The known attacks that want more than a hello, each only where it was allowed by its id. Every one is asked three times;
 * answers that do not agree are no knowledge. What follows from enumeration is judged elsewhere.
 */
final class Attacks {
    static final int TIMES = 3;
    /** Stands for every id. */
    private static final String EVERY = "all";

    private static final Map<String, Function<Ground, List<Attack>>> ALL = new LinkedHashMap<>();

    static {
        ALL.put("heartbleed", ground -> List.of(Heartbleed::once));
        ALL.put("ccs-injection", ground -> List.of(CcsInjection::once));
        ALL.put("robot", ground -> List.of(Robot::once));
        ALL.put("ticketbleed", ground -> List.of(Ticketbleed::once));
        ALL.put("poodle-tls", ground -> List.of(PaddingOracle::poodle));
        ALL.put("padding-oracle", PaddingOracle::kinds);
    }

    /** One attempt. Where a flaw may be in one of several parts of a server alone, each has an attack of its own. */
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
        ALL.forEach((id, attacks) -> ask(id, attacks.apply(ground), ground, wire, found));
        if (wire.injectedBytes() > 0) {
            // seen without asking for it
            found.vulnerability(
                    StarttlsInjection.ID,
                    Verdict.State.VULNERABLE.word,
                    wire.injectedBytes() + " bytes came in the clear behind the server's consent to STARTTLS");
        } else if (StarttlsInjection.applies(ground)) {
            ask(StarttlsInjection.ID, List.of(StarttlsInjection::once), ground, wire, found);
        }
    }

    private static void ask(String id, List<Attack> attacks, Ground ground, Wire wire, Found found) {
        if (ground.attacks().contains(id) || ground.attacks().contains(EVERY)) {
            Verdict verdict = agreed(attacks, ground, wire);
            found.vulnerability(id, verdict.state.word, verdict.evidence);
        } else {
            found.vulnerability(id, "not-asked", null);
        }
    }

    /** The verdict that three attempts share: where there are several attacks, one of each other, and as many of that which finds something. */
    static Verdict agreed(List<Attack> attacks, Ground ground, Wire wire) {
        Verdict first = attacks.getFirst().once(ground, wire);
        Verdict verdict = first;
        for (int i = 1; i < attacks.size() && verdict.state == Verdict.State.NOT_VULNERABLE; i++) {
            verdict = attacks.get(i).once(ground, wire);
            if (verdict.state == Verdict.State.VULNERABLE) {
                return agreed(attacks.get(i), verdict, TIMES, ground, wire);
            }
        }
        return verdict.state == Verdict.State.UNKNOWN
                ? verdict
                : agreed(attacks.getFirst(), first, TIMES, ground, wire);
    }

    private static Verdict agreed(Attack attack, Verdict first, int times, Ground ground, Wire wire) {
        Set<String> seen = new TreeSet<>(List.of(first.state.word + ": " + first.evidence));
        boolean agree = true;
        for (int i = 1; i < times; i++) {
            Verdict next = attack.once(ground, wire);
            seen.add(next.state.word + ": " + next.evidence);
            agree &= next.state == first.state;
        }
        return agree ? first : Verdict.unknown("answers differ: " + String.join("; ", seen));
    }
}

package io.tlsfleet.fleet.change;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;

/** Whether a scan stands by a fact. */
public final class Certainty {
    private Certainty() {}

    /** The fact (a JSON pointer), what it lies in or something within it is among the unknown or not asked. */
    public static boolean unsure(Observation o, String fact) {
        for (Observation.Coverage coverage : o.coverage()) {
            String unknown = coverage.fact();
            boolean uncertain = coverage.state() == FactState.UNKNOWN || coverage.state() == FactState.NOT_ASKED;
            if (uncertain
                    && (fact.equals(unknown) || fact.startsWith(unknown + "/") || unknown.startsWith(fact + "/"))) {
                return true;
            }
        }
        return false;
    }
}

package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.tls.exchange.Ending;
import org.jspecify.annotations.Nullable;

/** A state, and for {@link FactState#UNKNOWN} why. */
record Fact(FactState state, @Nullable Reason reason) {
    static final Fact ACCEPTED = new Fact(FactState.ACCEPTED, null);
    static final Fact REFUSED = new Fact(FactState.REFUSED, null);
    static final Fact NOT_ASKED = new Fact(FactState.NOT_ASKED, null);

    static Fact of(boolean accepted) {
        return accepted ? ACCEPTED : REFUSED;
    }

    static Fact unknown(Reason reason) {
        return new Fact(FactState.UNKNOWN, reason);
    }

    /** Why nothing is known after a connection that ended so. */
    static Reason reason(Ending ending, @Nullable String unintelligible) {
        if (unintelligible != null) {
            return Reason.MALFORMED;
        }
        return switch (ending) {
            case FINISHED, CLOSED -> Reason.CLOSED;
            case RESET -> Reason.RESET;
            case READ_TIMEOUT -> Reason.READ_TIMEOUT;
            case DEADLINE -> Reason.DEADLINE;
            case TOO_MUCH -> Reason.MALFORMED;
        };
    }
}

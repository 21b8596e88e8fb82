package io.tlsfleet.fleet.simulate;

/** Whether a server can take one suite for one client. */
sealed interface Verdict {
    record Possible() implements Verdict {}

    /** It depends on what no scan has asked. */
    record Doubtful(String why) implements Verdict {}

    record Impossible(String why) implements Verdict {}

    default Verdict worse(Verdict other) {
        return switch (this) {
            case Possible() -> other;
            case Doubtful doubtful -> other instanceof Impossible ? other : this;
            case Impossible impossible -> this;
        };
    }
}

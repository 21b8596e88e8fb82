package io.tlsfleet.fleet.target;

/** What a line of an import holds: a target, or why there is none. Lines count from 1, the header too. */
public sealed interface ImportLine {
    long number();

    record Good(long number, Target target) implements ImportLine {}

    record Bad(long number, String reason) implements ImportLine {}
}

package io.tlsfleet.store.alert;

/** What makes an alert one: a rule, and what its findings hang on. */
public record Cause(String rule, String cause) implements Comparable<Cause> {
    @Override
    public int compareTo(Cause other) {
        int byRule = rule.compareTo(other.rule);
        return byRule != 0 ? byRule : cause.compareTo(other.cause);
    }
}

package io.tlsfleet.fleet.policy;

/** What is wrong with a policy file, and where; lines and columns count from 1. */
public record PolicyProblem(int line, int column, String message) {
    @Override
    public String toString() {
        return "line " + line + ", column " + column + ": " + message;
    }
}

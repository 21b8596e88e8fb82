package io.tlsfleet.fleet.policy;

import java.util.List;
import java.util.stream.Collectors;

/** A policy file that cannot be used; all its problems at once. */
public final class InvalidPolicy extends RuntimeException {
    private static final long serialVersionUID = 1;

    @SuppressWarnings("serial")
    private final List<PolicyProblem> problems;

    public InvalidPolicy(List<PolicyProblem> problems) {
        super(problems.stream().map(PolicyProblem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    public List<PolicyProblem> problems() {
        return problems;
    }
}

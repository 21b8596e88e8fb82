package io.tlsfleet.api.alertfile;

import java.util.List;

/** All problems of a file at once. */
public final class InvalidAlertingFile extends Exception {
    private static final long serialVersionUID = 1;
    private final transient List<FileProblem> problems;

    InvalidAlertingFile(List<FileProblem> problems) {
        super((problems.size() == 1 ? "at line " : problems.size() + " problems, the first at line ")
                + problems.getFirst().line() + ": " + problems.getFirst().message());
        this.problems = List.copyOf(problems);
    }

    public List<FileProblem> problems() {
        return problems;
    }
}

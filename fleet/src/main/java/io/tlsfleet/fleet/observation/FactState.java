package io.tlsfleet.fleet.observation;

/** What is known of one thing that was asked: "could not tell" has equal rank and is never rounded. */
public enum FactState {
    ACCEPTED("accepted"),
    REFUSED("refused"),
    UNKNOWN("unknown"),
    NOT_ASKED("not-asked");

    private final String word;

    FactState(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}

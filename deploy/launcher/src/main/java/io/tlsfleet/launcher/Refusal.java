package io.tlsfleet.launcher;

/** What we will not or cannot do, in one line that names the input and what to do about it. */
public final class Refusal extends RuntimeException {
    private final String message;
    private final int code;

    public Refusal(String message, int code) {
        super(message);
        this.message = message;
        this.code = code;
    }

    /** Something about the words of the command line or what they name. */
    public static Refusal usage(String message) {
        return new Refusal(message, 2);
    }

    public String message() {
        return message;
    }

    public int code() {
        return code;
    }
}

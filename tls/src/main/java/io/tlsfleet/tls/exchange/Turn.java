package io.tlsfleet.tls.exchange;

/** What to send now (perhaps nothing), and whether the conversation has what it wants. */
public record Turn(byte[] send, boolean finished) {
    private static final byte[] NOTHING = new byte[0];
    public static final Turn WAIT = new Turn(NOTHING, false);
    public static final Turn FINISHED = new Turn(NOTHING, true);

    public static Turn send(byte[] bytes) {
        return new Turn(bytes, false);
    }
}

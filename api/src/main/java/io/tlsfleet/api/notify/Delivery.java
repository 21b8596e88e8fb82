package io.tlsfleet.api.notify;

/** What became of one attempt. */
public sealed interface Delivery {
    /** {@code status} 0 where the channel has none. */
    record Delivered(int status, String detail) implements Delivery {}

    /** {@code retryAfterSeconds} -1: our own back-off decides. */
    record Failed(int status, String why, long retryAfterSeconds) implements Delivery {}

    /** The other side wants nothing more, ever (410). */
    record Gone(String why) implements Delivery {}
}

package io.tlsfleet.api.notify;

import java.util.Set;

/** What became of one attempt. */
public sealed interface Delivery {
    /** A mail server that took sender and recipients and refuses what it was sent (RFC 5321, section 4.2.2). */
    int MAIL_REFUSED = 554;

    /** {@code status} 0 where the channel has none. */
    record Delivered(int status, String detail) implements Delivery {}

    /** {@code retryAfterSeconds} -1: our own back-off decides. */
    record Failed(int status, String why, long retryAfterSeconds) implements Delivery {
        private static final Set<Integer> OF_THE_NOTICE = Set.of(400, 413, 415, 422, MAIL_REFUSED);

        /** The other side is there and has something against this notice, not against being told. */
        boolean isRefusal() {
            return OF_THE_NOTICE.contains(status);
        }
    }

    /** The other side wants nothing more, ever (410). */
    record Gone(String why) implements Delivery {}
}

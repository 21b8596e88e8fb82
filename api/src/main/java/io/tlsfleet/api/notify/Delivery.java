package io.tlsfleet.api.notify;

import java.util.Set;

/** What became of one attempt. */
public sealed interface Delivery {
    /** {@code status} 0 where the channel has none. */
    record Delivered(int status, String detail) implements Delivery {}

    /** {@code retryAfterSeconds} -1: our own back-off decides. */
    record Failed(int status, String why, long retryAfterSeconds) implements Delivery {
        private static final Set<Integer> OF_THE_NOTICE = Set.of(400, 413, 415, 422);

        /** The other side is there and has something against this notice, not against being told. */
        boolean isRefusal() {
            return OF_THE_NOTICE.contains(status);
        }
    }

    /** The other side wants nothing more, ever (410). */
    record Gone(String why) implements Delivery {}
}

package io.tlsfleet.scanner.resolve;

import io.tlsfleet.fleet.observation.Reason;

/** What a resolver said to one question; no answer is never an empty one. */
public sealed interface Told<T> {
    /** {@code authenticated}: the resolver vouches for it by DNSSEC, for the records or for there being none. */
    record Known<T>(T value, boolean authenticated) implements Told<T> {}

    record Unknown<T>(Reason reason, String detail) implements Told<T> {}
}

package io.tlsfleet.scanner.connect;

import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.tls.exchange.Ending;
import java.time.Duration;

/** What became of one attempt to talk. */
public sealed interface Talk<R> {
    /** A connection stood; the conversation says what it heard. {@code connect} is the time TCP took. */
    record Held<R>(R result, Ending ending, Duration connect, Duration whole, long bytesSent, long bytesReceived)
            implements Talk<R> {}

    /** There was no connection: the gate, the network or the peer's TCP said no. */
    record NotHeld<R>(Reason reason, String detail, Duration after) implements Talk<R> {}
}

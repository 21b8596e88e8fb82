package io.tlsfleet.tls.keys;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a TLS 1.3 handshake does beside finishing.
 *
 * @param request sent as application data after our Finished; when empty we send close_notify instead, which makes most servers
 *     hand over their tickets or their refusal and close at once
 * @param patience how long a silence after our Finished ends the conversation
 * @param resume offered as PSK, made old by {@code ticketAge}
 * @param earlyData whether early data is announced with the PSK; none is ever sent
 * @param leaves whether our close_notify is the end, with no wait for the server's tickets or its refusal
 * @param nanoTime a monotonic clock
 */
public record Tls13Options(
        byte[] request,
        Duration patience,
        @Nullable SessionTicket resume,
        Duration ticketAge,
        boolean earlyData,
        boolean leaves,
        LongSupplier nanoTime) {
    public static final Tls13Options PLAIN =
            new Tls13Options(new byte[0], Duration.ofMillis(500), null, Duration.ZERO, false, false, System::nanoTime);

    public Tls13Options requesting(byte[] applicationData) {
        return new Tls13Options(applicationData, patience, resume, ticketAge, earlyData, leaves, nanoTime);
    }

    public Tls13Options waiting(Duration silence) {
        return new Tls13Options(request, silence, resume, ticketAge, earlyData, leaves, nanoTime);
    }

    public Tls13Options leaving() {
        return new Tls13Options(request, patience, resume, ticketAge, earlyData, true, nanoTime);
    }

    public Tls13Options resuming(SessionTicket ticket, Duration age, boolean withEarlyData) {
        return new Tls13Options(request, patience, ticket, age, withEarlyData, leaves, nanoTime);
    }
}

package io.tlsfleet.api.http;

import io.tlsfleet.fleet.policy.Policies;
import io.tlsfleet.fleet.policy.Policy;
import java.time.Duration;
import java.time.Instant;

/** How near a certificate's end is, by days and by the share of its life that is left, whichever is less. */
final class ExpiryStage {
    private ExpiryStage() {}

    static String of(Instant from, Instant until, Instant at) {
        if (!at.isBefore(until)) {
            return "expired";
        }
        double left = Duration.between(at, until).toMillis();
        double life = Duration.between(from, until).toMillis();
        String reached = "ok";
        for (Policy.Expiry.Stage stage : Policies.standard().expiry().stages()) {
            Double days = stage.days();
            Double percent = stage.percent();
            if ((days == null || left < days * 86_400_000) && (percent == null || left < life * percent / 100)) {
                reached = stage.severity().word();
            }
        }
        return reached;
    }
}

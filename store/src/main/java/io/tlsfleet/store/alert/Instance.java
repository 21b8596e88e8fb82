package io.tlsfleet.store.alert;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** An alert: one rule and one cause, however many endpoints. {@code notes} is what routing remembers of it. */
public record Instance(
        long id,
        String rule,
        String cause,
        String severity,
        String state,
        String title,
        int endpoints,
        Instant since,
        @Nullable Instant lastNotifiedAt,
        int transitions,
        JsonNode notes) {

    public boolean isQuiet() {
        return state.equals("resolved");
    }
}

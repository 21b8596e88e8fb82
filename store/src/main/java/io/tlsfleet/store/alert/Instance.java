package io.tlsfleet.store.alert;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An alert: one rule and one cause, however many endpoints. {@code transitions} counts how often it began, {@code dueAt} is
 * when it is looked at though nothing happened, {@code digest} the digest that it waits for, {@code notes} what routing
 * remembers of it. {@code id} 0: not kept yet.
 */
public record Instance(
        long id,
        Cause cause,
        String severity,
        String state,
        String title,
        int endpoints,
        Instant since,
        @Nullable Instant resolvedAt,
        int transitions,
        @Nullable Instant dueAt,
        @Nullable String digest,
        JsonNode notes) {}

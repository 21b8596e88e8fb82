package io.tlsfleet.store.alert;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How things stand for one rule and cause now: open and acknowledged findings, and those who are concerned, grouped by
 * what routes match on. {@code fresh}: every open finding dates from the first scan of its endpoint.
 */
public record Situation(
        int open,
        int acknowledged,
        @Nullable String severity,
        String title,
        String detail,
        JsonNode text,
        @Nullable Instant since,
        boolean fresh,
        @Nullable Instant soonestExpiry,
        List<Group> groups) {

    /** Endpoints with the same owner, site, policy and tags; {@code examples} are a few of their names. */
    public record Group(
            @Nullable String owner,
            String site,
            @Nullable String policy,
            JsonNode tags,
            int endpoints,
            List<Example> examples) {}

    public record Example(long endpointId, String name) {}

    public int endpoints() {
        return groups.stream().mapToInt(Group::endpoints).sum();
    }
}

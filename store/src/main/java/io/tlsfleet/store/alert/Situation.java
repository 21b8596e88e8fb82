package io.tlsfleet.store.alert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How things stand for one rule and cause now: open and acknowledged findings, and those who are concerned, grouped by
 * what routes match on. {@code severity}: the gravest that is open, else the gravest acknowledged. {@code fresh}: every
 * finding dates from the first scan of its endpoint. {@code ends}: the end of the certificate that it is about.
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
        @Nullable Instant ends,
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

    /** Nothing is found any more. */
    public static Situation none(Cause cause) {
        return new Situation(
                0, 0, null, cause.rule(), "", JsonNodeFactory.instance.objectNode(), null, false, null, List.of());
    }

    public boolean isOver() {
        return open + acknowledged == 0;
    }

    public int endpoints() {
        return groups.stream().mapToInt(Group::endpoints).sum();
    }
}

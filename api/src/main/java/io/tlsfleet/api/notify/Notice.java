package io.tlsfleet.api.notify;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a person is told, the same in every channel: what, where, how many, since when, why it matters, what to do. {@code
 * kind}: firing, worse, resolved, flapping, digest, dead-man or test. {@code alert} names the alert over its whole life.
 */
public record Notice(
        String kind,
        String alert,
        @Nullable String rule,
        String severity,
        String title,
        String summary,
        int endpoints,
        List<String> examples,
        List<String> owners,
        @Nullable Instant since,
        Instant at,
        @Nullable String why,
        @Nullable String remedy,
        List<String> lines,
        @Nullable String link) {

    public boolean isOver() {
        return kind.equals("resolved");
    }

    /** Its lines count; what they have together is not counted. */
    boolean standsForMany() {
        return !lines.isEmpty();
    }

    /** By which a receiver that keeps tickets knows it again; a digest or a group never ends, and is another each time. */
    public String ticket() {
        boolean ends = alert.startsWith("alert-") || kind.equals("test");
        return "tlsfleet-" + alert + (ends ? "" : "-" + at.getEpochSecond());
    }

    /** {@code critical: Certificate expired – 3 endpoints}. */
    public String subject() {
        String state = switch (kind) {
            case "resolved" -> "resolved";
            case "flapping" -> "flapping";
            case "digest" -> "digest";
            case "test" -> "test";
            default -> severity;
        };
        return state + ": " + title + (endpoints > 1 ? " – " + Wording.endpoints(endpoints) : "");
    }
}

package io.tlsfleet.api.alertfile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Receivers, routes, silences and acknowledgements as a file names them. {@code settings} and matchers are those of the API, with
 * names for ids.
 */
public record AlertingFile(
        List<FileReceiver> receivers,
        List<FileRoute> routes,
        List<FileSilence> silences,
        List<FileAcknowledgement> acknowledgements) {

    /** {@code secret} holds what is sealed: url, urls, secret, headers. */
    public record FileReceiver(String name, String kind, ObjectNode settings, ObjectNode secret) {}

    public record Step(String receiver, int afterSeconds) {}

    public record FileRoute(String receiver, JsonNode matchers, ObjectNode settings, List<Step> steps) {}

    /** {@code startsAt}: as the file says, or as early as a silence may begin that ends then. */
    public record FileSilence(
            JsonNode matchers, String reason, @Nullable String author, Instant startsAt, Instant endsAt) {
        public static final Duration LONGEST = Duration.ofDays(90);
    }

    /** Somebody has in hand, until then, the alerts all of whose endpoints match. */
    public record FileAcknowledgement(
            JsonNode matchers, String reason, @Nullable String author, Instant until) {}

    /** {@code environment} fills in {@code ${NAME}}. */
    public static AlertingFile parse(String text, Map<String, String> environment) throws InvalidAlertingFile {
        return new AlertingFileReader(environment).read(text);
    }
}

package io.tlsfleet.api.notify;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.input.Text;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What settings of receivers may say, wherever they are given. */
public final class ReceiverSettings {
    private static final Map<String, Set<String>> WORDS = Map.of(
            "digest", Letters.RHYTHMS,
            "tls", Set.of("starttls", "implicit", "opportunistic", "none"),
            "protocol", Set.of("udp", "tcp", "tls"));

    private ReceiverSettings() {}

    /** Empty when they will do. */
    public static Optional<Matcher.Objection> objection(JsonNode settings) {
        for (var known : WORDS.entrySet()) {
            String word = settings.path(known.getKey()).asText("");
            if (!word.isEmpty() && !known.getValue().contains(word)) {
                return objection(known.getKey(), word, "none of " + String.join(", ", new TreeSet<>(known.getValue())));
            }
        }
        String at = settings.path("digestAt").asText("");
        if (!at.isEmpty() && !at.matches("([01][0-9]|2[0-3]):[0-5][0-9]")) {
            return objection("digestAt", at, "no time of day like 08:00");
        }
        String zone = settings.path("digestZone").asText("");
        if (!zone.isEmpty() && !ZoneId.getAvailableZoneIds().contains(zone)) {
            return objection("digestZone", zone, "no time zone like Europe/Berlin");
        }
        return Optional.empty();
    }

    private static Optional<Matcher.Objection> objection(String field, String given, String why) {
        return Optional.of(new Matcher.Objection(field, "'" + Text.shown(given) + "' is " + why));
    }
}

package io.tlsfleet.api.notify;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.input.Text;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What settings of receivers may say, wherever they are given. */
public final class ReceiverSettings {
    public static final Set<String> KINDS = Set.of(
            "webhook",
            "generic",
            "slack",
            "teams",
            "pagerduty",
            "opsgenie",
            "jira",
            "alertmanager",
            "email",
            "syslog",
            "heartbeat");
    /** These know where to go, or say it in their settings. */
    public static final Set<String> URL_FREE = Set.of("pagerduty", "opsgenie", "email", "syslog");
    /** What a key is called where nothing goes without one. */
    private static final Map<String, String> KEYS =
            Map.of("pagerduty", "the routing key of the integration", "opsgenie", "the API key of the integration");

    private static final Map<String, Set<String>> WORDS = Map.of(
            "digest", Letters.RHYTHMS,
            "tls", Set.of("starttls", "implicit", "opportunistic", "none"),
            "protocol", Set.of("udp", "tcp", "tls"));

    private ReceiverSettings() {}

    /** What is missing when a receiver of this kind has no secret; empty: nothing. */
    public static Optional<String> neededKey(String kind) {
        return Optional.ofNullable(KEYS.get(kind));
    }

    /** Why notices to a webhook cannot be signed with this key; empty: they can. */
    public static Optional<String> signingObjection(String kind, String secret) {
        if (!kind.equals("webhook") || !secret.startsWith(Channels.SIGNING_KEY)) {
            return Optional.empty();
        }
        try {
            Channels.signature(secret, "", 0, new byte[0]);
            return Optional.empty();
        } catch (IllegalArgumentException | GeneralSecurityException e) {
            return Optional.of("a signing key is " + Channels.SIGNING_KEY + " and the base64 of at least one byte");
        }
    }

    /** Empty when they will do for a receiver of this kind. */
    public static Optional<Matcher.Objection> objection(String kind, JsonNode settings) {
        if (kind.equals("jira")) {
            String project = settings.path("project").asText("");
            if (!project.matches("[A-Z][A-Z0-9_]{0,49}")) {
                return objection("project", project, "no key of a Jira project like OPS");
            }
            String transition = settings.path("transition").asText("");
            if (!transition.isEmpty() && !transition.matches("[0-9]{1,9}")) {
                return objection(
                        "transition",
                        transition,
                        "no id of a transition: GET /rest/api/2/issue/KEY/transitions shows them");
            }
        }
        return objection(settings);
    }

    private static Optional<Matcher.Objection> objection(JsonNode settings) {
        for (var known : WORDS.entrySet()) {
            String word = settings.path(known.getKey()).asText("");
            if (!word.isEmpty() && !known.getValue().contains(word)) {
                return objection(known.getKey(), word, "none of " + String.join(", ", new TreeSet<>(known.getValue())));
            }
        }
        String authorities = settings.path("caCertificates").asText("");
        if (!authorities.isEmpty()) {
            try {
                SyslogTls.trustManagers(authorities);
            } catch (GeneralSecurityException | IOException e) {
                return Optional.of(new Matcher.Objection(
                        "caCertificates", "there is no certificate in it, or one that cannot be read; PEM is wanted"));
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

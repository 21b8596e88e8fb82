package io.tlsfleet.api.notify;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.store.alert.Estate;
import io.tlsfleet.store.alert.Instance;
import io.tlsfleet.store.alert.Situation;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The words of every notice, the same for all channels. */
final class Wording {
    private static final int LINES = 20;
    private static final int LETTER_LINES = 100;
    private static final int EXAMPLES = 5;
    private static final DateTimeFormatter MOMENT = DateTimeFormatter.ofPattern(
                    "d MMMM uuuu, HH:mm 'UTC'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private final @Nullable String linkBase;
    private final Estate estate;

    /** {@code linkBase}: where people reach the pages, null when that is not known. */
    Wording(@Nullable String linkBase, Estate estate) {
        this.linkBase = linkBase;
        this.estate = estate;
    }

    /** One alert, for the endpoints of one way. */
    Notice stage(Instance alert, String stage, Situation situation, List<Situation.Group> groups, Instant now) {
        int endpoints = groups.stream().mapToInt(Situation.Group::endpoints).sum();
        String kind = stage.replaceFirst("-.*", "");
        return new Notice(
                kind,
                estate.alert(alert.id(), alert.since()),
                alert.cause().rule(),
                alert.severity(),
                situation.title(),
                prefix(kind) + situation.detail(),
                endpoints,
                examples(groups),
                owners(groups),
                situation.since(),
                now,
                text(situation.text(), "why"),
                text(situation.text(), "remedy"),
                List.of(),
                link(groups, alert.id()));
    }

    private static String prefix(String kind) {
        return switch (kind) {
            case "worse" -> "It got worse. ";
            case "spread" -> "It spread since it was last told. ";
            case "again" -> "It was acknowledged and is open again: that time is over, or another endpoint shows it. ";
            case "steady" -> "It stopped coming and going, and it is there. ";
            case "flapping" ->
                "It comes and goes: more than four changes within six hours. No more is said until it is steady for two. ";
            default -> "";
        };
    }

    /** {@code groups}: those that had it and of whom the receiver was told. */
    Notice over(Instance alert, boolean unheard, List<Situation.Group> groups, Instant now) {
        return bare(
                "resolved",
                alert,
                unheard
                        ? "It began and ended before this receiver could be told."
                        : "It is not seen any more. It was there for " + span(Duration.between(alert.since(), now))
                                + ".",
                groups,
                linkBase == null ? null : linkBase + "/alerting/alerts?alert=" + alert.id(),
                now);
    }

    private static String span(Duration time) {
        long minutes = Math.max(1, time.toMinutes());
        return minutes < 120
                ? count(minutes, "minute")
                : minutes < 48 * 60 ? count(minutes / 60, "hour") : count(minutes / (24 * 60), "day");
    }

    static String count(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    private static List<String> examples(List<Situation.Group> groups) {
        return groups.stream()
                .map(Situation.Group::examples)
                .flatMap(Collection::stream)
                .map(Situation.Example::name)
                .distinct()
                .limit(EXAMPLES)
                .toList();
    }

    private static List<String> owners(List<Situation.Group> groups) {
        return groups.stream()
                .map(Situation.Group::owner)
                .filter(Objects::nonNull)
                .distinct()
                .limit(EXAMPLES)
                .toList();
    }

    /** Of the watching itself. */
    Notice ofOurselves(Instance alert, String kind, String summary, String page, Instant now) {
        return bare(kind, alert, summary, List.of(), linkBase == null ? null : linkBase + page, now);
    }

    private Notice bare(
            String kind,
            Instance alert,
            String summary,
            List<Situation.Group> groups,
            @Nullable String link,
            Instant now) {
        int endpoints = groups.stream().mapToInt(Situation.Group::endpoints).sum();
        return new Notice(
                kind,
                estate.alert(alert.id(), alert.since()),
                alert.cause().rule(),
                alert.severity(),
                alert.title(),
                summary,
                groups.isEmpty() ? alert.endpoints() : endpoints,
                examples(groups),
                owners(groups),
                alert.since(),
                now,
                null,
                null,
                List.of(),
                link);
    }

    /** One line of what stands for many. */
    record Part(
            String severity,
            String title,
            int endpoints,
            boolean over,
            @Nullable String example) {
        String head() {
            return (over ? "resolved" : severity) + ": " + title;
        }

        Part and(Part other) {
            return new Part(severity, title, endpoints + other.endpoints, over, example);
        }

        String line() {
            String where = example == null ? "" : example;
            return head()
                    + (endpoints == 0
                            ? ""
                            : endpoints == 1 && !where.isEmpty()
                                    ? " – " + where
                                    : " – " + Wording.endpoints(endpoints)
                                            + (where.isEmpty() ? "" : ", such as " + where));
        }
    }

    /** Many alerts that a receiver would otherwise get one by one within minutes. */
    Notice group(List<Notice> notices, Instant now) {
        List<Part> parts = notices.stream()
                .map(n -> new Part(
                        n.severity(),
                        n.title(),
                        n.endpoints(),
                        n.isOver(),
                        n.examples().isEmpty() ? null : n.examples().getFirst()))
                .toList();
        return many(
                "group",
                notices.size() + " alerts",
                notices.size() + " alerts came within minutes; they are told together.",
                parts,
                notices.stream()
                        .flatMap(n -> n.owners().stream())
                        .distinct()
                        .limit(EXAMPLES)
                        .toList(),
                "/alerting/alerts",
                now);
    }

    /** What was held for a receiver that wants it together, in the order in which it came. */
    Notice letter(List<Notice> notices, Instant now) {
        List<String> lines = notices.stream()
                .limit(LETTER_LINES)
                .map(n -> n.lines().isEmpty()
                        ? new Part(
                                        n.severity(),
                                        n.title(),
                                        n.endpoints(),
                                        n.isOver(),
                                        n.examples().isEmpty()
                                                ? null
                                                : n.examples().getFirst())
                                .line()
                        : n.severity() + ": " + n.title() + " – " + String.join("; ", n.lines()))
                .collect(java.util.stream.Collectors.toCollection(java.util.ArrayList::new));
        if (notices.size() > LETTER_LINES) {
            lines.add("and " + (notices.size() - LETTER_LINES) + " more");
        }
        long over = notices.stream().filter(Notice::isOver).count();
        return new Notice(
                "digest",
                estate.own("letter"),
                null,
                notices.stream().map(Notice::severity).reduce("info", Routing::worst),
                notices.size() == 1 ? "1 notice" : notices.size() + " notices",
                "What came since the last digest: " + (notices.size() - over) + " begun or worse, " + over
                        + " resolved.",
                0,
                List.of(),
                notices.stream()
                        .flatMap(n -> n.owners().stream())
                        .distinct()
                        .limit(EXAMPLES)
                        .toList(),
                null,
                now,
                null,
                null,
                lines,
                linkBase == null ? null : linkBase + "/alerting");
    }

    Notice firstScan(String owner, List<Part> parts, Instant now) {
        return many(
                "digest",
                "First scan of new targets" + (owner.isEmpty() ? "" : " of " + owner),
                parts.size() + (parts.size() == 1 ? " cause was" : " causes were")
                        + " found by the first scan of targets that are new here.",
                parts,
                owner.isEmpty() ? List.of() : List.of(owner),
                owner.isEmpty()
                        ? "/findings?owned=false"
                        : "/findings?owner=" + URLEncoder.encode(owner, StandardCharsets.UTF_8),
                now);
    }

    Notice judgement(List<Part> parts, List<String> owners, Instant now) {
        long over = parts.stream().filter(Part::over).count();
        return many(
                "summary",
                "A new judgement of unchanged facts",
                "The policy, the trust stores or the probes are new: " + (parts.size() - over)
                        + " causes are found that were not, " + over
                        + " are not found any more. The servers are as they were.",
                parts,
                owners,
                "/findings",
                now);
    }

    private Notice many(
            String kind,
            String title,
            String summary,
            List<Part> parts,
            List<String> owners,
            String page,
            Instant now) {
        Map<String, Part> counts = new LinkedHashMap<>();
        parts.stream()
                .sorted((a, b) ->
                        a.severity().equals(b.severity()) ? 0 : Routing.atLeast(a.severity(), b.severity()) ? -1 : 1)
                .forEach(p -> counts.merge(p.head(), p, Part::and));
        List<String> lines =
                counts.values().stream().limit(LINES).map(Part::line).toList();
        List<String> all = new java.util.ArrayList<>(lines);
        if (counts.size() > LINES) {
            all.add("and " + (counts.size() - LINES) + " more");
        }
        return new Notice(
                kind,
                estate.own(kind),
                null,
                parts.stream().filter(p -> !p.over()).map(Part::severity).reduce("info", Routing::worst),
                title,
                summary,
                0,
                List.of(),
                owners,
                null,
                now,
                null,
                null,
                all,
                linkBase == null ? null : linkBase + page);
    }

    static String endpoints(int count) {
        return String.format(Locale.ROOT, "%,d", count) + (count == 1 ? " endpoint" : " endpoints");
    }

    /** As it is read aloud: 21 November 2026, 14:05 UTC. */
    static String moment(Instant at) {
        return MOMENT.format(at);
    }

    private @Nullable String link(List<Situation.Group> groups, long alert) {
        if (linkBase == null) {
            return null;
        }
        Situation.Group first = groups.getFirst();
        return groups.size() == 1 && first.endpoints() == 1 && !first.examples().isEmpty()
                ? linkBase + "/endpoints/" + first.examples().getFirst().endpointId()
                : linkBase + "/alerting/alerts?alert=" + alert;
    }

    private static @Nullable String text(JsonNode body, String field) {
        return body.hasNonNull(field) ? body.get(field).asText() : null;
    }
}

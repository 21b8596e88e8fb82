package io.tlsfleet.store.site;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A time in which targets are not scanned: either once, from {@code since} to {@code until}, or every day (or on some {@code
 * days}: {@code mon} to {@code sun}, counted by the day on which it begins) from {@code from} to {@code to} of a {@code zone},
 * over midnight if {@code to} is not after {@code from}. {@code tag}, {@code key:value}, says which targets; without it all.
 */
public record QuietWindow(
        @Nullable String tag,
        @Nullable String reason,
        @Nullable String from,
        @Nullable String to,
        List<String> days,
        @Nullable String zone,
        @Nullable Instant since,
        @Nullable Instant until) {

    @SuppressWarnings("NullAway") // a member that was not given
    public QuietWindow {
        days = days == null ? List.of() : List.copyOf(days);
        boolean once = since != null && until != null && until.isAfter(since) && from == null && to == null;
        boolean daily = from != null && to != null && since == null && until == null;
        if (!once && !daily) {
            throw new IllegalArgumentException(
                    "a window has either since and a later until, or from and to (and zone, days)");
        }
        if (tag != null && tag.indexOf(':') <= 0) {
            throw new IllegalArgumentException("'" + tag + "' is no tag: write key:value");
        }
        if (from != null && to != null) {
            LocalTime.parse(from);
            LocalTime.parse(to);
            ZoneId.of(zone == null ? "UTC" : zone);
            days.forEach(QuietWindow::day);
        }
    }

    /** When the window that {@code at} lies in ends; empty outside of it. */
    public Optional<Instant> endAt(Instant at) {
        if (since != null && until != null) {
            return at.isBefore(since) || !at.isBefore(until) ? Optional.empty() : Optional.of(until);
        }
        LocalTime begin = LocalTime.parse(from == null ? "00:00" : from);
        LocalTime end = LocalTime.parse(to == null ? "00:00" : to);
        ZonedDateTime local = at.atZone(ZoneId.of(zone == null ? "UTC" : zone));
        for (int back = 0; back <= 1; back++) {
            ZonedDateTime start = local.minusDays(back).with(begin);
            ZonedDateTime stop = start.with(end);
            if (!stop.isAfter(start)) {
                stop = start.plusDays(1).with(end);
            }
            boolean itsDay = days.isEmpty() || days.stream().anyMatch(day -> day(day) == start.getDayOfWeek());
            if (itsDay && !local.isBefore(start) && local.isBefore(stop)) {
                return Optional.of(stop.toInstant());
            }
        }
        return Optional.empty();
    }

    public boolean covers(Map<String, String> tags) {
        if (tag == null) {
            return true;
        }
        int colon = tag.indexOf(':');
        return tag.substring(colon + 1).equals(tags.get(tag.substring(0, colon)));
    }

    private static DayOfWeek day(String word) {
        for (DayOfWeek day : DayOfWeek.values()) {
            if (day.name().substring(0, 3).toLowerCase(Locale.ROOT).equals(word)) {
                return day;
            }
        }
        throw new IllegalArgumentException("'" + word + "' is no day: mon, tue, wed, thu, fri, sat or sun");
    }
}

package io.tlsfleet.fleet.policy;

import io.tlsfleet.tls.registry.ProtocolVersion;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/** How details speak: versions, lists, dates and spans in a person's words. */
final class Words {
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("uuuu-MM-dd", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private Words() {}

    /** {@code TLSv1.2} is TLS 1.2 to people; SSLv3 is SSL 3. */
    static String version(String label) {
        return label.startsWith("TLSv")
                ? "TLS " + label.substring(4)
                : label.startsWith("SSLv") ? "SSL " + label.substring(4) : label;
    }

    static String version(ProtocolVersion version) {
        return version(version.label());
    }

    /** "a, b and c". */
    static String all(Collection<String> words) {
        return some(List.copyOf(words), Integer.MAX_VALUE);
    }

    /** "a, b and 4 more". */
    static String some(List<String> words, int limit) {
        return some(words, limit, 0);
    }

    /** Beside these words there are {@code others}. */
    static String some(List<String> words, int limit, int others) {
        if (words.isEmpty()) {
            return "none";
        }
        boolean cut = words.size() - 1 + others > limit;
        List<String> shown = words.size() > limit && cut ? words.subList(0, limit) : words;
        StringBuilder text = new StringBuilder();
        for (Iterator<String> i = shown.iterator(); i.hasNext(); ) {
            String word = i.next();
            if (!text.isEmpty()) {
                text.append(!cut && !i.hasNext() ? " and " : ", ");
            }
            text.append(word);
        }
        return cut
                ? text.append(" and ")
                        .append(words.size() - shown.size() + others)
                        .append(" more")
                        .toString()
                : text.toString();
    }

    static String date(Instant at) {
        return DATE.format(at);
    }

    static String minute(Instant at) {
        return MINUTE.format(at);
    }

    /** "3 days", "5 hours", "40 minutes": whole units, rounded down, never "0 days". */
    static String span(Duration span) {
        Duration d = span.abs();
        if (d.toDays() >= 2) {
            return d.toDays() + " days";
        }
        if (d.toHours() >= 2) {
            return d.toHours() + " hours";
        }
        if (d.toMinutes() >= 2) {
            return d.toMinutes() + " minutes";
        }
        return d.toSeconds() + " seconds";
    }

    /** " (did you mean x?)" where something known is near. */
    static String nearest(String word, List<String> known) {
        String best = null;
        int least = Math.max(2, word.length() / 5) + 1;
        for (String candidate : known) {
            int distance = distance(word, candidate);
            if (distance < least) {
                least = distance;
                best = candidate;
            }
        }
        return best == null ? "" : " (did you mean " + best + "?)";
    }

    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}

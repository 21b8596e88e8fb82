package io.tlsfleet.fleet.report;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The short names that every form of a report uses for the same thing. */
final class Labels {
    private static final DateTimeFormatter MILLIS =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

    private Labels() {}

    /** RFC 3339 UTC with milliseconds, as everywhere outside. */
    static String time(Instant at) {
        return MILLIS.format(at);
    }

    /** {@code shop.example:443}, {@code [2001:db8::1]:443}. */
    static String endpoint(Observation.Endpoint endpoint) {
        String host = endpoint.host();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + endpoint.port();
    }

    static String version(String label) {
        return label.startsWith("TLSv") ? "TLS " + label.substring(4) : label;
    }

    /** {@code TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256} without what every name has. */
    static String suite(String name, boolean tls13) {
        String bare = name.startsWith("TLS_") ? name.substring(4) : name;
        int hash = bare.lastIndexOf("_SHA");
        return tls13 && hash > 0 ? bare.substring(0, hash) : bare;
    }

    /** Accepted versions, newest first: {@code TLS 1.3, 1.2}. */
    static String accepted(@Nullable Map<String, FactState> protocols) {
        if (protocols == null) {
            return "";
        }
        List<String> versions = new ArrayList<>();
        for (Map.Entry<String, FactState> protocol : protocols.entrySet()) {
            if (protocol.getValue() == FactState.ACCEPTED) {
                versions.addFirst(protocol.getKey());
            }
        }
        StringBuilder text = new StringBuilder();
        for (String version : versions) {
            String shown = version(version);
            boolean second = !text.isEmpty()
                    && shown.startsWith("TLS ")
                    && text.toString().startsWith("TLS ");
            text.append(text.isEmpty() ? "" : ", ").append(second ? shown.substring(4) : shown);
        }
        return text.toString();
    }

    /** {@code 58 of 90 days left}, {@code expired 3 days ago}. */
    static String validity(@Nullable Instant notBefore, @Nullable Instant notAfter, Instant at) {
        if (notBefore == null || notAfter == null) {
            return "validity unreadable";
        }
        if (at.isBefore(notBefore)) {
            return "valid in " + span(Duration.between(at, notBefore));
        }
        Duration left = Duration.between(at, notAfter);
        if (left.isNegative()) {
            return "expired " + span(left.negated()) + " ago";
        }
        Duration whole = Duration.between(notBefore, notAfter);
        return left.toDays() >= 2
                ? left.toDays() + " of " + whole.toDays() + " days left"
                : span(left) + " of " + span(whole) + " left";
    }

    static String span(Duration d) {
        if (d.toDays() >= 2) {
            return d.toDays() + " days";
        }
        if (d.toHours() >= 2) {
            return d.toHours() + " hours";
        }
        return d.toMinutes() >= 2 ? d.toMinutes() + " minutes" : d.toSeconds() + " seconds";
    }

    static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
    }

    /** A unit with its number: {@code 1 thing}, {@code 2 things}. */
    static String count(long number, String one) {
        return number + " " + one + (number == 1 ? "" : "s");
    }

    /** The fact a JSON pointer names, in words: {@code resumption TLS 1.3 psk}. */
    static String fact(String pointer) {
        StringBuilder text = new StringBuilder();
        for (String part : pointer.split("/", -1)) {
            if (!part.isEmpty()) {
                String plain = part.replace("~1", "/").replace("~0", "~");
                text.append(text.isEmpty() ? "" : " ").append(plain.startsWith("TLSv") ? version(plain) : words(plain));
            }
        }
        return text.toString();
    }

    private static String words(String camel) {
        return camel.replaceAll("([a-z])([A-Z])", "$1 $2").toLowerCase(Locale.ROOT);
    }

    /** The letter of the SSL Labs grade, {@code -} where there is none. */
    static String letter(Report report) {
        return report.grades().get("ssllabs-2009r") instanceof Grade.SslLabs grade && grade.grade() != null
                ? grade.grade()
                : "-";
    }
}

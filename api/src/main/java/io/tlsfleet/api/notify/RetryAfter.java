package io.tlsfleet.api.notify;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** When to come again (RFC 9110 section 10.2.3): a number of seconds, or a date in one of three forms (section 5.6.7). */
public final class RetryAfter {
    private static final List<DateTimeFormatter> FORMS = List.of(
            DateTimeFormatter.RFC_1123_DATE_TIME,
            DateTimeFormatter.ofPattern("EEEE, dd-MMM-yy HH:mm:ss 'GMT'", Locale.ENGLISH)
                    .withZone(ZoneOffset.UTC),
            DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss uuuu", Locale.ENGLISH)
                    .withZone(ZoneOffset.UTC));
    private static final int LONGEST = 9;
    private static final Duration FAR = Duration.ofSeconds(999_999_999);

    private RetryAfter() {}

    /** Empty where nothing was said, or nothing that can be read; a date that is past is zero. */
    public static Optional<Duration> read(@Nullable String header, Instant now) {
        String said = header == null ? "" : header.strip();
        if (said.matches("[0-9]+")) {
            return Optional.of(said.length() > LONGEST ? FAR : Duration.ofSeconds(Long.parseLong(said)));
        }
        return FORMS.stream()
                .flatMap(form -> date(form, said).stream())
                .findFirst()
                .map(until -> Duration.between(now, until))
                .map(wait -> wait.isNegative() ? Duration.ZERO : wait);
    }

    private static Optional<Instant> date(DateTimeFormatter form, String said) {
        try {
            return Optional.of(form.parse(said, Instant::from));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}

package io.tlsfleet.api.notify;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {
    private static final Instant NOW = Instant.parse("1994-11-06T08:47:37Z");

    /** The examples of RFC 9110, section 5.6.7, two minutes on. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "120 | 120",
                "0 | 0",
                "99999999999999999999 | 999999999",
                "Sun, 06 Nov 1994 08:49:37 GMT | 120",
                "Sun Nov  6 08:49:37 1994 | 120",
                "Sun, 06 Nov 1994 08:00:00 GMT | 0"
            })
    void readsSecondsAndDates(String header, long seconds) {
        assertThat(RetryAfter.read(header, NOW)).contains(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Monday, 23-Nov-26 08:49:37 GMT", " Monday, 23-Nov-26 08:49:37 GMT "})
    void readsTheDateOfRfc850(String header) {
        assertThat(RetryAfter.read(header, Instant.parse("2026-11-23T08:47:37Z")))
                .contains(Duration.ofMinutes(2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-5", "1.5", "soon", "06 Nov"})
    void takesNothingFromAnythingElse(String header) {
        assertThat(RetryAfter.read(header, NOW)).isEmpty();
    }
}

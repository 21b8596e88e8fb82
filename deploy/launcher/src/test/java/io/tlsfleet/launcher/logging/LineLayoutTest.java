package io.tlsfleet.launcher.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import io.tlsfleet.fleet.target.Escaped;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LineLayoutTest {
    private static final String HOSTILE = "CN=a\r\nFAKE LINE \u001b[31m\u202e\"x\\";

    @Test
    void keepsAHostileNameOnItsLine() {
        assertThat(new LineLayout(false).doLayout(event(HOSTILE, null)))
                .isEqualTo("2026-11-21T08:00:00.000Z INFO scanner.worker  "
                        + "CN=a\\r\\nFAKE LINE \\u001b[31m\\u202e\"x\\\n");
    }

    @Test
    void writesAHostileNameAsOneJsonObject() {
        assertThat(new LineLayout(true).doLayout(event(HOSTILE, null)))
                .isEqualTo("{\"time\":\"2026-11-21T08:00:00.000Z\",\"level\":\"INFO\",\"logger\":\"scanner.worker\","
                        + "\"message\":\"CN=a\\r\\nFAKE LINE \\u001b[31m\u202e\\\"x\\\\\"}\n");
    }

    @Test
    void indentsTheFramesOfAFaultSoThatNoneLooksLikeAnEvent() {
        String text = new LineLayout(false).doLayout(event("lost", new IllegalStateException("a\n2026 b")));
        assertThat(text.lines().findFirst())
                .contains("2026-11-21T08:00:00.000Z INFO scanner.worker  lost: "
                        + "java.lang.IllegalStateException: a\\n2026 b");
        assertThat(text.lines().skip(1)).isNotEmpty().allMatch(line -> line.startsWith("    "));
    }

    @Test
    void leavesOrdinaryTextAlone() {
        assertThat(Escaped.line("müller.example ✔ 試")).isEqualTo("müller.example ✔ 試");
    }

    private static LoggingEvent event(String message, @Nullable Throwable thrown) {
        LoggerContext context = new LoggerContext();
        LoggingEvent event = new LoggingEvent(
                "", context.getLogger("io.tlsfleet.scanner.worker"), Level.INFO, message, thrown, null);
        event.setInstant(Instant.parse("2026-11-21T08:00:00Z"));
        return event;
    }
}

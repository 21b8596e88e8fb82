package io.tlsfleet.scanner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TerminalTest {
    @Test
    void colourIsForWhoWantsItAndCanShowIt() {
        assertThat(Terminal.hasColour(Map.of("TERM", "xterm-256color"))).isTrue();
        assertThat(Terminal.hasColour(Map.of("TERM", "xterm-256color", "NO_COLOR", "")))
                .isTrue();
        assertThat(Terminal.hasColour(Map.of("TERM", "xterm-256color", "NO_COLOR", "1")))
                .isFalse();
        assertThat(Terminal.hasColour(Map.of("TERM", "dumb"))).isFalse();
        assertThat(Terminal.hasColour(Map.of())).isFalse();
    }

    @Test
    void onlyATerminalThatCanGoBackShowsProgress() {
        assertThat(Terminal.isClever(Map.of("TERM", "vt100", "NO_COLOR", "1"))).isTrue();
        assertThat(Terminal.isClever(Map.of("TERM", "dumb"))).isFalse();
    }
}

package io.tlsfleet.scanner.cli;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

class HeadStartTest {
    /** Its own thread keeps a failure to itself. */
    @Test
    void judgesACertificateOfTheStore() {
        assertThatCode(() -> HeadStart.prepare(true)).doesNotThrowAnyException();
    }
}

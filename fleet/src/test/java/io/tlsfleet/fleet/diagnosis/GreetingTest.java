package io.tlsfleet.fleet.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GreetingTest {
    @Test
    void saysWhatTheFirstByteLooksLike() {
        assertThat(Greeting.of("record: content type 72"))
                .isEqualTo("its answer begins with the letter or sign H, as HTTP does");
        assertThat(Greeting.of("record: content type 50")).endsWith("2, as the greetings of SMTP and FTP do");
        assertThat(Greeting.of("record: content type 81")).isEqualTo("its answer begins with the letter or sign Q");
    }

    @Test
    void leavesWhatIsNoTextAsItIs() {
        assertThat(Greeting.of("record: content type 7")).isEqualTo("record: content type 7");
        assertThat(Greeting.of("record: content type 200")).isEqualTo("record: content type 200");
        assertThat(Greeting.of("record: 70000 bytes")).isEqualTo("record: 70000 bytes");
        assertThat(Greeting.of(null)).isNull();
    }
}

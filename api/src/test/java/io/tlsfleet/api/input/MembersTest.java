package io.tlsfleet.api.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;

class MembersTest {
    @Test
    void saysWhereJsonIsBrokenAndNothingOfTheParser() {
        for (String broken : List.of(
                "{\"host\": \"a.example\"",
                "[{\"host\": \"a.example\"}",
                "{\"host\": [1, 2}",
                "{\"host\": \"a.exa",
                "{\"host\": nul}",
                "{\"a\": 1, \"a\": 2}",
                "{\"a\": 1} {}",
                "{,}")) {
            InvalidInput refused = catchThrowableOfType(InvalidInput.class, () -> Members.parse(broken));
            assertThat(String.valueOf(refused.getMessage()))
                    .as(broken)
                    .contains("not JSON at line 1, column ")
                    .doesNotContain("Source", "REDACTED", "marker at", "Feature", "JsonNode", "`", "Constraints");
        }
        assertThat(catchThrowableOfType(InvalidInput.class, () -> Members.parse("[".repeat(2000))))
                .hasMessage("not JSON: Document nesting depth (1001) exceeds the maximum allowed");
    }
}

package io.tlsfleet.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.json.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the writer of JSON may not read directly, since it lies in another package, it reads by reflection for ever. */
class HiddenRecordTest {
    private record Hidden(String word, List<Integer> numbers) {}

    @Test
    void isWrittenHoweverOften() {
        Hidden hidden = new Hidden("a", List.of(1, 2));
        for (int i = 0; i < 1000; i++) {
            assertThat(Json.tree(hidden).toString()).isEqualTo("{\"word\":\"a\",\"numbers\":[1,2]}");
        }
    }
}

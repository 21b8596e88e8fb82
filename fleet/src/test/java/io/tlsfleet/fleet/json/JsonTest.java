package io.tlsfleet.fleet.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tlsfleet.fleet.Facts;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.fleet.policy.Judge;
import io.tlsfleet.fleet.policy.Memory;
import io.tlsfleet.fleet.policy.Policies;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.fleet.target.Target;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JsonTest {
    @Test
    void readsBackWhatItWroteOfAFullObservation() {
        Observation observation = Facts.good()
                .unknown("/resumption/TLSv1.3/psk", Reason.READ_TIMEOUT)
                .dh("TLSv1.2", 2048, "ffdhe2048", null)
                .quic(new Observation.Quic(FactState.ACCEPTED, List.of("1"), List.of("h3"), true))
                .served(new Observation.ServedChain(
                        List.of("TLSv1.2"),
                        true,
                        List.of(new byte[] {0x30, 0}),
                        Map.of("TLSv1.2", new byte[] {1, 2}),
                        List.of(new byte[] {3}),
                        List.of(new Observation.Fetched(
                                "crl", "http://crl.example/1.crl", Facts.AT, null, "timed out"))))
                .build();

        String json = Json.write(observation);
        Observation back = Json.read(json, Observation.class);

        assertThat(Json.write(back)).isEqualTo(json);
        assertThat(back.features()).isEqualTo(observation.features());
        assertThat(back.protocols()).isEqualTo(observation.protocols());
        assertThat(Objects.requireNonNull(back.served()).getFirst().staples().get("TLSv1.2"))
                .containsExactly(1, 2);
    }

    /** After some hundred times parts are read in another way; a copy of the mapper begins anew. */
    @Test
    void writesTheSameTheThousandthTime() throws JsonProcessingException {
        Observation whole = Facts.good()
                .served(new Observation.ServedChain(
                        List.of(), null, List.of(new byte[] {0x30, 0}), Map.of(), List.of(), List.of()))
                .build();
        Report report = Judge.judge(
                Facts.good().dh("TLSv1.2", 1024, "custom", null).build(),
                List.of(Policies.standard()),
                List.of(),
                Memory.NONE,
                Facts.AT);
        ObjectMapper fresh = Json.mapper().copy();
        for (Object value : List.of(whole, Facts.good().without("dns", "http").build(), report)) {
            String first = fresh.writeValueAsString(value);
            for (int i = 0; i < 1_000; i++) {
                assertThat(fresh.writeValueAsString(value)).isEqualTo(first);
            }
        }
        assertThat(report.findings()).isNotEmpty();
    }

    @Test
    void readsBackAnEndpointThatWasUnreachable() {
        Observation observation = Facts.good()
                .unreachable(Outcome.UNREACHABLE, Reason.CONNECT_TIMEOUT, "no answer in 5 s")
                .build();

        assertThat(Json.read(Json.bytes(observation), Observation.class)).isEqualTo(observation);
    }

    /** Held against the JDK's formatter: all its digits, every century, and what lies outside four digits of a year. */
    @Test
    void writesTimesAsTheFormatterWould() {
        DateTimeFormatter formatter =
                new DateTimeFormatterBuilder().appendInstant(3).toFormatter();
        List<Instant> times = new ArrayList<>(List.of(
                Instant.EPOCH,
                Instant.ofEpochSecond(-1, 999_999_999),
                Instant.parse("0000-01-01T00:00:00Z"),
                Instant.parse("9999-12-31T23:59:59.999999999Z"),
                Instant.parse("-0001-12-31T23:59:59.999Z"),
                Instant.parse("+10000-01-01T00:00:00Z"),
                Instant.parse("2024-02-29T09:08:07.006Z")));
        Random random = new Random(20261121);
        for (int i = 0; i < 5_000; i++) {
            times.add(Instant.ofEpochSecond(
                    random.nextLong(-63_000_000_000L, 255_000_000_000L), random.nextInt(1_000_000_000)));
        }
        for (Instant time : times) {
            assertThat(Json.write(time)).isEqualTo('"' + formatter.format(time) + '"');
        }
    }

    @Test
    void writesTheWordsAndTimesOfTheContract() {
        JsonNode json = Json.tree(Facts.good().build());

        assertThat(json.at("/protocols/TLSv1.2").textValue()).isEqualTo("accepted");
        assertThat(json.at("/scan/startedAt").textValue()).isEqualTo("2026-11-21T08:00:00.000Z");
        assertThat(json.at("/scan/depth").textValue()).isEqualTo("full");
        assertThat(json.at("/resumption/TLSv1.3/earlyData").textValue()).isEqualTo("refused");
        assertThat(json.at("/features/recordSizeLimit").intValue()).isEqualTo(16385);
    }

    @Test
    void leavesOutWhatNobodyAskedAndKeepsWhatIsNone() {
        JsonNode json = Json.tree(Facts.good().without("dns", "http").build());

        assertThat(json.has("dns")).isFalse();
        assertThat(json.has("quic")).isFalse();
        assertThat(json.at("/endpoint").has("starttls")).isTrue();
        assertThat(json.at("/endpoint/starttls").isNull()).isTrue();
        assertThat(json.at("/groups/TLSv1.2").has("prefersOfferedShare")).isFalse();
        assertThat(json.at("/groups/TLSv1.3").has("prefersOfferedShare")).isTrue();
    }

    @Test
    void passesOverMembersThatANewerScannerWrote() {
        String json = Json.write(Facts.good().build());
        String newer = json.replaceFirst("\\{", "{\"moonPhase\":\"full\",");

        assertThat(Json.write(Json.read(newer, Observation.class))).isEqualTo(json);
    }

    @Test
    void refusesUnknownAndDoubleMembersOfAPersonsInput() {
        String target = "{\"host\":\"a.example\",\"port\":443,\"addresses\":[],\"tags\":{}%s}";

        assertThat(Json.readInput(target.formatted(""), Target.class).host()).isEqualTo("a.example");
        assertThatThrownBy(() -> Json.readInput(target.formatted(",\"prot\":1"), Target.class))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("prot");
        assertThatThrownBy(() -> Json.readInput(target.formatted(",\"port\":444"), Target.class))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("uplicate");
    }

    @Test
    void readsAnyOffsetAndNamesWhatIsNoTime() {
        assertThat(Json.read("\"2026-11-21T10:00:00+02:00\"", Instant.class)).isEqualTo(Facts.AT);
        assertThatThrownBy(() -> Json.read("\"yesterday\"", Instant.class)).hasMessageContaining("RFC 3339");
    }

    @Test
    void saysWhatIsWrongInAPersonsWords() {
        assertThat(fault("[")).isEqualTo("Unexpected end-of-input: expected close marker for Array");
        assertThat(fault("x"))
                .startsWith("Unrecognized token 'x'")
                .doesNotContain("Source", "REDACTED", "com.fasterxml");
    }

    private static String fault(String text) {
        return Json.fault(catchThrowable(() -> Json.parse(text)));
    }
}

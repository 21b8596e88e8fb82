package io.tlsfleet.api.notify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.alert.Cause;
import io.tlsfleet.store.alert.RouteRow;
import io.tlsfleet.store.alert.SilenceRow;
import io.tlsfleet.store.alert.Situation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which receivers an alert reaches, for whose endpoints, and when. */
class RoutingTest {
    private static final Cause CAUSE = new Cause("protocol.tls10-accepted", "configuration:ab");
    private static final Situation.Group WEB = group("web", "dmz", "{\"env\":\"prod\",\"tier\":\"1\"}", 3);
    private static final Situation.Group MAIL = group("mail", "office", "{\"environment\":\"test\"}", 2);
    private static final Situation.Group NOBODYS = group(null, "dmz", "{}", 1);

    @ParameterizedTest
    @CsvSource({
        "severity,=,high,6",
        "severity,=,critical,0",
        "rule,=~,protocol\\..*,6",
        "rule,!~,protocol\\..*,0",
        "owner,=,web,3",
        "owner,=,'',1",
        "owner,!=,web,3",
        "owner,=~,web|mail,5",
        "owner,=~,we,0",
        "site,=,dmz,4",
        "environment,=,prod,3",
        "environment,=,test,2",
        "tag.tier,=,1,3",
        "tag.tier,=,'',3",
        "policy,=,public-web,6",
        "cause,=,configuration:ab,6",
    })
    void matchesByWhatThePersonSees(String name, String operator, String value, int endpoints) {
        RouteRow route = route(
                1,
                1,
                "[{\"name\":\"%s\",\"operator\":\"%s\",\"value\":\"%s\"}]"
                        .formatted(name, operator, value.replace("\\", "\\\\")),
                "{}");
        int reached = new Routing(List.of(route), List.of(1L), List.of())
                .ways(CAUSE, "high", List.of(WEB, MAIL, NOBODYS)).ways().stream()
                        .mapToInt(Routing.Way::endpoints)
                        .sum();
        assertThat(reached).isEqualTo(endpoints);
    }

    @Test
    void theFirstThatMatchesTakesAGroupUnlessItSaysContinue() {
        RouteRow web = route(1, 1, "[{\"name\":\"owner\",\"value\":\"web\"}]", "{}");
        RouteRow all = route(2, 2, "[]", "{}");
        assertThat(endpoints(List.of(web, all), 1)).isEqualTo(3);
        assertThat(endpoints(List.of(web, all), 2)).as("the rest").isEqualTo(3);
        RouteRow on = route(1, 1, "[{\"name\":\"owner\",\"value\":\"web\"}]", "{\"continue\":true}");
        assertThat(endpoints(List.of(on, all), 2)).isEqualTo(6);
        RouteRow grave = route(1, 1, "[]", "{\"minSeverity\":\"critical\"}");
        assertThat(endpoints(List.of(grave, all), 1)).isZero();
    }

    @Test
    void withoutAnyRouteEverybodyHearsOfMediumAndAbove() {
        Routing routing = new Routing(List.of(), List.of(1L, 2L), List.of());
        assertThat(routing.ways(CAUSE, "medium", List.of(WEB)).ways()).hasSize(2);
        assertThat(routing.ways(CAUSE, "low", List.of(WEB)).ways()).isEmpty();
    }

    @Test
    void aSilenceHidesItsGroupsOnlyAndSaysUntilWhen() {
        Instant end = Instant.parse("2026-12-01T00:00:00Z");
        SilenceRow silence = new SilenceRow(1, Json.parse("[{\"name\":\"owner\",\"value\":\"web\"}]"), end);
        Routing.Ways ways =
                new Routing(List.of(), List.of(1L), List.of(silence)).ways(CAUSE, "high", List.of(WEB, MAIL));
        assertThat(ways.hiddenUntil()).contains(end);
        assertThat(ways.ways())
                .singleElement()
                .satisfies(w -> assertThat(w.endpoints()).isEqualTo(2));
    }

    @Test
    void stepsReachOthersLater() {
        RouteRow route = route(
                1,
                1,
                "[]",
                "{\"steps\":[{\"receiverId\":2,\"afterSeconds\":1800},{\"receiverId\":3,\"afterSeconds\":7200}]}");
        assertThat(new Routing(List.of(route), List.of(1L, 2L, 3L), List.of())
                        .ways(CAUSE, "high", List.of(WEB))
                        .ways())
                .extracting(Routing.Way::after)
                .containsExactly(Duration.ZERO, Duration.ofMinutes(30), Duration.ofHours(2));
    }

    @Test
    void quietHoursFollowTheClockOnTheWallThroughTheChangeToSummerTime() {
        RouteRow route = route(
                1,
                1,
                "[]",
                "{\"quietHours\":{\"from\":\"22:00\",\"to\":\"06:00\",\"zone\":\"Europe/Berlin\",\"below\":\"high\"}}");
        assertThat(Routing.quietUntil(route, "medium", Instant.parse("2026-11-21T21:30:00Z")))
                .contains(Instant.parse("2026-11-22T05:00:00Z"));
        assertThat(Routing.quietUntil(route, "medium", Instant.parse("2026-03-28T22:30:00Z")))
                .as("an hour shorter")
                .contains(Instant.parse("2026-03-29T04:00:00Z"));
        assertThat(Routing.quietUntil(route, "high", Instant.parse("2026-11-21T21:30:00Z")))
                .isEmpty();
        assertThat(Routing.quietUntil(route, "medium", Instant.parse("2026-11-21T12:00:00Z")))
                .isEmpty();
    }

    @Test
    void expiryIsRepeatedByItsStagesOnly() {
        RouteRow daily = route(1, 1, "[]", "{\"repeatSeconds\":86400}");
        assertThat(Routing.repeat(daily, new Cause("certificate.expires-soon", "x"), "critical"))
                .isZero();
        assertThat(Routing.repeat(daily, CAUSE, "low")).isEqualTo(Duration.ofDays(1));
        RouteRow plain = route(1, 1, "[]", "{}");
        assertThat(Routing.repeat(plain, CAUSE, "critical")).isEqualTo(Duration.ofDays(1));
        assertThat(Routing.repeat(plain, CAUSE, "high")).isZero();
    }

    private static int endpoints(List<RouteRow> routes, long receiver) {
        return new Routing(routes, List.of(1L, 2L), List.of())
                .ways(CAUSE, "high", List.of(WEB, MAIL, NOBODYS)).ways().stream()
                        .filter(w -> w.receiver() == receiver)
                        .mapToInt(Routing.Way::endpoints)
                        .sum();
    }

    private static RouteRow route(long id, long receiver, String matchers, String settings) {
        JsonNode parsed = Json.parse(settings);
        return new RouteRow(id, receiver, Json.parse(matchers), parsed);
    }

    private static Situation.Group group(
            @org.jspecify.annotations.Nullable String owner, String site, String tags, int endpoints) {
        List<Situation.Example> examples = new ArrayList<>();
        for (int i = 0; i < endpoints; i++) {
            examples.add(new Situation.Example(i, "h" + i + ".example:443"));
        }
        return new Situation.Group(owner, site, "public-web", Json.parse(tags), endpoints, examples);
    }
}

package io.tlsfleet.api.notify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.tlsfleet.fleet.policy.Policies;
import io.tlsfleet.fleet.report.Severity;
import io.tlsfleet.store.alert.Cause;
import io.tlsfleet.store.alert.Instance;
import io.tlsfleet.store.alert.Situation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * 400 days of expiry, with the stages of the policy that ships and the life of an alert as the product runs it; only the
 * database and the sockets are left out. Every scan of every endpoint goes through; so does every alert that is due.
 */
class FourHundredDaysTest {
    private static final Instant BEGIN = Instant.parse("2026-11-21T00:00:00Z");
    private static final Duration DAYS_400 = Duration.ofDays(400);
    private static final long SEED = 20261121;
    private static final Situation.Group GROUP = new Situation.Group(
            "web",
            "local",
            "public-web",
            JsonNodeFactory.instance.objectNode(),
            1,
            List.of(new Situation.Example(1, "a.example:443")));

    /** What is served at one endpoint: a certificate that is renewed at a share of its life, or never. */
    private static final class Endpoint {
        final Duration life;
        final double renewedAt;
        Instant from;
        int serial;
        final Map<Cause, Instance> alerts = new HashMap<>();

        Endpoint(Duration life, double renewedAt, Instant from) {
            this.life = life;
            this.renewedAt = renewedAt;
            this.from = from;
        }

        void renew(Instant now) {
            Duration until = Duration.ofMillis((long) (life.toMillis() * renewedAt));
            while (renewedAt < 1 && !from.plus(until).isAfter(now)) {
                from = from.plus(until);
                serial++;
            }
        }
    }

    /** A notice: the endpoint's certificate and the stage that was told. */
    private record Sent(int serial, String rule, String severity, Instant at) {}

    private final List<Sent> sent = new ArrayList<>();
    private final Set<String> told = new HashSet<>();

    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "PT24H", "P6D", "P47D", "P64D", "P90D", "P200D", "P398D"})
    void saysNothingOfAFleetThatRenewsAtTwoThirds(Duration life) {
        Random random = new Random(SEED + life.hashCode());
        List<Endpoint> fleet = new ArrayList<>();
        for (int i = 0; i < (life.toHours() == 1 ? 10 : 150); i++) {
            // their ages are spread over the first two thirds, and each renews a little before
            double renewedAt = 0.60 + random.nextDouble() * 0.0666;
            long age = (long) (random.nextDouble() * life.toMillis() * renewedAt);
            fleet.add(new Endpoint(life, renewedAt, BEGIN.minusMillis(age)));
        }
        run(fleet, step(life));
        assertThat(fleet).allSatisfy(e -> assertThat(e.serial).isPositive());
        assertThat(sent).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT24H", "P6D", "P47D", "P64D", "P90D", "P200D", "P398D"})
    void saysEachStageOnceOfACertificateThatIsNotRenewed(Duration life) {
        Endpoint endpoint = new Endpoint(life, 1, BEGIN.minus(Duration.ofMinutes(10)));
        run(List.of(endpoint), step(life));
        assertThat(sent.stream()
                        .filter(s -> s.rule.equals("certificate.expires-soon"))
                        .map(Sent::severity))
                .containsExactly("info", "low", "medium", "high", "critical");
        assertThat(sent.stream().filter(s -> s.rule.equals("certificate.expired")))
                .as("that it ended is told once; the daily reminder is the route's and counted elsewhere")
                .hasSize(1);
        for (Sent one : sent) {
            Severity stage = Policies.standard().expiry().reached(endpoint.from, endpoint.from.plus(life), one.at);
            assertThat(one.severity).isEqualTo(stage == null ? "critical" : stage.word());
        }
    }

    @Test
    void saysOnlyTheStageThatIsReachedWhenAnEndpointComesLate() {
        Duration life = Duration.ofDays(90);
        Endpoint endpoint = new Endpoint(life, 1, BEGIN.minus(Duration.ofDays(88)));
        run(List.of(endpoint), step(life));
        assertThat(sent.stream()
                        .filter(s -> s.rule.equals("certificate.expires-soon"))
                        .map(Sent::severity))
                .containsExactly("high", "critical");
    }

    @Test
    void saysNothingMoreOnceTheCertificateWasReplacedAndBeginsAnewWithTheNext() {
        // renewed very late, half a day before each end: every certificate goes through all stages, none ends
        Duration life = Duration.ofDays(90);
        run(List.of(new Endpoint(life, 0.995, BEGIN)), step(life));
        Map<Integer, List<String>> bySerial = new TreeMap<>();
        sent.forEach(
                s -> bySerial.computeIfAbsent(s.serial, n -> new ArrayList<>()).add(s.severity));
        assertThat(bySerial).hasSizeBetween(4, 5);
        assertThat(bySerial.values().stream().limit(4))
                .allSatisfy(stages -> assertThat(stages).containsExactly("info", "low", "medium", "high", "critical"));
        assertThat(sent).extracting(Sent::rule).containsOnly("certificate.expires-soon");
    }

    /** Hourly, and short-lived certificates as often as somebody who has them would. */
    private static Duration step(Duration life) {
        Duration often = life.dividedBy(60);
        return often.compareTo(Duration.ofHours(1)) < 0 ? often : Duration.ofHours(1);
    }

    private void run(List<Endpoint> fleet, Duration step) {
        Instant end = BEGIN.plus(DAYS_400);
        for (Instant now = BEGIN; now.isBefore(end); now = now.plus(step)) {
            for (int i = 0; i < fleet.size(); i++) {
                fleet.get(i).renew(now);
                scan(i, fleet.get(i), now);
            }
        }
    }

    private void scan(int id, Endpoint endpoint, Instant now) {
        Instant until = endpoint.from.plus(endpoint.life);
        Severity stage = Policies.standard().expiry().reached(endpoint.from, until, now);
        boolean expired = now.isAfter(until);
        if (stage == null && !expired && endpoint.alerts.isEmpty()) {
            return;
        }
        String rule = expired ? "certificate.expired" : "certificate.expires-soon";
        Cause cause = new Cause(rule, "certificate:" + id + "-" + endpoint.serial);
        boolean found = stage != null || expired;
        String severity = expired ? "critical" : stage == null ? "info" : stage.word();
        if (found && !endpoint.alerts.containsKey(cause)) {
            step(id, endpoint, cause, null, severity, until, now);
        }
        // after a minute, when the group wait is over, and so whatever else is due
        for (Cause known : List.copyOf(endpoint.alerts.keySet())) {
            boolean still = found && known.equals(cause);
            step(id, endpoint, known, endpoint.alerts.get(known), still ? severity : null, until, now.plusSeconds(60));
        }
    }

    private void step(
            int id,
            Endpoint endpoint,
            Cause cause,
            @Nullable Instance before,
            @Nullable String severity,
            Instant until,
            Instant now) {
        Situation situation = severity == null
                ? Situation.none(cause)
                : new Situation(
                        1,
                        0,
                        severity,
                        "Certificate ends soon",
                        "",
                        JsonNodeFactory.instance.objectNode(),
                        now,
                        false,
                        until,
                        List.of(GROUP));
        Lifecycle.Step step = Lifecycle.next(
                before, cause, situation, new Lifecycle.Signals(false, false, false, null, Routing.GROUP_WAIT), now);
        Instance alert = step.alert();
        endpoint.alerts.put(cause, alert);
        if (alert.state().equals("resolved")) {
            endpoint.alerts.remove(cause);
        }
        String what = Lifecycle.Memory.of(alert).stage();
        if (step.tell() == Lifecycle.Tell.STAGE
                && told.add(id + cause.cause() + alert.transitions() + cause.rule() + what)) {
            sent.add(new Sent(endpoint.serial, cause.rule(), alert.severity(), now.minusSeconds(60)));
        }
    }
}

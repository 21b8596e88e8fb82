package io.tlsfleet.api.notify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.store.alert.AlertRows;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is said and what is not, on a real PostgreSQL; findings are put there as ingest leaves them, the clock is ours. */
class AlertingTest extends AlertingScene {

    @Test
    void oneExpiringIntermediateOfAHundredThousandEndpointsIsOneNoticeWithTheCount() {
        receiver("ops", "webhook");
        load("""
                INSERT INTO target (site_id, host, port, owner) SELECT 1, 'h' || i || '.example', 443, 'team-' || i % 7 FROM generate_series(1, 100000) i;
                INSERT INTO endpoint (id, first_scan_at) SELECT id, now() - interval '30 days' FROM target;
                ANALYZE target, endpoint""");
        find("certificate.intermediate-expires-first", "high", "'intermediate:ab'", "true", "interval '1 minute'");
        long begin = System.nanoTime();
        int turns = run(Duration.ofMinutes(3));
        long millis = (System.nanoTime() - begin) / 1_000_000;
        List<JsonNode> notices = notices();
        assertThat(notices).hasSize(1);
        assertThat(notices.getFirst().path("endpoints").asInt()).isEqualTo(100_000);
        assertThat(notices.getFirst().path("owners")).hasSize(5);
        assertThat(estate.count("alert_event WHERE routed_at IS NULL")).isZero();
        System.getLogger("measured")
                .log(
                        System.Logger.Level.INFO,
                        "100,000 endpoints of one cause: " + turns + " turns, " + millis + " ms");
        assertThat(millis).isLessThan(60_000);
    }

    @Test
    void aMixedImportOfTwentyThousandIsOneDigestAnOwnerAndReceiverButForWhatIsUrgent() {
        receiver("ops", "webhook");
        receiver("audit", "slack");
        load("""
                INSERT INTO target (site_id, host, port, owner) SELECT 1, 'h' || i || '.example', 443, 'team-' || i % 4 FROM generate_series(1, 20000) i;
                INSERT INTO endpoint (id, first_scan_at) SELECT id, now() FROM target;
                ANALYZE target, endpoint""");
        find("certificate.name-mismatch", "high", "'certificate:' || t.id", "t.id % 2 = 0", "interval '0'");
        find("protocol.tls10-accepted", "high", "'configuration:' || t.id % 40", "t.id % 3 = 0", "interval '0'");
        find("http.hsts-missing", "medium", "'endpoint:' || t.id", "true", "interval '0'");
        find("protocol.sslv3-accepted", "critical", "'configuration:old'", "t.id % 1000 = 0", "interval '0'");
        find("certificate.expires-soon", "high", "'certificate:soon'", "t.id % 5000 = 1", "interval '0'");
        estate.database
                .sql()
                .run(
                        "UPDATE finding SET evidence = jsonb_build_object('notAfter', now() + interval '2 days') WHERE cause = 'certificate:soon'; UPDATE endpoint SET first_scan_at = now()");
        long begin = System.nanoTime();
        int turns = run(Duration.ofMinutes(15));
        System.getLogger("measured")
                .log(
                        System.Logger.Level.INFO,
                        "20,000 imports: " + turns + " turns, " + (System.nanoTime() - begin) / 1_000_000 + " ms, "
                                + estate.count("alert") + " alerts");
        for (String receiver : List.of("ops", "audit")) {
            List<String> kinds = kinds(receiver);
            assertThat(kinds.stream().filter("digest"::equals))
                    .as("one an owner")
                    .hasSize(4);
            assertThat(kinds.stream().filter("firing"::equals))
                    .as("critical, and within three days")
                    .hasSize(2);
            assertThat(kinds).hasSize(6);
        }
        assertThat(estate.count("alert WHERE digest IS NOT NULL OR state = 'pending'"))
                .isZero();
        assertThat(notices().stream().filter(n -> n.path("kind").asText().equals("digest")))
                .allSatisfy(n -> assertThat(n.path("lines").size()).isBetween(2, 21));
    }

    @Test
    void aNewJudgementOfUnchangedFactsIsOneSummaryInBothDirections() {
        receiver("ops", "webhook");
        targets(50);
        find("protocol.tls10-accepted", "high", "'configuration:' || t.id", "t.id % 2 = 0", "interval '0'");
        estate.database.sql().run("UPDATE alert_event SET judged_anew = true");
        run(Duration.ofMinutes(15));
        assertThat(kinds("ops")).containsExactly("summary");
        // told to people, and then the policy is taken back
        find("cipher.cbc", "medium", "'configuration:c'", "t.id % 2 = 1", "interval '0'");
        run(Duration.ofMinutes(2));
        assertThat(kinds("ops")).containsExactly("summary", "firing");
        estate.database.sql().run("UPDATE finding SET state = 'resolved', resolved_at = now()");
        estate.database.sql().run("""
                INSERT INTO alert_event (finding_id, endpoint_id, kind, rule, severity, cause, judged_anew)
                SELECT id, endpoint_id, 'resolved', rule, severity, cause, true FROM finding""");
        run(Duration.ofMinutes(15));
        assertThat(kinds("ops")).containsExactly("summary", "firing", "summary");
        assertThat(estate.count("alert WHERE state <> 'resolved' OR digest IS NOT NULL"))
                .isZero();
    }

    @Test
    void aReplacedCertificateIsOverWhenTwoScansAgree() {
        receiver("ops", "webhook");
        targets(1);
        estate.database.sql().run("UPDATE schedule SET last_at = now() - interval '1 h'");
        find("certificate.expires-soon", "high", "'certificate:aa'", "true", "interval '0'");
        run(Duration.ofMinutes(2));
        assertThat(kinds("ops")).containsExactly("firing");
        resolve("certificate:aa");
        estate.database.sql().run("UPDATE schedule SET last_at = (SELECT max(resolved_at) FROM finding)");
        run(Duration.ofMinutes(10));
        assertThat(kinds("ops")).as("one scan does not show it").containsExactly("firing");
        estate.database.sql().run("UPDATE schedule SET last_at = now() + interval '1 s'");
        run(Duration.ofMinutes(3));
        assertThat(kinds("ops")).containsExactly("firing", "resolved");
    }

    @Test
    void holdsSilenceBackWhileHalfTheSiteIsSilent() {
        receiver("ops", "webhook");
        targets(20);
        find("endpoint.unreachable", "high", "'endpoint:' || t.id", "t.id % 2 = 0", "interval '0'");
        estate.database.sql().run("UPDATE endpoint SET state = 'unreachable', changed_at = now() WHERE id % 2 = 0");
        run(Duration.ofMinutes(10));
        assertThat(kinds("ops")).as("unreachable, and perhaps it is us").isEmpty();
        estate.database
                .sql()
                .run(
                        "UPDATE endpoint SET state = 'ok' WHERE id % 2 = 0 AND id NOT IN (SELECT max(id) FROM endpoint WHERE id % 2 = 0)");
        resolveAllBut("SELECT max(id) FROM endpoint WHERE id % 2 = 0");
        run(Duration.ofMinutes(5));
        assertThat(kinds("ops")).as("one endpoint is an endpoint's trouble").containsExactly("firing");
    }

    @Test
    void saysOnceThatItComesAndGoesAndOnceWhatBecameOfIt() {
        receiver("ops", "webhook");
        targets(1);
        for (int i = 0; i < 5; i++) {
            find("protocol.tls10-accepted", "high", "'configuration:x'", "true", "interval '0'");
            run(Duration.ofMinutes(3));
            resolve("configuration:x");
            run(Duration.ofMinutes(3));
        }
        assertThat(kinds("ops")).containsExactly("firing", "resolved", "firing", "resolved", "flapping");
        run(Duration.ofHours(3));
        assertThat(kinds("ops")).endsWith("flapping", "resolved").hasSize(6);
    }

    @Test
    void climbsTheStepsUntilSomebodyAcknowledgesAndSpeaksAgainWhenThatEnds() {
        long team = receiver("team", "webhook");
        long onCall = receiver("on-call", "webhook");
        long boss = receiver("boss", "webhook");
        targets(1);
        route(
                team,
                Map.of(
                        "steps",
                        List.of(
                                Map.of("receiverId", onCall, "afterSeconds", 1800),
                                Map.of("receiverId", boss, "afterSeconds", 7200))));
        find("protocol.tls10-accepted", "high", "'configuration:x'", "true", "interval '0'");
        run(Duration.ofMinutes(5));
        assertThat(kinds("team")).containsExactly("firing");
        assertThat(kinds("on-call")).isEmpty();
        run(Duration.ofMinutes(30));
        assertThat(kinds("on-call")).containsExactly("firing");
        estate.database
                .sql()
                .run(
                        "UPDATE finding SET state = 'acknowledged'; UPDATE alert SET due_at = now() WHERE due_at IS NOT NULL OR true");
        run(Duration.ofHours(4));
        assertThat(kinds("boss")).as("somebody has it").isEmpty();
        assertThat(states()).containsExactly("acknowledged");
        estate.database.sql().run("UPDATE finding SET state = 'open'");
        event("opened", "configuration:x");
        run(Duration.ofMinutes(5));
        assertThat(kinds("team")).containsExactly("firing", "again");
    }

    @Test
    void isSilencedUntilTheSilenceEndsAndQuietUntilTheMorning() {
        long ops = receiver("ops", "webhook");
        targets(1);
        // the database has its own clock, and that one must not be ahead: to it, notices would be lying about
        Instant midnight = now.truncatedTo(ChronoUnit.DAYS).plus(Duration.ofDays(2));
        now = midnight.minus(Duration.ofMinutes(50));
        route(
                ops,
                Map.of(
                        "minSeverity",
                        "low",
                        "quietHours",
                        Map.of("from", "22:00", "to", "06:00", "zone", "UTC", "below", "high")));
        find("cipher.cbc", "low", "'configuration:x'", "true", "interval '0'");
        run(Duration.ofMinutes(5));
        assertThat(kinds("ops")).as("the night").isEmpty();
        assertThat(states()).containsExactly("firing");
        now = midnight.plus(Duration.ofHours(6)).plusSeconds(30);
        run(Duration.ofMinutes(1));
        assertThat(kinds("ops")).containsExactly("firing");

        estate.database
                .sql()
                .run(
                        "INSERT INTO silence (matchers, reason, created_by, ends_at) VALUES "
                                + "('[{\"name\":\"rule\",\"operator\":\"=\",\"value\":\"protocol.tls10-accepted\"}]', 'move', 'me', now() + interval '5 days')");
        now = now.plus(Duration.ofHours(2));
        find("protocol.tls10-accepted", "high", "'configuration:y'", "true", "interval '0'");
        run(Duration.ofMinutes(5));
        assertThat(kinds("ops")).hasSize(1);
        assertThat(states()).containsExactlyInAnyOrder("firing", "silenced");
        estate.database
                .sql()
                .run("UPDATE silence SET ends_at = now() - interval '1 s', starts_at = now() - interval '1 h'");
        new AlertRows(estate.database.sql()).lookAgain();
        run(Duration.ofMinutes(1));
        assertThat(kinds("ops")).hasSize(2);
        assertThat(states()).containsOnly("firing");
    }

    /** A silence over a maintenance in which targets are added: what their first scan found was told to nobody, ever. */
    @Test
    void whatADigestMayNotSayIsToldWhenTheSilenceEnds() {
        receiver("ops", "webhook");
        firstScanOfTwo();
        estate.database
                .sql()
                .run(
                        "UPDATE target SET owner = CASE WHEN id % 2 = 0 THEN 'quiet' ELSE 'loud' END; "
                                + "INSERT INTO silence (matchers, reason, created_by, ends_at) VALUES "
                                + "('[{\"name\":\"owner\",\"operator\":\"=\",\"value\":\"quiet\"}]', 'move', 'me', now() + interval '2 hours')");
        find("http.hsts-missing", "medium", "'endpoint:' || t.id", "true", "interval '1 min'");
        find("cipher.cbc", "medium", "'configuration:shared'", "true", "interval '1 min'");
        run(Duration.ofMinutes(15));
        assertThat(kinds("ops")).containsExactly("digest");
        assertThat(notices().getFirst().path("owners").path(0).asText()).isEqualTo("loud");
        assertThat(states()).containsOnlyOnce("silenced").hasSize(3);
        now = now.plus(Duration.ofHours(2));
        estate.database
                .sql()
                .run("UPDATE silence SET starts_at = now() - interval '3 h', ends_at = now() - interval '1 s'");
        run(Duration.ofMinutes(5));
        assertThat(kinds("ops"))
                .as("what was hidden; who heard of the shared one hears nothing")
                .containsExactly("digest", "firing");
        assertThat(notices().getLast().path("rule").asText()).isEqualTo("http.hsts-missing");
        assertThat(states()).containsOnly("firing");
    }

    @Test
    void aDigestDoesNotDisturbTheNight() {
        long ops = receiver("ops", "webhook");
        firstScanOfTwo();
        Instant midnight = now.truncatedTo(ChronoUnit.DAYS).plus(Duration.ofDays(2));
        now = midnight.minus(Duration.ofMinutes(50));
        route(ops, Map.of("minSeverity", "low", "quietHours", Map.of("from", "22:00", "to", "06:00", "zone", "UTC")));
        find("cipher.cbc", "medium", "'configuration:x'", "true", "interval '1 min'");
        find("protocol.tls10-accepted", "high", "'configuration:x'", "true", "interval '1 min'");
        run(Duration.ofMinutes(15));
        assertThat(kinds("ops")).as("high, not below it").containsExactly("digest");
        assertThat(notices().getFirst().toString()).doesNotContain("cipher.cbc");
        now = midnight.plus(Duration.ofHours(6)).plusSeconds(30);
        run(Duration.ofMinutes(1));
        assertThat(kinds("ops")).containsExactly("digest", "firing");
    }

    private void firstScanOfTwo() {
        estate.targets(2);
        estate.database
                .sql()
                .run("UPDATE endpoint SET first_scan_at = now(), state = 'findings'; "
                        + "UPDATE schedule SET last_at = now(), next_at = now() + interval '10 days'");
    }

    @Test
    void tellsACrowdTogetherAndOneReceiverByOwner() {
        receiver("all", "webhook");
        targets(40);
        find("http.hsts-missing", "high", "'endpoint:' || t.id", "true", "interval '0'");
        run(Duration.ofMinutes(2));
        assertThat(kinds("all")).containsExactly("group");
        assertThat(notices().getFirst().path("title").asText()).isEqualTo("40 alerts");
        resolve("%");
        run(Duration.ofMinutes(8));
        assertThat(kinds("all")).as("their end too").containsExactly("group", "group");
    }

    @Test
    void aFindingThatMovesToAnotherConfigurationIsNoNews() {
        receiver("ops", "webhook");
        targets(1);
        find("protocol.tls10-accepted", "high", "'configuration:x'", "true", "interval '0'");
        run(Duration.ofMinutes(2));
        estate.database.sql().run("UPDATE finding SET cause = 'configuration:y'");
        estate.database.sql().run("""
                INSERT INTO alert_event (finding_id, endpoint_id, kind, rule, severity, cause, was)
                SELECT id, endpoint_id, 'changed', rule, severity, cause, 'configuration:x' FROM finding""");
        run(Duration.ofMinutes(5));
        assertThat(kinds("ops")).containsExactly("firing");
        assertThat(estate.count("alert WHERE cause = 'configuration:y' AND state = 'firing'"))
                .isEqualTo(1);
        assertThat(estate.count("alert")).isEqualTo(1);
        resolve("configuration:y");
        run(Duration.ofMinutes(2));
        assertThat(kinds("ops")).containsExactly("firing", "resolved");
    }

    @Test
    void remindsOfWhatHasExpiredOnceADayAndOfNothingElse() {
        receiver("ops", "webhook");
        targets(2);
        find("certificate.expired", "critical", "'certificate:aa'", "t.id % 2 = 0", "interval '0'");
        find("cipher.cbc", "medium", "'configuration:x'", "t.id % 2 = 1", "interval '0'");
        run(Duration.ofMinutes(2));
        for (int day = 0; day < 3; day++) {
            now = now.plus(Duration.ofDays(1));
            router.turn();
            router.turn();
        }
        assertThat(kinds("ops")).containsExactly("firing", "firing", "reminder", "reminder", "reminder");
    }
}

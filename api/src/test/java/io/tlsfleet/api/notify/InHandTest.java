package io.tlsfleet.api.notify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.alertfile.FileWatch;
import io.tlsfleet.store.alerting.Acknowledgements;
import io.tlsfleet.store.alerting.Alerts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is known already, what is in somebody's hands, and what may be our own fault is not told as news. */
class InHandTest extends AlertingScene {
    @Test
    void anotherEndpointIsNoNewsWhileSomebodyHasItInHandButThatItGotWorseIs() {
        receiver("ops", "webhook");
        targets(3);
        find("protocol.tls10-accepted", "medium", "'configuration:x'", "t.host = 'h0.example'", "interval '0'");
        run(Duration.ofMinutes(2));
        acknowledge(Duration.ofDays(2));
        find("protocol.tls10-accepted", "medium", "'configuration:x'", "t.host = 'h1.example'", "interval '0'");
        run(Duration.ofMinutes(5));
        assertThat(kinds("ops")).containsExactly("firing");
        assertThat(states()).containsExactly("acknowledged");
        find("protocol.tls10-accepted", "critical", "'configuration:x'", "t.host = 'h2.example'", "interval '0'");
        run(Duration.ofMinutes(5));
        assertThat(kinds("ops")).containsExactly("firing", "worse");
        assertThat(states()).containsExactly("firing");
    }

    @Test
    void theEndOfAnAcknowledgementOpensWhatCameInBetween() {
        receiver("ops", "webhook");
        targets(2);
        find("protocol.tls10-accepted", "medium", "'configuration:x'", "t.host = 'h0.example'", "interval '0'");
        run(Duration.ofMinutes(2));
        acknowledge(Duration.ofDays(2));
        find("protocol.tls10-accepted", "medium", "'configuration:x'", "t.host = 'h1.example'", "interval '0'");
        run(Duration.ofMinutes(2));
        now = now.plus(Duration.ofDays(2));
        run(Duration.ofMinutes(2));
        assertThat(kinds("ops")).containsExactly("firing", "again");
    }

    @Test
    void whatTheAlertingFileHasInHandIsNotToldUntilItSaysSoNoMore(@TempDir Path dir) throws IOException {
        receiver("ops", "webhook");
        targets(3);
        estate.database.sql().run("UPDATE target SET owner = CASE WHEN host = 'h2.example' THEN 'db' ELSE 'web' END");
        find("protocol.tls10-accepted", "medium", "'configuration:x'", "t.host = 'h0.example'", "interval '0'");
        find("protocol.tls11-accepted", "medium", "'configuration:x'", "t.host <> 'h1.example'", "interval '0'");
        run(Duration.ofSeconds(5));
        file(dir, """
                acknowledgements:
                  - {matchers: [owner=web], reason: OPS-21, author: eva, until: "%s"}
                """.formatted(now.plus(Duration.ofDays(30)).truncatedTo(ChronoUnit.SECONDS)));
        run(Duration.ofMinutes(5));
        assertThat(rules()).as("the other concerns somebody else too").containsExactly("protocol.tls11-accepted");
        Alerts.Alert alert = new Alerts(estate.database.sql())
                .list(new Alerts.Filter("acknowledged", null, null), Long.MAX_VALUE, 2)
                .getFirst();
        assertThat(alert.ackBy()).isEqualTo("alerting file, eva");
        assertThat(alert.ackReason()).isEqualTo("OPS-21");
        file(dir, "acknowledgements: []");
        run(Duration.ofMinutes(5));
        assertThat(rules()).containsExactly("protocol.tls11-accepted", "protocol.tls10-accepted");
        assertThat(states()).containsOnly("firing");
    }

    private void file(Path dir, String text) throws IOException {
        Path file = Files.writeString(dir.resolve("alerting.yaml"), text);
        new FileWatch(file, Map.of(), estate.database, SecretBox.open(dir.resolve("key")), () -> now)
                .start()
                .close();
    }

    private List<String> rules() {
        return notices().stream().map(n -> n.path("rule").asText()).toList();
    }

    @Test
    void silenceOfOneEndpointIsNotToldWhileOurOwnWorkerIsOverloadedButNotForEver() {
        receiver("ops", "webhook");
        targets(20);
        estate.database
                .sql()
                .run(
                        "INSERT INTO worker (id, site_id, version, started_at, overloaded) VALUES ('w', 1, 'x', now(), true)");
        find("endpoint.unreachable", "high", "'endpoint:' || t.id", "t.host = 'h0.example'", "interval '0'");
        run(Duration.ofHours(1));
        assertThat(kinds("ops")).as("perhaps it is us").isEmpty();
        run(Duration.ofMinutes(65));
        assertThat(kinds("ops")).containsExactly("firing");
    }

    @Test
    void silenceOfOneEndpointIsToldOnceTheWorkerCanKeepUp() {
        receiver("ops", "webhook");
        targets(20);
        estate.database
                .sql()
                .run(
                        "INSERT INTO worker (id, site_id, version, started_at, overloaded) VALUES ('w', 1, 'x', now(), true)");
        find("endpoint.unreachable", "high", "'endpoint:' || t.id", "t.host = 'h0.example'", "interval '0'");
        run(Duration.ofMinutes(10));
        assertThat(kinds("ops")).isEmpty();
        estate.database.sql().run("UPDATE worker SET overloaded = false");
        run(Duration.ofMinutes(3));
        assertThat(kinds("ops")).containsExactly("firing");
    }

    @Test
    void theEndNamesWhereItWasAndWhose() {
        receiver("ops", "webhook");
        targets(2);
        estate.database.sql().run("UPDATE target SET owner = 'web'");
        find("protocol.tls10-accepted", "high", "'configuration:x'", "true", "interval '0'");
        run(Duration.ofMinutes(2));
        resolve("configuration:x");
        run(Duration.ofMinutes(2));
        JsonNode end = notices().getLast();
        assertThat(end.path("kind").asText()).isEqualTo("resolved");
        assertThat(end.path("endpoints").asInt()).isEqualTo(2);
        assertThat(end.path("examples").toString()).isEqualTo("[\"h0.example:443\",\"h1.example:443\"]");
        assertThat(end.path("owners").toString()).isEqualTo("[\"web\"]");
    }

    @Test
    void saysThatAReceiverTakesNothingToTheOthersOnly() {
        long ops = receiver("ops", "webhook");
        receiver("other", "webhook");
        estate.database
                .sql()
                .change(
                        "INSERT INTO notification (dedup_key, receiver_id, payload, created_at) VALUES ('k', $1, '{\"kind\":\"firing\"}', now() - interval '11 minutes')",
                        ops);
        run(Duration.ofMinutes(1));
        assertThat(kinds("other")).containsExactly("dead-man");
        assertThat(kinds("ops")).containsExactly("firing");
        estate.database.sql().run("UPDATE notification SET state = 'delivered', finished_at = now()");
        run(Duration.ofMinutes(1));
        assertThat(kinds("other")).containsExactly("dead-man", "resolved");
    }

    @Test
    void whoWantsMailOnceADayGetsItTogetherButForWhatIsCritical() {
        long mail = receiver("mail", "email");
        estate.database
                .sql()
                .run(
                        "UPDATE receiver SET settings = '{\"digest\":\"daily\",\"digestAt\":\"07:30\",\"digestZone\":\"Europe/Berlin\"}'");
        targets(3);
        now = Instant.now()
                .plus(Duration.ofDays(1))
                .truncatedTo(ChronoUnit.DAYS)
                .plus(Duration.ofHours(12));
        find("protocol.tls10-accepted", "high", "'configuration:x'", "t.host = 'h0.example'", "interval '0'");
        run(Duration.ofMinutes(3));
        find("http.hsts-missing", "medium", "'endpoint:' || t.id", "t.host = 'h1.example'", "interval '0'");
        find("protocol.sslv3-accepted", "critical", "'configuration:y'", "t.host = 'h2.example'", "interval '0'");
        run(Duration.ofMinutes(3));
        assertThat(due(mail)).as("at once").containsExactly("firing");
        now = now.truncatedTo(ChronoUnit.DAYS).plus(Duration.ofHours(30)); // 07:00 in Berlin, in winter
        run(Duration.ofMinutes(10));
        assertThat(due(mail)).containsExactly("firing");
        resolve("endpoint:%");
        run(Duration.ofMinutes(25));
        assertThat(due(mail)).containsExactly("firing", "digest");
        JsonNode letter = notices().getLast();
        assertThat(letter.path("lines").toString())
                .contains("high: Title of protocol.tls10-accepted – h0.example:443")
                .contains("resolved: Title of http.hsts-missing")
                .doesNotContain("medium: Title");
        run(Duration.ofHours(2));
        assertThat(due(mail)).as("once").containsExactly("firing", "digest");
    }

    @Test
    void aRouteThatGroupsTellsTogetherAndNotAgainWithinItsIntervalButForWhatIsCritical() {
        long ops = receiver("ops", "webhook");
        route(ops, java.util.Map.of("groupBy", List.of("owner"), "groupIntervalSeconds", 600));
        targets(6);
        estate.database.sql().run("UPDATE target SET owner = 'web'");
        find(
                "http.hsts-missing",
                "high",
                "'endpoint:' || t.id",
                "t.host IN ('h0.example', 'h1.example')",
                "interval '0'");
        run(Duration.ofMinutes(2));
        assertThat(kinds("ops")).containsExactly("group");
        assertThat(notices().getFirst().path("lines")).hasSize(1);
        find("cipher.rc4", "high", "'configuration:x'", "t.host = 'h2.example'", "interval '0'");
        find("cipher.des", "high", "'configuration:z'", "t.host = 'h3.example'", "interval '0'");
        run(Duration.ofMinutes(6));
        assertThat(kinds("ops")).as("the interval is not over").containsExactly("group");
        run(Duration.ofMinutes(5));
        assertThat(kinds("ops")).containsExactly("group", "group");
        find("protocol.sslv3-accepted", "critical", "'configuration:y'", "t.host = 'h4.example'", "interval '0'");
        run(Duration.ofMinutes(1));
        assertThat(kinds("ops")).containsExactly("group", "group", "firing");
    }

    /** What is in the queue to be sent now. */
    private List<String> due(long receiver) {
        return estate
                .database
                .sql()
                .rows(
                        "SELECT payload->>'kind' AS k FROM notification WHERE receiver_id = $1 AND state = 'pending' AND next_at < 'infinity' ORDER BY id",
                        receiver)
                .stream()
                .map(r -> r.getString("k"))
                .toList();
    }

    private void acknowledge(Duration time) {
        var sql = estate.database.sql();
        Alerts alerts = new Alerts(sql);
        Alerts.Alert alert = alerts.list(new Alerts.Filter("open", null, null), Long.MAX_VALUE, 1)
                .getFirst();
        List<Long> findings = alerts.findings(alert);
        new Acknowledgements(sql).acknowledge(findings, "me", "in hand", now.plus(time));
        alerts.acknowledged(alert.id(), "me", "in hand", now.plus(time));
    }
}

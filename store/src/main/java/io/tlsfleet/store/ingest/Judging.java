package io.tlsfleet.store.ingest;

import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.policy.Memory;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.fleet.target.Target;
import java.time.Instant;

/** Policies and trust stores of a target, applied to what was seen. Pure: called within a transaction that may begin anew. */
@FunctionalInterface
public interface Judging {
    Judged judge(Target target, Observation observation, Memory memory, Instant at);

    /** {@code until}: while nothing is seen to differ, the judgement stands until then. */
    record Judged(Report report, Instant until) {}
}

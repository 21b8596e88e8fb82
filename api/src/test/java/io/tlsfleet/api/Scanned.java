package io.tlsfleet.api;

import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.lease.LeaseSource;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.store.ingest.Ingest;
import io.tlsfleet.store.lease.DatabaseLeases;
import io.tlsfleet.store.lease.LeaseSettings;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Plays the worker: leases what is due and hands in what a test says was seen. */
public final class Scanned {
    private final LeaseSource leases;

    public Scanned(RunningApi api) {
        this.leases = api.scans.counting(new DatabaseLeases(
                api.database,
                new Ingest(api.database, RunningApi.judging(api.policies)),
                "local",
                LeaseSettings.DEFAULT));
    }

    /** Everything due accepts these protocols; answers how many endpoints that was. */
    public int accepting(String... protocols) {
        List<Lease> due = leases.lease(0, 100).toCompletableFuture().join();
        List<LeaseSource.Completed> results = due.stream()
                .map(lease -> new LeaseSource.Completed(
                        lease.endpointId(), lease.token(), List.of(observation(lease, protocols))))
                .toList();
        List<Boolean> taken = leases.complete(results).toCompletableFuture().join();
        if (taken.contains(false)) {
            throw new IllegalStateException("a result was not taken");
        }
        return due.size();
    }

    private static Observation observation(Lease lease, String... accepted) {
        Map<String, FactState> protocols = new LinkedHashMap<>();
        for (String version : List.of("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")) {
            protocols.put(version, List.of(accepted).contains(version) ? FactState.ACCEPTED : FactState.REFUSED);
        }
        return new Observation(
                new Observation.Endpoint(
                        lease.target().host(),
                        "127.0.0.1",
                        lease.target().port(),
                        lease.target().host(),
                        null),
                new Observation.Scan(
                        Instant.parse("2026-11-21T08:00:00Z"),
                        41,
                        Depth.STANDARD,
                        Outcome.COMPLETE,
                        27,
                        9123,
                        40123,
                        3,
                        "test",
                        null,
                        null),
                new Observation.Negotiated("TLSv1.3", "TLS_AES_128_GCM_SHA256", "x25519", "rsa_pss_rsae_sha256", "h2"),
                List.of(),
                protocols,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null);
    }
}

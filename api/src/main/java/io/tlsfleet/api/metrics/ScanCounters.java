package io.tlsfleet.api.metrics;

import io.tlsfleet.fleet.change.Certainty;
import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.lease.LeaseSource;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.store.lease.DatabaseLeases;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/** What this process scanned or took in since it began. Any thread may count. */
public final class ScanCounters {
    private static final double[] SECONDS = {0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60};
    private static final String OK = "ok";

    private final Map<List<String>, LongAdder> scans = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> connections = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> unknown = new ConcurrentHashMap<>();
    private final LongAdder[] buckets = new LongAdder[SECONDS.length + 1];
    private final DoubleAdder seconds = new DoubleAdder();
    private final LongAdder leasesExpired = new LongAdder();

    private volatile IntSupplier held = () -> 0;
    private volatile LongSupplier disregarded = () -> 0;
    private volatile BooleanSupplier overloaded = () -> false;

    public ScanCounters() {
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = new LongAdder();
        }
    }

    /** The worker in this process, where there is one. */
    public void worker(IntSupplier leasesHeld, LongSupplier disregardedScans, BooleanSupplier isOverloaded) {
        held = leasesHeld;
        disregarded = disregardedScans;
        overloaded = isOverloaded;
    }

    /** Counts what passes through a source of leases: one that ran out once, beside the database where it is taken over. */
    public LeaseSource counting(LeaseSource source) {
        boolean toldOfAll = source instanceof DatabaseLeases;
        if (source instanceof DatabaseLeases leases) {
            leases.tellTakenOver(leasesExpired::add);
        }
        return new LeaseSource() {
            @Override
            public CompletionStage<List<Lease>> lease(int lane, int limit) {
                return source.lease(lane, limit);
            }

            @Override
            public CompletionStage<List<UUID>> renew(List<UUID> tokens) {
                return source.renew(tokens).thenApply(ours -> {
                    if (!toldOfAll) {
                        leasesExpired.add(tokens.size() - (long) ours.size());
                    }
                    return ours;
                });
            }

            @Override
            public CompletionStage<List<Boolean>> complete(List<Completed> results) {
                return source.complete(results).thenApply(taken -> {
                    count(results, taken);
                    return taken;
                });
            }

            @Override
            public CompletionStage<Void> release(List<UUID> tokens) {
                return source.release(tokens);
            }
        };
    }

    public void count(List<LeaseSource.Completed> results, List<Boolean> taken) {
        for (int i = 0; i < results.size(); i++) {
            if (i < taken.size() && taken.get(i)) {
                results.get(i).observations().forEach(this::count);
            }
        }
    }

    void count(Observation observation) {
        Observation.Scan scan = observation.scan();
        add(scans, List.of(scan.outcome().word(), scan.depth().word()), 1);
        boolean reached =
                scan.outcome() == Outcome.COMPLETE || scan.outcome() == Outcome.PARTIAL || scan.reason() == null;
        Reason reason = scan.reason();
        add(connections, reached || reason == null ? OK : reason.word(), scan.connections());
        for (Observation.Coverage coverage : Certainty.coverage(observation)) {
            Reason why = coverage.reason();
            if (coverage.state() == FactState.UNKNOWN && why != null) {
                add(unknown, why.word(), 1);
            }
        }
        double took = scan.durationMillis() / 1000.0;
        int bucket = 0;
        while (bucket < SECONDS.length && took > SECONDS[bucket]) {
            bucket++;
        }
        buckets[bucket].increment();
        seconds.add(took);
    }

    /** All closed label sets, from the start at zero. */
    void write(Exposition out) {
        out.family("tlsfleet_scans_total", "counter", "Scans that were taken, by outcome and depth.");
        for (Outcome outcome : Outcome.values()) {
            for (Depth depth : Depth.values()) {
                out.value(
                        sum(scans, List.of(outcome.word(), depth.word())),
                        "outcome",
                        outcome.word(),
                        "depth",
                        depth.word());
            }
        }
        long[] cumulative = new long[buckets.length];
        long total = 0;
        for (int i = 0; i < buckets.length; i++) {
            total += buckets[i].sum();
            cumulative[i] = total;
        }
        out.family("tlsfleet_scan_duration_seconds", "histogram", "How long scans took.")
                .histogram(SECONDS, cumulative, seconds.sum());
        out.family(
                "tlsfleet_connections_total",
                "counter",
                "Connections of scans, by what became of the scan: ok, or the reason why not.");
        List<String> results = new ArrayList<>(List.of(OK));
        for (Reason reason : Reason.values()) {
            results.add(reason.word());
        }
        results.forEach(result -> out.value(sum(connections, result), "result", result));
        out.family("tlsfleet_probe_unknown_total", "counter", "Facts that could not be told, by reason.");
        for (Reason reason : Reason.values()) {
            out.value(sum(unknown, reason.word()), "reason", reason.word());
        }
        out.family(
                        "tlsfleet_leases_expired_total",
                        "counter",
                        "Leases that ran out at a worker and were found so when they were taken over; of a worker of an API, those it lost itself.")
                .value(leasesExpired.sum());
        out.family(
                        "tlsfleet_probe_self_overload",
                        "gauge",
                        "1 while this process gets too little of its machine to hold silence against endpoints.")
                .value(overloaded.getAsBoolean() ? 1 : 0);
        out.family(
                        "tlsfleet_scans_disregarded_total",
                        "counter",
                        "Scans whose silence was the scanner's own; the endpoint is asked again.")
                .value(disregarded.getAsLong());
    }

    /** The families of a worker that has no database to count in. */
    public String text(String version, String commit) {
        Exposition out = new Exposition();
        write(out);
        out.family("tlsfleet_leases_held", "gauge", "Leases that this worker holds.")
                .value(held.getAsInt());
        out.family("tlsfleet_build_info", "gauge", "What runs here.").value(1, "version", version, "commit", commit);
        return out.text();
    }

    private static <K> void add(Map<K, LongAdder> counters, K key, long count) {
        counters.computeIfAbsent(key, k -> new LongAdder()).add(count);
    }

    private static <K> long sum(Map<K, LongAdder> counters, K key) {
        LongAdder counter = counters.get(key);
        return counter == null ? 0 : counter.sum();
    }
}

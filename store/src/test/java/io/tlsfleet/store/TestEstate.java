package io.tlsfleet.store;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.fleet.policy.Judge;
import io.tlsfleet.fleet.policy.Policies;
import io.tlsfleet.fleet.report.Finding;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.fleet.report.Severity;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.store.ingest.Ingest;
import io.tlsfleet.store.ingest.Judging;
import io.tlsfleet.store.inventory.Targets;
import io.tlsfleet.store.lease.DatabaseLeases;
import io.tlsfleet.store.lease.LeaseSettings;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A database with targets in it, and results to put there, judged by the policy that ships. What workers do is done by a login
 * that may only lease and report.
 */
public final class TestEstate implements AutoCloseable {
    public static final Instant AT = Instant.parse("2026-11-21T08:00:00Z");
    public final Vertx vertx = Vertx.vertx();
    public final DatabaseAddress address;
    public final Database database;
    public final Ingest ingest;
    public final Database asWorker;

    public TestEstate() {
        this(TestPostgres.shared().database());
    }

    public TestEstate(DatabaseAddress address) {
        this.address = address;
        database = Database.open(vertx, address, 8);
        asWorker = Database.open(vertx, TestPostgres.asWorker(address), 8);
        ingest = new Ingest(asWorker, judging());
    }

    /** The policy that ships, and an endpoint that was silent three times. */
    public static Judging judging() {
        return (target, observation, memory, at) -> {
            if (target.host().startsWith("spoils")) {
                throw new IllegalStateException("a judge that fails");
            }
            Report report = Judge.judge(observation, List.of(Policies.standard()), List.of(), memory, at);
            boolean silent = memory.unreachableScans() >= 3
                    && report.findings().stream().noneMatch(f -> f.rule().equals("endpoint.unreachable"));
            return new Judging.Judged(silent ? with(report, SILENT) : report, at.plus(Duration.ofHours(1)));
        };
    }

    private static final Finding SILENT = new Finding(
            "endpoint.unreachable",
            Severity.HIGH,
            "public-web",
            "1",
            "Unreachable",
            "three scans in a row",
            Map.of(),
            "look",
            "so",
            null,
            List.of(),
            null,
            null,
            null);

    private static Report with(Report r, Finding finding) {
        List<Finding> findings = new ArrayList<>(r.findings());
        findings.add(finding);
        return with(r, findings);
    }

    public static Report with(Report r, List<Finding> findings) {
        return new Report(
                r.schema(),
                r.endpoint(),
                r.scan(),
                r.judged(),
                r.negotiated(),
                r.coverage(),
                r.protocols(),
                r.cipherSuites(),
                r.groups(),
                r.finiteFieldDh(),
                r.signatureSchemes(),
                r.certificates(),
                r.alpn(),
                r.sni(),
                r.resumption(),
                r.clientAuthentication(),
                r.features(),
                r.tolerance(),
                r.vulnerabilities(),
                r.fingerprints(),
                r.timing(),
                r.dns(),
                r.quic(),
                r.http(),
                findings,
                r.waived(),
                r.grades(),
                r.drift());
    }

    public DatabaseLeases leases(LeaseSettings settings) {
        return new DatabaseLeases(asWorker, ingest, "local", settings);
    }

    public DatabaseLeases leases(String worker, LeaseSettings settings) {
        return new DatabaseLeases(asWorker, ingest, "local", worker, settings);
    }

    public long target(String host) {
        return put(List.of(target(host, 443))).getFirst();
    }

    public List<Long> targets(int count) {
        List<Target> many = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            many.add(target("h" + i + ".example", 443));
        }
        return put(many);
    }

    public List<Long> put(List<Target> many) {
        return database.inTransaction(sql -> new Targets(sql).put(many, "local", null)).stream()
                .map(Targets.Put::id)
                .toList();
    }

    public void scanNow(long id, @Nullable Depth depth) {
        new Targets(database.sql()).requestScan(id, depth, "me");
    }

    public static Target target(String host, int port) {
        return new Target(host, port, null, null, List.of(), null, Map.of(), null, null, null, null);
    }

    public static Observation unreachable(String host, Reason reason) {
        return observation(host, null, Outcome.UNREACHABLE, reason, Depth.STANDARD, null, List.of());
    }

    public static Observation complete(String host, String... accepted) {
        return observation(host, "192.0.2.1", Outcome.COMPLETE, null, Depth.STANDARD, List.of(accepted), List.of());
    }

    public static Observation observation(
            String host,
            @Nullable String address,
            Outcome outcome,
            @Nullable Reason reason,
            Depth depth,
            @Nullable List<String> accepted,
            List<Observation.Coverage> coverage) {
        Map<String, FactState> protocols = null;
        Map<String, Observation.Suites> suites = null;
        if (accepted != null) {
            protocols = new LinkedHashMap<>();
            suites = new LinkedHashMap<>();
            for (String version : List.of("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")) {
                boolean yes = accepted.contains(version);
                protocols.put(version, yes ? FactState.ACCEPTED : FactState.REFUSED);
                if (yes) {
                    suites.put(
                            version,
                            new Observation.Suites(
                                    null,
                                    null,
                                    List.of(
                                            version.equals("TLSv1.3")
                                                    ? new Observation.CodePoint("0x1301", "TLS_AES_128_GCM_SHA256")
                                                    : new Observation.CodePoint(
                                                            "0xC02F", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"))));
                }
            }
        }
        return new Observation(
                new Observation.Endpoint(host, address, 443, host, null),
                new Observation.Scan(
                        AT,
                        40,
                        depth,
                        outcome,
                        12,
                        3000,
                        9000,
                        2,
                        "tlsfleet/test",
                        reason,
                        reason == null ? null : "said so"),
                null,
                coverage,
                protocols,
                suites,
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
                new Observation.Timing(200L, Map.of(), Map.of()),
                null,
                null,
                null);
    }

    public long count(String sql) {
        return Columns.number(database.sql().one("SELECT count(*) AS n FROM " + sql), "n");
    }

    @Override
    public void close() {
        asWorker.close();
        database.close();
        Sql.await(vertx.close());
    }
}

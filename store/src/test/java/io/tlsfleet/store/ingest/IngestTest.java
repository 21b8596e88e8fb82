package io.tlsfleet.store.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.lease.LeaseSource;
import io.tlsfleet.fleet.lease.LeaseSource.Completed;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.TestEstate;
import io.tlsfleet.store.lease.LeaseSettings;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class IngestTest {
    private final TestEstate estate = new TestEstate();
    private final LeaseSource source = estate.leases(LeaseSettings.DEFAULT);
    private long id;

    @BeforeEach
    void target() {
        id = estate.target("a.example");
    }

    @AfterEach
    void close() {
        estate.close();
    }

    private Lease lease() {
        estate.database.sql().change("UPDATE schedule SET next_at = now(), lane = 0 WHERE endpoint_id = $1", id);
        return source.lease(0, 1).toCompletableFuture().join().getFirst();
    }

    private Lease scanned(Observation... observations) {
        Lease lease = lease();
        assertThat(source.complete(List.of(new Completed(id, lease.token(), List.of(observations))))
                        .toCompletableFuture()
                        .join())
                .containsExactly(true);
        return lease;
    }

    private String text(String sql) {
        return Columns.text(estate.database.sql().one("SELECT (" + sql + ")::text AS x"), "x");
    }

    @Test
    void opensAFindingTellsOnceAndResolvesItWhenMended() {
        scanned(TestEstate.complete("a.example", "TLSv1.0", "TLSv1.2", "TLSv1.3"));
        assertThat(text("SELECT state FROM finding WHERE rule = 'protocol.tls10-accepted'"))
                .isEqualTo("open");
        assertThat(text("SELECT state FROM endpoint")).isEqualTo("findings");
        scanned(TestEstate.complete("a.example", "TLSv1.0", "TLSv1.2", "TLSv1.3"));
        assertThat(estate.count("alert_event WHERE rule = 'protocol.tls10-accepted'"))
                .isEqualTo(1);
        scanned(TestEstate.complete("a.example", "TLSv1.2", "TLSv1.3"));
        assertThat(text("SELECT state FROM finding WHERE rule = 'protocol.tls10-accepted'"))
                .isEqualTo("resolved");
        assertThat(
                        text(
                                "SELECT string_agg(kind, ',' ORDER BY id) FROM alert_event WHERE rule = 'protocol.tls10-accepted'"))
                .isEqualTo("opened,resolved");
        scanned(TestEstate.complete("a.example", "TLSv1.0", "TLSv1.2", "TLSv1.3"));
        assertThat(estate.count("finding WHERE rule = 'protocol.tls10-accepted'"))
                .isEqualTo(1);
        assertThat(
                        text(
                                "SELECT string_agg(kind, ',' ORDER BY id) FROM alert_event WHERE rule = 'protocol.tls10-accepted'"))
                .isEqualTo("opened,resolved,opened");
    }

    @Test
    void silenceResolvesNothing() {
        scanned(TestEstate.complete("a.example", "TLSv1.0", "TLSv1.2"));
        scanned(TestEstate.unreachable("a.example", Reason.CONNECT_TIMEOUT));
        assertThat(text("SELECT state FROM finding WHERE rule = 'protocol.tls10-accepted'"))
                .isEqualTo("open");
        assertThat(text("SELECT state FROM endpoint")).isEqualTo("unreachable");
        scanned(TestEstate.observation(
                "a.example",
                "192.0.2.1",
                Outcome.PARTIAL,
                null,
                Depth.STANDARD,
                List.of("TLSv1.2"),
                List.of(Observation.Coverage.unknown("/protocols/TLSv1.0", Reason.READ_TIMEOUT))));
        assertThat(text("SELECT state FROM finding WHERE rule = 'protocol.tls10-accepted'"))
                .isEqualTo("open");
    }

    @Test
    void writesNoHistoryForWhatIsAsItWas() {
        Observation same = TestEstate.complete("a.example", "TLSv1.2", "TLSv1.3");
        scanned(same);
        long rows = estate.count(
                "(SELECT 1 FROM scan_run UNION ALL SELECT 1 FROM observation UNION ALL SELECT 1 FROM change"
                        + " UNION ALL SELECT 1 FROM configuration UNION ALL SELECT 1 FROM endpoint_observation UNION ALL SELECT 1 FROM alert_event) x");
        for (int i = 0; i < 5; i++) {
            scanned(same);
        }
        assertThat(
                        estate.count(
                                "(SELECT 1 FROM scan_run UNION ALL SELECT 1 FROM observation UNION ALL SELECT 1 FROM change"
                                        + " UNION ALL SELECT 1 FROM configuration UNION ALL SELECT 1 FROM endpoint_observation UNION ALL SELECT 1 FROM alert_event) x"))
                .isEqualTo(rows);
        assertThat(text("SELECT scans FROM address_now")).isEqualTo("6");
    }

    @Test
    void noticesAChangeOnceAlthoughABalancerAlternates() {
        Observation one = TestEstate.complete("a.example", "TLSv1.2");
        Observation other = TestEstate.complete("a.example", "TLSv1.2", "TLSv1.3");
        scanned(one);
        scanned(other);
        long changes = estate.count("change");
        assertThat(changes).isPositive();
        assertThat(text("SELECT string_agg(title, ',') FROM change WHERE fact = '/protocols/TLSv1.3'"))
                .contains("accepted");
        scanned(one);
        scanned(other);
        scanned(one);
        assertThat(estate.count("change")).isEqualTo(changes);
        assertThat(estate.count("observation")).isEqualTo(2);
        assertThat(estate.count("scan_run")).isEqualTo(5);
        assertThat(estate.count("scan_run WHERE last_seen IS NULL")).isEqualTo(1);
    }

    @Test
    void aWeakerServerIsMarked() {
        scanned(TestEstate.complete("a.example", "TLSv1.2"));
        scanned(TestEstate.complete("a.example", "TLSv1.0", "TLSv1.2"));
        assertThat(estate.count("change WHERE weaker AND fact = '/protocols/TLSv1.0'"))
                .isEqualTo(1);
    }

    @Test
    void aVerificationKeepsWhatItDidNotAsk() {
        Observation whole = TestEstate.complete("a.example", "TLSv1.2", "TLSv1.3");
        scanned(whole);
        Lease lease = lease();
        assertThat(lease.depth()).isEqualTo(Depth.VERIFY);
        Observation part =
                TestEstate.observation("a.example", "192.0.2.1", Outcome.COMPLETE, null, Depth.VERIFY, null, List.of());
        assertThat(source.complete(List.of(new Completed(id, lease.token(), List.of(part))))
                        .toCompletableFuture()
                        .join())
                .containsExactly(true);
        assertThat(estate.count("observation")).isEqualTo(1);
        assertThat(estate.count("change")).isZero();
        estate.database.sql().change("UPDATE schedule SET next_at = now()");
        Observation baseline = source.lease(0, 1)
                .toCompletableFuture()
                .join()
                .getFirst()
                .baselines()
                .getFirst();
        assertThat(Objects.requireNonNull(baseline.protocols())).containsEntry("TLSv1.3", FactState.ACCEPTED);
        assertThat(baseline.cipherSuites()).isEqualTo(whole.cipherSuites());
    }

    @Test
    void countsSilentScansUntilItIsAFinding() {
        for (int i = 0; i < 4; i++) {
            scanned(TestEstate.unreachable("a.example", Reason.CONNECT_REFUSED));
        }
        assertThat(text("SELECT failures FROM schedule")).isEqualTo("4");
        assertThat(text("SELECT reason FROM endpoint")).isEqualTo("connect-refused");
        assertThat(estate.count("finding WHERE rule = 'endpoint.unreachable' AND state = 'open'"))
                .isEqualTo(1);
        scanned(TestEstate.complete("a.example", "TLSv1.2", "TLSv1.3"));
        assertThat(estate.count("finding WHERE rule = 'endpoint.unreachable' AND state = 'resolved'"))
                .isEqualTo(1);
    }

    /** Whoever takes TLS off a listener hears of it as of one that is gone, and plain text ends no silence. */
    @Test
    void countsScansThatFoundNoTlsToo() {
        scanned(TestEstate.complete("a.example", "TLSv1.2", "TLSv1.3"));
        scanned(TestEstate.unreachable("a.example", Reason.CONNECT_REFUSED));
        for (int i = 0; i < 3; i++) {
            scanned(TestEstate.observation(
                    "a.example", "192.0.2.1", Outcome.NOT_TLS, Reason.NOT_TLS, Depth.STANDARD, null, List.of()));
        }
        assertThat(text("SELECT failures FROM schedule")).isEqualTo("4");
        assertThat(estate.count("finding WHERE rule = 'endpoint.unreachable' AND state = 'open'"))
                .isEqualTo(1);
        scanned(TestEstate.complete("a.example", "TLSv1.2", "TLSv1.3"));
        assertThat(estate.count("finding WHERE rule = 'endpoint.unreachable' AND state = 'resolved'"))
                .isEqualTo(1);
        assertThat(text("SELECT failures FROM schedule")).isEqualTo("0");
    }

    @Test
    void anAcceptedFindingStaysAcceptedUntilItIsWorse() {
        scanned(TestEstate.complete("a.example", "TLSv1.0", "TLSv1.2", "TLSv1.3"));
        estate.database
                .sql()
                .change(
                        "UPDATE finding SET state = 'acknowledged', ack_by = 'me', ack_at = now() WHERE rule = 'protocol.tls10-accepted'");
        scanned(TestEstate.complete("a.example", "TLSv1.0", "TLSv1.2"));
        assertThat(text("SELECT state FROM finding WHERE rule = 'protocol.tls10-accepted'"))
                .isEqualTo("acknowledged");
        estate.database.sql().change("UPDATE finding SET severity = 'low' WHERE rule = 'protocol.tls10-accepted'");
        scanned(TestEstate.complete("a.example", "TLSv1.0", "TLSv1.3"));
        assertThat(text("SELECT state FROM finding WHERE rule = 'protocol.tls10-accepted'"))
                .isEqualTo("open");
    }

    @Test
    void oneResultThatCannotBeKeptSpoilsNoOther() {
        estate.put(List.of(
                TestEstate.target("spoils.example", 443),
                TestEstate.target("b.example", 443),
                TestEstate.target("c.example", 443)));
        List<Lease> leases = source.lease(0, 10).toCompletableFuture().join();
        List<Boolean> taken = source.complete(leases.stream()
                        .map(l -> new Completed(
                                l.endpointId(),
                                l.token(),
                                List.of(TestEstate.complete(l.target().host(), "TLSv1.2"))))
                        .toList())
                .toCompletableFuture()
                .join();
        assertThat(leases).hasSize(4);
        for (int i = 0; i < 4; i++) {
            assertThat(taken.get(i)).isEqualTo(!leases.get(i).target().host().startsWith("spoils"));
        }
    }

    @Test
    void whatAnotherMakingLeavesOutSpoilsNoOther() {
        estate.put(List.of(TestEstate.target("chain.example", 443), TestEstate.target("suites.example", 443)));
        List<Lease> leases = source.lease(0, 10).toCompletableFuture().join();
        List<Boolean> taken = source.complete(leases.stream()
                        .map(l -> new Completed(
                                l.endpointId(),
                                l.token(),
                                List.of(lacking(l.target().host()))))
                        .toList())
                .toCompletableFuture()
                .join();
        assertThat(leases).hasSize(3);
        for (int i = 0; i < 3; i++) {
            assertThat(taken.get(i)).isEqualTo(leases.get(i).target().host().equals("a.example"));
        }
    }

    /** Without the certificates of its chain, or the suites of its version, as its name says. */
    private static Observation lacking(String host) {
        ObjectNode seen = (ObjectNode) Json.tree(TestEstate.complete(host, "TLSv1.2"));
        switch (host) {
            case "chain.example" -> seen.putArray("served").addObject();
            case "suites.example" -> seen.putObject("cipherSuites").putObject("TLSv1.2");
            default -> {}
        }
        return Json.read(seen, Observation.class);
    }

    @Test
    void givesBackWhatWasSeenForAReport() {
        Observation seen = TestEstate.complete("a.example", "TLSv1.0", "TLSv1.2");
        scanned(seen);
        Latest latest = new Latest(estate.database.sql());
        Latest.Seen now = latest.of(id, null, null).orElseThrow();
        assertThat(now.observation()).isEqualTo(seen);
        assertThat(latest.of(id, "198.51.100.1", null)).isEmpty();
        assertThat(latest.of(id + 1, null, null)).isEmpty();
        scanned(TestEstate.complete("a.example", "TLSv1.2"));
        long first = Long.parseLong(text("SELECT min(id) FROM observation"));
        assertThat(latest.of(id, null, first).orElseThrow().observation().protocols())
                .isEqualTo(seen.protocols());
        assertThat(latest.of(id, null, first + 999)).isEmpty();
        scanned(TestEstate.unreachable("a.example", Reason.CONNECT_REFUSED));
        assertThat(latest.of(id, null, null).orElseThrow().observation().protocols())
                .isNull();
    }

    @Test
    void judgesAgainWhenThePolicyChanged() {
        Observation seen = TestEstate.complete("a.example", "TLSv1.0", "TLSv1.2");
        scanned(seen);
        long open = estate.database.sql().rows("SELECT rule FROM finding WHERE state = 'open'").stream()
                .filter(row -> Resolution.couldTell(Columns.text(row, "rule"), seen))
                .count();
        assertThat(open).isPositive();
        Ingest lenient = new Ingest(estate.database, (target, observation, memory, at) -> {
            Judging.Judged judged = TestEstate.judging().judge(target, observation, memory, at);
            return new Judging.Judged(TestEstate.with(judged.report(), List.of()), judged.until());
        });
        assertThat(lenient.judgeAgain(List.of(id))).isEqualTo(new Ingest.Again(0, (int) open));
        assertThat(estate.count("finding WHERE state = 'open' AND rule LIKE 'protocol.%'"))
                .isZero();
        assertThat(estate.ingest.judgeAgain(List.of(id))).isEqualTo(new Ingest.Again((int) open, 0));
        assertThat(new Latest(estate.database.sql()).after(0, 10)).containsExactly(id);
    }
}

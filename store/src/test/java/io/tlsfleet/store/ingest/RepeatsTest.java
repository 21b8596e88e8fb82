package io.tlsfleet.store.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.lease.LeaseSource;
import io.tlsfleet.fleet.lease.LeaseSource.Completed;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.TestEstate;
import io.tlsfleet.store.lease.LeaseSettings;
import io.tlsfleet.store.query.Endpoints;
import io.tlsfleet.store.query.History;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a scan costs that says what is known, and that nothing which is shown of it is older than it. */
class RepeatsTest {
    private static final Observation SAME = TestEstate.complete("a.example", "TLSv1.2", "TLSv1.3");
    private static final String WRITTEN = "SELECT string_agg(xmin::text, ',' ORDER BY address) FROM address";

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

    private boolean complete(Lease lease, Observation... observations) {
        return source.complete(List.of(new Completed(id, lease.token(), List.of(observations))))
                .toCompletableFuture()
                .join()
                .getFirst();
    }

    private void scanned(Observation... observations) {
        assertThat(complete(lease(), observations)).isTrue();
    }

    private String text(String sql) {
        return Columns.text(estate.database.sql().one("SELECT (" + sql + ")::text AS x"), "x");
    }

    private static Observation at(String address) {
        return TestEstate.observation(
                "a.example", address, Outcome.COMPLETE, null, Depth.STANDARD, List.of("TLSv1.2"), List.of());
    }

    private Map<String, String> lastSeen() {
        return new Endpoints(estate.database.sql())
                .addresses(id).stream()
                        .collect(Collectors.toMap(
                                Endpoints.Address::address, a -> a.lastSeen().toString()));
    }

    private String lastScan() {
        return String.valueOf(
                new Endpoints(estate.database.sql()).find(id).orElseThrow().lastScanAt());
    }

    @Test
    void writesNothingOfTheAddressAndShowsItAsSeenJustNow() {
        scanned(SAME);
        String written = text(WRITTEN);
        for (int i = 0; i < 3; i++) {
            scanned(SAME);
        }
        assertThat(text(WRITTEN)).isEqualTo(written);
        assertThat(lastSeen()).isEqualTo(Map.of("192.0.2.1", lastScan()));
        History.Run run = new History(estate.database.sql())
                .runs(id, null, 10, null)
                .items()
                .getFirst();
        assertThat(run.scans()).isEqualTo(4);
        assertThat(run.lastSeen()).hasToString(lastScan());
        assertThat(run.lastSeen()).isAfter(run.firstSeen());
    }

    @Test
    void whatFollowsAfterSomethingElseBeginsWhereTheRepeatsEnded() {
        scanned(SAME);
        scanned(SAME);
        scanned(SAME);
        String end = lastScan();
        scanned(TestEstate.complete("a.example", "TLSv1.2"));
        List<History.Run> runs =
                new History(estate.database.sql()).runs(id, null, 10, null).items();
        assertThat(runs).extracting(History.Run::scans).containsExactly(1, 3);
        assertThat(runs.getLast().lastSeen()).hasToString(end);
        scanned(SAME);
        scanned(SAME);
        estate.database.sql().change("UPDATE address SET judged_until = now()");
        scanned(SAME);
        assertThat(text("SELECT scans FROM address")).isEqualTo("3");
    }

    @Test
    void anAddressThatIsNotAskedAnyMoreKeepsItsTime() {
        for (int i = 0; i < 3; i++) {
            scanned(at("192.0.2.1"), at("192.0.2.2"));
        }
        String both = lastScan();
        assertThat(lastSeen()).isEqualTo(Map.of("192.0.2.1", both, "192.0.2.2", both));
        for (int i = 0; i < 3; i++) {
            scanned(at("192.0.2.2"));
            assertThat(lastSeen()).isEqualTo(Map.of("192.0.2.1", both, "192.0.2.2", lastScan()));
        }
        assertThat(text("SELECT string_agg(scans::text, ',' ORDER BY address) FROM address_now"))
                .isEqualTo("3,6");
        scanned(at("192.0.2.2"), at("192.0.2.1"));
        assertThat(lastSeen()).isEqualTo(Map.of("192.0.2.1", lastScan(), "192.0.2.2", lastScan()));
    }

    @Test
    void aScanOfNoAddressIsNoSightOfAny() {
        scanned(SAME);
        scanned(SAME);
        String seen = lastScan();
        scanned();
        assertThat(lastSeen()).isEqualTo(Map.of("192.0.2.1", seen)).doesNotContainValue(lastScan());
    }

    @Test
    void whatSomebodyAskedForAndAnotherDepthAreWritten() {
        scanned(SAME);
        scanned(SAME);
        String written = text(WRITTEN);
        estate.database
                .sql()
                .change(
                        "INSERT INTO scan_request (endpoint_id, site_id, requested_by) SELECT id, site_id, 'me' FROM target WHERE id = $1",
                        id);
        scanned(SAME);
        assertThat(estate.count("scan_request")).isZero();
        assertThat(text(WRITTEN)).isNotEqualTo(written);
        written = text(WRITTEN);
        scanned(TestEstate.observation(
                "a.example",
                "192.0.2.1",
                Outcome.COMPLETE,
                null,
                Depth.FULL,
                List.of("TLSv1.2", "TLSv1.3"),
                List.of()));
        assertThat(text(WRITTEN)).isNotEqualTo(written);
        assertThat(text("SELECT depth FROM address")).isEqualTo("full");
    }

    @Test
    void aLostLeaseIsNoRepeat() {
        scanned(SAME);
        Lease lost = lease();
        assertThat(complete(lost, SAME)).isTrue();
        Lease held = lease();
        String row = text("SELECT s::text FROM schedule s");
        assertThat(complete(lost, SAME)).isFalse();
        assertThat(text("SELECT s::text FROM schedule s")).isEqualTo(row);
        assertThat(complete(held, SAME)).isTrue();
        assertThat(text("SELECT repeats FROM schedule")).isEqualTo("2");
    }

    @Test
    void anotherProcessKnowsARepeatWithoutJudgingIt() {
        scanned(SAME);
        String written = text(WRITTEN);
        Ingest fresh = new Ingest(estate.database, (target, observation, memory, at) -> {
            throw new AssertionError("judged again");
        });
        Lease lease = lease();
        assertThat(fresh.complete(1, List.of(new Completed(id, lease.token(), List.of(SAME)))))
                .containsExactly(true);
        assertThat(text(WRITTEN)).isEqualTo(written);
    }

    @Test
    void sightsTicketKeysAlsoWhenNothingElseIsWritten() {
        scanned(SAME);
        scanned(withTicketKey("aa"));
        scanned(withTicketKey("bb"));
        String written = text(WRITTEN);
        scanned(withTicketKey("cc"));
        assertThat(text(WRITTEN)).isEqualTo(written);
        assertThat(text("SELECT string_agg(left(encode(name, 'hex'), 2), ',' ORDER BY name) FROM ticket_key"))
                .isEqualTo("aa,bb,cc");
    }

    private static Observation withTicketKey(String byteOfName) {
        Observation o = SAME;
        return new Observation(
                o.endpoint(),
                o.scan(),
                o.negotiated(),
                o.coverage(),
                o.protocols(),
                o.cipherSuites(),
                o.groups(),
                o.finiteFieldDh(),
                o.signatureSchemes(),
                o.served(),
                o.alpn(),
                o.sni(),
                new Observation.Resumption(
                        new Observation.Resumption.Tls12(
                                io.tlsfleet.fleet.observation.FactState.ACCEPTED,
                                io.tlsfleet.fleet.observation.FactState.ACCEPTED,
                                300L,
                                byteOfName.repeat(16)),
                        null),
                o.clientAuthentication(),
                o.features(),
                o.tolerance(),
                o.vulnerabilities(),
                o.fingerprints(),
                o.timing(),
                o.dns(),
                o.quic(),
                o.http());
    }
}

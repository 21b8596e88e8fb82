package io.tlsfleet.store.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.lease.LeaseSource;
import io.tlsfleet.fleet.lease.LeaseSource.Completed;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.store.TestEstate;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DatabaseLeasesTest {
    private final TestEstate estate = new TestEstate();
    private final LeaseSource source = estate.leases(LeaseSettings.DEFAULT);

    @AfterEach
    void close() {
        estate.close();
    }

    private static <T> T now(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    private static Completed done(Lease lease) {
        return new Completed(
                lease.endpointId(),
                lease.token(),
                List.of(TestEstate.complete(lease.target().host(), "TLSv1.2", "TLSv1.3")));
    }

    @Test
    void givesEachEndpointToOneWorkerOnly() {
        estate.targets(50);
        LeaseSource other = estate.leases(LeaseSettings.DEFAULT);
        Set<Long> given = new HashSet<>();
        now(source.lease(0, 30))
                .forEach(l -> assertThat(given.add(l.endpointId())).isTrue());
        now(other.lease(0, 30))
                .forEach(l -> assertThat(given.add(l.endpointId())).isTrue());
        assertThat(given).hasSize(50);
        assertThat(now(source.lease(0, 30))).isEmpty();
    }

    @Test
    void takesAResultOnceAndOnlyWithTheToken() {
        estate.target("a.example");
        Lease lease = now(source.lease(0, 10)).getFirst();
        UUID forged = new UUID(1, lease.endpointId());
        assertThat(now(source.complete(List.of(new Completed(lease.endpointId(), forged, List.of())))))
                .containsExactly(false);
        assertThat(now(source.complete(List.of(done(lease))))).containsExactly(true);
        assertThat(now(source.complete(List.of(done(lease))))).containsExactly(false);
        assertThat(estate.count("scan_run")).isEqualTo(1);
        assertThat(now(source.lease(0, 10))).isEmpty();
    }

    @Test
    void fencesAWorkerThatCameTooLate() {
        LeaseSource brief = estate.leases(new LeaseSettings(Duration.ofMillis(50), true, Duration.ofDays(7)));
        estate.target("a.example");
        AtomicInteger takenOver = new AtomicInteger();
        ((DatabaseLeases) source).tellTakenOver(takenOver::addAndGet);
        Lease lost = now(brief.lease(0, 10)).getFirst();
        Lease second = awaitLease();
        assertThat(takenOver).hasValue(1);
        assertThat(second.token()).isNotEqualTo(lost.token());
        assertThat(now(source.complete(List.of(done(lost))))).containsExactly(false);
        assertThat(now(source.renew(List.of(lost.token(), second.token())))).containsExactly(second.token());
        assertThat(now(source.complete(List.of(done(second))))).containsExactly(true);
    }

    /** A batch that takes longer to keep than a renewal's turn was called lost, was not renewed again, and did get lost. */
    @Test
    void whatIsBeingCompletedIsStillItsHolders() {
        estate.targets(2);
        List<UUID> tokens = now(source.lease(0, 10)).stream().map(Lease::token).toList();
        estate.database.doInTransaction(completing -> {
            completing.rows("SELECT 1 FROM schedule ORDER BY endpoint_id LIMIT 1 FOR UPDATE");
            assertThat(now(source.renew(tokens))).containsExactlyInAnyOrderElementsOf(tokens);
        });
    }

    private Lease awaitLease() {
        for (int i = 0; i < 100; i++) {
            List<Lease> leases = now(source.lease(0, 10));
            if (!leases.isEmpty()) {
                return leases.getFirst();
            }
            sleep(20);
        }
        throw new AssertionError("never leased again");
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void renewsWhatIsHeldAndGivesBackWhatIsReleased() {
        estate.targets(3);
        List<Lease> leases = now(source.lease(0, 3));
        List<UUID> tokens = leases.stream().map(Lease::token).toList();
        assertThat(now(source.renew(tokens))).containsExactlyInAnyOrderElementsOf(tokens);
        now(source.release(tokens.subList(0, 2)));
        List<Lease> again = now(source.lease(0, 3));
        assertThat(again).hasSize(2);
        assertThat(again)
                .extracting(Lease::endpointId)
                .doesNotContain(leases.get(2).endpointId());
        assertThat(estate.count("schedule WHERE attempts > 1")).isZero();
    }

    @Test
    void asksForWhatSomeoneWantsNowFirst() {
        List<Long> ids = estate.targets(20);
        Lease first = now(source.lease(0, 1)).getFirst();
        now(source.complete(List.of(done(first))));
        estate.scanNow(first.endpointId(), Depth.FULL);
        Lease wanted = now(source.lease(0, 1)).getFirst();
        assertThat(wanted.endpointId()).isEqualTo(first.endpointId());
        assertThat(wanted.depth()).isEqualTo(Depth.FULL);
        assertThat(estate.count("scan_request")).isEqualTo(1);
        now(source.complete(List.of(done(wanted))));
        assertThat(estate.count("scan_request")).isZero();
        assertThat(ids).contains(first.endpointId());
    }

    @Test
    void aRequestDuringAScanIsKeptForTheNext() {
        long id = estate.target("a.example");
        Lease lease = now(source.lease(0, 1)).getFirst();
        estate.scanNow(id, null);
        assertThat(now(source.lease(0, 1))).isEmpty();
        now(source.complete(List.of(done(lease))));
        assertThat(now(source.lease(0, 1))).extracting(Lease::endpointId).containsExactly(id);
    }

    @Test
    void whatCannotBeReadOfOneEndpointIsScannedWholeAndHoldsUpNoOther() {
        long broken = estate.target("a.example");
        long other = estate.target("b.example");
        now(source.complete(now(source.lease(0, 2)).stream().map(l -> done(l)).toList()));
        long shared = estate.count("observation");
        estate.database.sql().change("""
                INSERT INTO observation (sha256, configuration_id, chain_id, body)
                SELECT sha256 || '\\x00'::bytea, configuration_id, chain_id, '{"http": [1]}' FROM observation LIMIT 1""");
        estate.database.sql().change("""
                UPDATE address SET observation_id = (SELECT max(id) FROM observation) WHERE endpoint_id = $1""", broken);
        assertThat(estate.count("observation")).isEqualTo(shared + 1);
        estate.database.sql().change("UPDATE schedule SET next_at = now()");
        List<Lease> leases = now(source.lease(0, 2));
        assertThat(leases).hasSize(2);
        for (Lease lease : leases) {
            assertThat(lease.baselines().isEmpty()).isEqualTo(lease.endpointId() == broken);
            assertThat(lease.depth()).isEqualTo(lease.endpointId() == other ? Depth.VERIFY : Depth.STANDARD);
        }
        assertThat(estate.count("schedule WHERE attempts > 1")).isZero();
    }

    @Test
    void eachAddressIsVerifiedAgainstWhatItShowed() {
        long id = estate.target("a.example");
        Lease first = now(source.lease(0, 1)).getFirst();
        now(source.complete(List.of(new Completed(
                id,
                first.token(),
                List.of(
                        TestEstate.observation(
                                "a.example",
                                "192.0.2.1",
                                Outcome.COMPLETE,
                                null,
                                Depth.STANDARD,
                                List.of("TLSv1.3"),
                                List.of()),
                        TestEstate.observation(
                                "a.example",
                                "192.0.2.2",
                                Outcome.COMPLETE,
                                null,
                                Depth.STANDARD,
                                List.of("TLSv1.2"),
                                List.of()))))));
        estate.database.sql().change("UPDATE schedule SET next_at = now() WHERE endpoint_id = $1", id);
        Lease lease = now(source.lease(0, 1)).getFirst();
        assertThat(lease.depth()).isEqualTo(Depth.VERIFY);
        assertThat(Objects.requireNonNull(lease.baseline("192.0.2.1")).protocols())
                .containsKey("TLSv1.3");
        assertThat(Objects.requireNonNull(lease.baseline("192.0.2.2")).protocols())
                .containsKey("TLSv1.2");
        assertThat(lease.baseline("192.0.2.3"))
                .as("one that is new is scanned whole")
                .isNull();
    }

    @Test
    void verifiesWhatIsKnownAgainstWhatWasSeen() {
        long id = estate.target("a.example");
        now(source.complete(List.of(done(now(source.lease(0, 1)).getFirst()))));
        estate.database.sql().change("UPDATE schedule SET next_at = now() WHERE endpoint_id = $1", id);
        Lease lease = now(source.lease(0, 1)).getFirst();
        assertThat(lease.depth()).isEqualTo(Depth.VERIFY);
        assertThat(lease.baselines().getFirst().protocols())
                .isEqualTo(
                        TestEstate.complete("a.example", "TLSv1.2", "TLSv1.3").protocols());
        now(source.release(List.of(lease.token())));
        estate.database
                .sql()
                .change("UPDATE schedule SET full_at = now() - interval '8 days' WHERE endpoint_id = $1", id);
        assertThat(now(source.lease(0, 1)).getFirst().depth()).isEqualTo(Depth.STANDARD);
    }

    @Test
    void movesWhatIsSlowToItsOwnLaneAndBack() {
        long id = estate.target("a.example");
        Lease lease = now(source.lease(0, 1)).getFirst();
        now(source.complete(List.of(new Completed(
                id, lease.token(), List.of(TestEstate.unreachable("a.example", Reason.CONNECT_TIMEOUT))))));
        estate.database.sql().change("UPDATE schedule SET next_at = now() WHERE endpoint_id = $1", id);
        assertThat(now(source.lease(0, 1))).isEmpty();
        Lease slow = now(source.lease(1, 1)).getFirst();
        assertThat(slow.lane()).isEqualTo(1);
        now(source.complete(List.of(done(slow))));
        assertThat(estate.count("schedule WHERE lane = 0 AND failures = 0")).isEqualTo(1);
    }

    @Test
    void quarantinesWhatNeverComesBack() {
        long id = estate.target("a.example");
        estate.database.sql().change("UPDATE schedule SET attempts = 5 WHERE endpoint_id = $1", id);
        assertThat(now(source.lease(0, 1))).isEmpty();
        assertThat(estate.count("endpoint WHERE quarantined_at IS NOT NULL")).isEqualTo(1);
        estate.scanNow(id, null);
        Lease another = now(source.lease(0, 1)).getFirst();
        assertThat(now(source.complete(List.of(done(another))))).containsExactly(true);
        assertThat(estate.count("schedule WHERE isfinite(next_at) AND attempts = 0"))
                .isEqualTo(1);
        assertThat(estate.count("endpoint WHERE quarantined_at IS NULL")).isEqualTo(1);
    }

    @Test
    void givesNothingWhileTheSiteIsPaused() {
        estate.target("a.example");
        estate.database.sql().change("UPDATE site SET paused = true WHERE name = 'local'");
        assertThat(now(source.lease(0, 10))).isEmpty();
        estate.database.sql().change("UPDATE site SET paused = false");
        assertThat(now(source.lease(0, 10))).hasSize(1);
    }

    @Test
    void keepsSitesApart() {
        estate.target("a.example");
        LeaseSource internet = new DatabaseLeases(estate.database, estate.ingest, "internet", LeaseSettings.DEFAULT);
        assertThat(now(internet.lease(0, 10))).isEmpty();
        Lease lease = now(source.lease(0, 10)).getFirst();
        assertThat(now(internet.renew(List.of(lease.token())))).isEmpty();
        assertThat(now(internet.complete(List.of(done(lease))))).containsExactly(false);
        now(internet.release(List.of(lease.token())));
        assertThat(now(source.complete(List.of(done(lease))))).containsExactly(true);
    }
}

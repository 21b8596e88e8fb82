package io.tlsfleet.store.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.lease.LeaseSource;
import io.tlsfleet.fleet.lease.Presence;
import io.tlsfleet.fleet.lease.SiteLink;
import io.tlsfleet.fleet.lease.SiteRules;
import io.tlsfleet.store.TestEstate;
import io.tlsfleet.store.lease.DatabaseLeases;
import io.tlsfleet.store.lease.LeaseSettings;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SitesTest {
    private final TestEstate estate = new TestEstate();
    private final Sites sites = new Sites(estate.database.sql());

    @AfterEach
    void close() {
        estate.close();
    }

    private DatabaseLeases worker(String name) {
        return estate.leases(name, LeaseSettings.DEFAULT);
    }

    @Test
    void oneWorkerHoldsAShardAtATime() {
        SiteLink one = worker("one").link("one");
        SiteLink two = worker("two").link("two");
        assertThat(now(one.hold(List.of(3, 1, 2)))).containsExactlyInAnyOrder(1, 2, 3);
        assertThat(now(two.hold(List.of(2, 4)))).containsExactly(4);
        assertThat(now(one.hold(List.of(1)))).as("its own, longer").containsExactly(1);
        now(one.leave());
        assertThat(now(two.hold(List.of(1, 2)))).containsExactlyInAnyOrder(1, 2);
    }

    @Test
    void whatAWorkerLetsGoOfIsFreeAtOnceAndOnlyItsOwn() {
        SiteLink one = worker("one").link("one");
        SiteLink two = worker("two").link("two");
        now(one.hold(List.of(3, 4)));
        now(two.hold(List.of(5)));
        now(one.letGo(List.of(3, 5)));
        assertThat(now(two.hold(List.of(3, 4)))).containsExactly(3);
        assertThat(now(one.hold(List.of(5)))).isEmpty();
    }

    @Test
    void aLapsedHoldIsFree() {
        SiteLink two = worker("two").link("two");
        now(worker("one").link("one").hold(List.of(7)));
        assertThat(now(two.hold(List.of(7)))).isEmpty();
        estate.database.sql().change("UPDATE shard_hold SET until = now() - interval '1 s'");
        assertThat(now(two.hold(List.of(7)))).containsExactly(7);
    }

    @Test
    void whatLiesWhereAnotherDialsIsGivenToThatOne() {
        estate.targets(2);
        LeaseSource one = worker("one");
        LeaseSource two = worker("two");
        now(worker("two").link("two").hold(List.of(9)));
        List<Lease> leases = now(one.lease(0, 10));
        now(worker("one")
                .link("one")
                .defer(List.of(new SiteLink.Deferred(leases.getFirst().token(), 9, 0))));
        assertThat(now(one.lease(0, 10)))
                .as("not for the one that gave it back")
                .isEmpty();
        assertThat(now(two.lease(0, 10)))
                .extracting(Lease::endpointId)
                .containsExactly(leases.getFirst().endpointId());
    }

    @Test
    void whatHasNoRoomYetComesBackInItsTimeEvenIfSomebodyAskedForIt() {
        long due = estate.targets(1).getFirst();
        LeaseSource one = worker("one");
        SiteLink link = worker("one").link("one");
        Lease first = now(one.lease(0, 10)).getFirst();
        now(link.defer(List.of(new SiteLink.Deferred(first.token(), 3, 60_000))));
        estate.scanNow(due, null);
        Lease wanted = now(one.lease(0, 10)).getFirst();
        now(link.defer(List.of(new SiteLink.Deferred(wanted.token(), 3, 60_000))));
        assertThat(now(one.lease(0, 10))).as("given back for a minute").isEmpty();
        estate.database.sql().change("UPDATE schedule SET next_at = next_at - interval '61 s'");
        assertThat(now(one.lease(0, 10))).hasSize(1);
        estate.database
                .sql()
                .change("UPDATE schedule SET lease_until = now() - interval '1 s', next_at = now() + interval '1 day'");
        assertThat(now(one.lease(0, 10))).as("wanted still, its worker is dead").hasSize(1);
    }

    @Test
    void aPausedEndpointStaysPausedWhenItsScanIsGivenBack() {
        long paused = estate.targets(1).getFirst();
        estate.database.sql().change("UPDATE schedule SET next_at = 'infinity'");
        estate.scanNow(paused, null);
        LeaseSource one = worker("one");
        Lease wanted = now(one.lease(0, 10)).getFirst();
        now(worker("one").link("one").defer(List.of(new SiteLink.Deferred(wanted.token(), 3, 0))));
        Lease again = now(one.lease(0, 10)).getFirst();
        now(one.release(List.of(again.token())));
        assertThat(estate.database.sql().rows("SELECT 1 FROM schedule WHERE next_at = 'infinity'"))
                .hasSize(1);
    }

    @Test
    void workersShareWhatIsKnownToLieSomewhere() {
        List<Long> ids = estate.targets(4);
        for (int i = 0; i < 4; i++) {
            estate.database.sql().change("UPDATE schedule SET shard = $2 WHERE endpoint_id = $1", ids.get(i), i + 1);
        }
        DatabaseLeases one = worker("one");
        DatabaseLeases two = worker("two");
        now(one.link("one").report(new Presence("1.0", 0, 0, 0, false)));
        SiteRules second = now(two.link("two").report(new Presence("1.0", 0, 0, 0, false)));
        assertThat(second.rank()).isOne();
        assertThat(second.owns(3)).isTrue();
        assertThat(now(two.lease(0, 10)))
                .extracting(Lease::endpointId)
                .containsExactlyInAnyOrder(ids.get(0), ids.get(2));
        assertThat(now(one.lease(0, 10)))
                .extracting(Lease::endpointId)
                .containsExactlyInAnyOrder(ids.get(1), ids.get(3));
    }

    @Test
    void aWorkerThatReportsIsCountedAndOneThatLeavesIsNot() {
        SiteLink one = worker("one").link("one");
        SiteRules rules = now(one.report(new Presence("1.0", 5_000, 3, 12, false)));
        assertThat(rules.site()).isEqualTo("local");
        assertThat(rules.workers()).isEqualTo(1);
        assertThat(rules.ratePerNetwork()).isEqualTo(50);
        assertThat(now(worker("two").link("two").report(new Presence("1.0", 0, 0, 0, false)))
                        .workers())
                .isEqualTo(2);
        assertThat(estate.count("worker WHERE id = 'one' AND leases_held = 3 AND scans = 12"
                        + " AND started_at BETWEEN now() - interval '15 s' AND now() - interval '5 s'"))
                .isOne();
        now(one.leave());
        assertThat(now(worker("two").link("two").report(new Presence("1.0", 0, 0, 0, false)))
                        .workers())
                .isOne();
    }

    @Test
    void whatIsBlockedIsNotGivenEvenWhenAskedFor() {
        List<Long> ids = estate.targets(3);
        String host = estate.database
                .sql()
                .one("SELECT host FROM target WHERE id = $1", ids.get(1))
                .getString("host");
        Blocks blocks = new Blocks(estate.database.sql());
        long block = blocks.add(host, "asked to be left alone", "test", null).id();
        estate.scanNow(ids.get(1), null);
        assertThat(now(worker("one").lease(0, 10)))
                .extracting(Lease::endpointId)
                .containsExactlyInAnyOrder(ids.get(0), ids.get(2));
        assertThat(estate.count("scan_request")).isZero();
        assertThat(estate.count(
                        "schedule WHERE next_at > now() + interval '50 min' AND lease_token IS NULL AND attempts = 0"))
                .isOne();
        blocks.remove(block);
        assertThat(estate.count("schedule WHERE next_at > now() + interval '1 min'"))
                .as("once the block is lifted")
                .isZero();
    }

    @Test
    void aBlockThatEndedBlocksNothing() {
        estate.targets(1);
        new Blocks(estate.database.sql()).add("example", "for a while", "test", Instant.parse("2001-01-01T00:00:00Z"));
        assertThat(now(worker("one").lease(0, 10))).hasSize(1);
    }

    @Test
    void aQuietSiteScansOnlyWhatSomebodyAskedFor() {
        List<Long> ids = estate.targets(2);
        quiet(null);
        estate.scanNow(ids.getFirst(), null);
        assertThat(now(worker("one").lease(0, 10)))
                .extracting(Lease::endpointId)
                .containsExactly(ids.getFirst());
        assertThat(estate.count("schedule WHERE next_at > now()"))
                .as("nothing else is touched")
                .isZero();
    }

    @Test
    void maintenanceOfATagPostponesItsTargetsToTheEnd() {
        List<Long> ids = estate.targets(3);
        estate.database.sql().change("UPDATE target SET tags = '{\"app\": \"shop\"}' WHERE id = $1", ids.get(2));
        quiet("app:shop");
        assertThat(now(worker("one").lease(0, 10)))
                .extracting(Lease::endpointId)
                .containsExactlyInAnyOrder(ids.get(0), ids.get(1));
        assertThat(estate.count("schedule WHERE next_at >= '2100-01-01'")).isOne();
    }

    private void quiet(@org.jspecify.annotations.Nullable String tag) {
        QuietWindow window = new QuietWindow(
                tag,
                null,
                null,
                null,
                List.of(),
                null,
                Instant.parse("2001-01-01T00:00:00Z"),
                Instant.parse("2100-01-01T00:00:00Z"));
        sites.put(
                "local",
                null,
                null,
                null,
                new SiteSettings(List.of(), List.of(), null, null, null, null, Map.of(), List.of(window)));
    }

    private static <T> T now(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }
}

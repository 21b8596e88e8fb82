package io.tlsfleet.store.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.TestEstate;
import io.tlsfleet.store.inventory.ScanRules.Rule;
import io.tlsfleet.store.lease.LeaseSettings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScanRulesTest {
    private final TestEstate estate = new TestEstate();

    @AfterEach
    void close() {
        estate.close();
    }

    @Test
    void whatATargetIsSilentAboutItsRulesSay() {
        long shop = put("shop.corp.example", "web", Map.of("env", "prod"), null, null);
        long lab = put("lab.corp.example", "web", Map.of("env", "lab"), null, null);
        long own = put(
                "own.corp.example",
                "web",
                Map.of("env", "prod", "expectIdentity", "spiffe://own/x"),
                777,
                Depth.CERTIFICATE);
        long other = put("corp.example.net", null, Map.of(), null, null);
        rule(new Rule(null, null, null, null, 40_000, null, null));
        rule(new Rule("*.Corp.example", null, null, null, 30_000, Depth.FULL, null));
        rule(new Rule("*.corp.example", "web", null, null, 20_000, null, null));
        rule(new Rule(null, null, "env:prod", null, null, Depth.CERTIFICATE, "spiffe://prod/web"));
        follow();

        assertThat(intervals())
                .containsOnly(
                        Map.entry(shop, 20_000), Map.entry(lab, 20_000), Map.entry(own, 777), Map.entry(other, 40_000));
        Map<Long, Target> leased = leased();
        assertThat(leased(shop, leased).depth())
                .as("two ask for one thing: the later")
                .isEqualTo(Depth.CERTIFICATE);
        assertThat(leased(shop, leased).tags()).containsEntry("expectIdentity", "spiffe://prod/web");
        assertThat(leased(lab, leased).depth()).isEqualTo(Depth.FULL);
        assertThat(leased(lab, leased).tags()).doesNotContainKey("expectIdentity");
        assertThat(leased(own, leased).tags()).containsEntry("expectIdentity", "spiffe://own/x");
        assertThat(leased(own, leased).depth()).isEqualTo(Depth.CERTIFICATE);
        assertThat(leased(other, leased).depth()).isNull();
        Targets.Kept kept = new Targets(estate.database.sql()).find(lab).orElseThrow();
        assertThat(kept.depth()).isNull();
        assertThat(Objects.requireNonNull(kept.byRule()).path("depth").asText()).isEqualTo("full");
    }

    @Test
    void theScheduleFollowsARuleThatComesAndGoes() {
        long id = put("a.example", null, Map.of(), null, null);
        estate.database.sql().change("UPDATE schedule SET next_at = now() + interval '20 hours'");
        ScanRules.Kept rule = rule(new Rule("a.example", null, null, "local", 600, null, null));
        follow();
        assertThat(intervals()).containsEntry(id, 600);
        assertThat(estate.count("schedule WHERE next_at > now() + interval '10 min'"))
                .isZero();
        long later = estate.put(List.of(TestEstate.target("a.example", 8443))).getFirst();
        assertThat(intervals()).as("a target that comes later").containsEntry(later, 600);

        ScanRules.Kept same = rule(new Rule("a.example", null, null, "local", 900, null, null));
        assertThat(same.id()).as("what asks the same is the same rule").isEqualTo(rule.id());
        follow();
        assertThat(intervals()).containsEntry(id, 900);
        estate.database.inTransaction(sql -> new ScanRules(sql).remove(rule.id()));
        follow();
        assertThat(intervals()).containsEntry(id, Targets.DEFAULT_INTERVAL_SECONDS);
    }

    @Test
    void aPatternsSignsStandForThemselves() {
        long one = put("a_b.example", null, Map.of(), null, null);
        long two = put("axb.example", null, Map.of(), null, null);
        rule(new Rule("a_b*", null, null, null, 600, null, null));
        rule(new Rule("%", null, null, null, 700, null, null));
        follow();
        assertThat(intervals()).containsOnly(Map.entry(one, 600), Map.entry(two, Targets.DEFAULT_INTERVAL_SECONDS));
    }

    private static Target leased(long id, Map<Long, Target> leased) {
        return Objects.requireNonNull(leased.get(id));
    }

    private long put(
            String host,
            @Nullable String owner,
            Map<String, String> tags,
            @Nullable Integer interval,
            @Nullable Depth depth) {
        return estate.put(
                        List.of(new Target(host, 443, null, null, List.of(), depth, tags, owner, null, null, interval)))
                .getFirst();
    }

    private ScanRules.Kept rule(Rule rule) {
        return estate.database.inTransaction(sql -> new ScanRules(sql).put(rule, "me"));
    }

    private void follow() {
        Optional<Long> last = Optional.of(0L);
        while (last.isPresent()) {
            last = ScanRules.follow(estate.database, last.get());
        }
    }

    private Map<Long, Integer> intervals() {
        Map<Long, Integer> intervals = new HashMap<>();
        estate.database
                .sql()
                .rows("SELECT endpoint_id, interval_seconds FROM schedule")
                .forEach(row ->
                        intervals.put(Columns.number(row, "endpoint_id"), Columns.integer(row, "interval_seconds")));
        return intervals;
    }

    private Map<Long, Target> leased() {
        Map<Long, Target> leased = new HashMap<>();
        for (Lease lease : estate.leases(LeaseSettings.DEFAULT)
                .lease(0, 100)
                .toCompletableFuture()
                .join()) {
            leased.put(lease.endpointId(), lease.target());
        }
        return leased;
    }
}

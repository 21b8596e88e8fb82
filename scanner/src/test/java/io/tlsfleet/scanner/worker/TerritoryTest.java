package io.tlsfleet.scanner.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tlsfleet.fleet.lease.Presence;
import io.tlsfleet.fleet.lease.SiteLink;
import io.tlsfleet.fleet.lease.SiteRules;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TerritoryTest {
    private final AtomicLong now = new AtomicLong(-1);
    private final Holding source = new Holding();
    private final Territory territory = new Territory(source, now::get);

    @BeforeEach
    void start() {
        territory.share(rules(1, 0));
        territory.start();
    }

    @AfterEach
    void close() {
        territory.close();
    }

    @Test
    void whatBecameAnothersIsLetGoOfOnceItIsLeft() throws Exception {
        territory.enter(Set.of(2));
        territory.enter(Set.of(3));
        territory.enter(Set.of(5));
        territory.leave(Set.of(3));
        territory.leave(Set.of(2));

        pass(Duration.ofSeconds(1));
        territory.share(rules(2, 0));
        assertThat(source.held).as("a second after the last scan").containsExactly(2, 3, 5);

        pass(Duration.ofSeconds(2));
        territory.share(rules(2, 0));
        assertThat(source.held).as("2 is ours, in 5 is somebody").containsExactly(2, 5);
        assertThatThrownBy(() -> territory.enter(Set.of(3))).isInstanceOf(NotNow.class);
        territory.enter(Set.of(5));
        territory.leave(Set.of(5));
        territory.leave(Set.of(5));

        pass(Duration.ofSeconds(3));
        territory.share(rules(2, 0));
        assertThat(source.held).containsExactly(2);
        assertThatThrownBy(() -> territory.enter(Set.of(5))).isInstanceOf(NotNow.class);
    }

    @Test
    void keepsWhatIsStillItsOwn() throws Exception {
        territory.enter(Set.of(4));
        territory.leave(Set.of(4));
        pass(Duration.ofSeconds(9));
        territory.share(rules(4, 0));
        assertThat(source.held).containsExactly(4);
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    private static SiteRules rules(int workers, int rank) {
        return new SiteRules(
                "local", false, workers, rank, List.of(), List.of(), List.of(), 2, 10, 50, 0, Map.of(), null);
    }

    private static final class Holding implements SiteLink {
        final Set<Integer> held = new ConcurrentSkipListSet<>();

        @Override
        public CompletionStage<SiteRules> report(Presence presence) {
            return CompletableFuture.failedFuture(new UnsupportedOperationException());
        }

        @Override
        public CompletionStage<List<Integer>> hold(List<Integer> shards) {
            held.addAll(shards);
            return CompletableFuture.completedFuture(shards);
        }

        @Override
        public CompletionStage<Void> letGo(List<Integer> shards) {
            shards.forEach(held::remove);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<Void> defer(List<Deferred> leases) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<Void> leave() {
            return CompletableFuture.completedFuture(null);
        }
    }
}

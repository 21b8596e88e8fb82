package io.tlsfleet.launcher;

import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.policy.Judge;
import io.tlsfleet.fleet.policy.Memory;
import io.tlsfleet.fleet.policy.PolicyBook;
import io.tlsfleet.fleet.policy.TrustBook;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.scanner.cli.Stores;
import io.tlsfleet.scanner.cli.TrustOptions;
import io.tlsfleet.store.ingest.Judging;
import io.tlsfleet.store.policy.CurrentPolicies;
import io.tlsfleet.tls.x509.TrustStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;

/**
 * The judge beside the database: the policies in force for the target, the trust stores of the process, and
 * the anchors that the operator gave for the target or its site.
 */
record SiteJudging(List<TrustStore> stores, Supplier<PolicyBook> policies, Supplier<TrustBook> trust)
        implements Judging {
    private static final Duration STANDS = Duration.ofHours(12);

    static SiteJudging by(List<TrustStore> stores) {
        return new SiteJudging(List.copyOf(stores), () -> PolicyBook.SHIPPED, () -> TrustBook.NONE);
    }

    /** {@code more}: what the command itself adds to {@code --trust}. */
    static SiteJudging by(TrustOptions trust, List<Path> more) {
        try {
            return by(trust.stores(List.of("mozilla"), more));
        } catch (Stores.Unusable e) {
            throw Refusal.usage(String.valueOf(e.getMessage()));
        }
    }

    SiteJudging by(CurrentPolicies current) {
        return new SiteJudging(stores, current, current::trust);
    }

    /** The stores of the process and what is trusted for this target. */
    List<TrustStore> of(Target target) {
        return trust.get().of(target, stores);
    }

    @Override
    public Judged judge(Target target, Observation observation, Memory memory, Instant at) {
        List<TrustStore> asked = of(target);
        return new Judged(Judge.judge(observation, policies.get().of(target), asked, memory, at), at.plus(STANDS));
    }
}

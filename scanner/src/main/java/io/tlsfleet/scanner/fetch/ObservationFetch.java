package io.tlsfleet.scanner.fetch;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.tls.x509.TrustStore;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Adds to an observation what its chains point to: issuers that were left out at every depth, what the issuers say of
 * the certificates now at depth {@code full} alone. A site that must not tell outsiders its names goes without this.
 */
public final class ObservationFetch {
    private final ChainFetch fetch;
    private final List<TrustStore> stores;

    private final Function<Target, List<TrustStore>> ofTarget;

    public ObservationFetch(ChainFetch fetch, List<TrustStore> stores) {
        this(fetch, stores, target -> stores);
    }

    /** {@code ofTarget}: with the anchors that are for this target alone; a responder is asked by its issuer's key. */
    public ObservationFetch(ChainFetch fetch, List<TrustStore> stores, Function<Target, List<TrustStore>> ofTarget) {
        this.fetch = fetch;
        this.stores = List.copyOf(stores);
        this.ofTarget = ofTarget;
    }

    public Observation complete(Observation observation) throws InterruptedException {
        return complete(observation, stores);
    }

    public Observation complete(Observation observation, Target target) throws InterruptedException {
        return complete(observation, ofTarget.apply(target));
    }

    private Observation complete(Observation observation, List<TrustStore> asked) throws InterruptedException {
        List<Observation.ServedChain> served = observation.served();
        if (served == null || served.isEmpty()) {
            return observation;
        }
        boolean revocation = observation.scan().depth() == Depth.FULL;
        List<Observation.ServedChain> completed = new ArrayList<>(served.size());
        for (Observation.ServedChain chain : served) {
            List<Observation.Fetched> fetched = new ArrayList<>(chain.fetched());
            fetched.addAll(fetch.fetch(chain.chain(), asked, revocation));
            completed.add(new Observation.ServedChain(
                    chain.servedOn(),
                    chain.servedWithoutSni(),
                    chain.chain(),
                    chain.staples(),
                    chain.tlsScts(),
                    fetched));
        }
        return observation.withServed(completed);
    }
}

package io.tlsfleet.scanner.fetch;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.tls.x509.TrustStore;
import java.util.ArrayList;
import java.util.List;

/**
 * Adds to an observation what its chains point to: issuers that were left out at every depth, what the issuers say of
 * the certificates now at depth {@code full} alone. A site that must not tell outsiders its names goes without this.
 */
public final class ObservationFetch {
    private final ChainFetch fetch;
    private final List<TrustStore> stores;

    public ObservationFetch(ChainFetch fetch, List<TrustStore> stores) {
        this.fetch = fetch;
        this.stores = List.copyOf(stores);
    }

    public Observation complete(Observation observation) throws InterruptedException {
        List<Observation.ServedChain> served = observation.served();
        if (served == null || served.isEmpty()) {
            return observation;
        }
        boolean revocation = observation.scan().depth() == Depth.FULL;
        List<Observation.ServedChain> completed = new ArrayList<>(served.size());
        for (Observation.ServedChain chain : served) {
            List<Observation.Fetched> fetched = new ArrayList<>(chain.fetched());
            fetched.addAll(fetch.fetch(chain.chain(), stores, revocation));
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

package io.tlsfleet.store.lease;

import io.tlsfleet.fleet.lease.LeaseSource;
import io.tlsfleet.fleet.lease.LeaseSourceContract;
import io.tlsfleet.store.TestEstate;
import org.junit.jupiter.api.AfterEach;

class DatabaseLeasesContractTest implements LeaseSourceContract {
    private final TestEstate estate = new TestEstate();
    private final LeaseSource source = estate.leases(LeaseSettings.DEFAULT);

    @AfterEach
    void close() {
        estate.close();
    }

    @Override
    public void due(int endpoints) {
        estate.targets(endpoints);
    }

    @Override
    public LeaseSource source() {
        return source;
    }
}

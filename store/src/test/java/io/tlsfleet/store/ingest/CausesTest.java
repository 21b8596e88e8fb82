package io.tlsfleet.store.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.lease.LeaseSource.Completed;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.TestEstate;
import io.tlsfleet.store.lease.DatabaseLeases;
import io.tlsfleet.store.lease.LeaseSettings;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CausesTest {
    private final TestEstate estate = new TestEstate();
    private final DatabaseLeases leases = estate.leases(LeaseSettings.DEFAULT);

    @AfterEach
    void close() {
        estate.close();
    }

    private void scan(String host, String... accepted) {
        estate.database.sql().run("UPDATE schedule SET next_at = now() - interval '1 s', lease_until = '-infinity'");
        for (Lease lease : leases.lease(0, 100).toCompletableFuture().join()) {
            if (lease.target().host().equals(host)) {
                leases.complete(List.of(new Completed(
                                lease.endpointId(), lease.token(), List.of(TestEstate.complete(host, accepted)))))
                        .toCompletableFuture()
                        .join();
            }
        }
    }

    private List<String> texts(String sql) {
        return estate.database.sql().rows("SELECT (" + sql + ")::text AS x").stream()
                .map(r -> Columns.text(r, "x"))
                .toList();
    }

    @Test
    void endpointsOfOneConfigurationShareACauseAndOthersDoNot() {
        for (String host : List.of("a.example", "b.example", "c.example")) {
            estate.target(host);
        }
        scan("a.example", "TLSv1.0", "TLSv1.2");
        scan("b.example", "TLSv1.0", "TLSv1.2");
        scan("c.example", "TLSv1.0", "TLSv1.1", "TLSv1.2");
        assertThat(texts("SELECT count(DISTINCT cause) FROM finding WHERE rule = 'protocol.tls10-accepted'"))
                .containsExactly("2");
        assertThat(texts("SELECT min(cause) FROM finding WHERE rule = 'protocol.tls10-accepted'"))
                .allSatisfy(c -> assertThat(c).startsWith("configuration:"));
    }

    @Test
    void aFindingThatStaysUnderAnotherConfigurationSaysWhatItHungOnBefore() {
        estate.target("a.example");
        scan("a.example", "TLSv1.0", "TLSv1.2");
        String before = texts("SELECT cause FROM finding WHERE rule = 'protocol.tls10-accepted'")
                .getFirst();
        scan("a.example", "TLSv1.0", "TLSv1.2", "TLSv1.3");
        assertThat(
                        texts(
                                "SELECT kind || ' ' || was FROM alert_event WHERE rule = 'protocol.tls10-accepted' AND was IS NOT NULL"))
                .containsExactly("changed " + before);
        assertThat(texts("SELECT count(*) FROM alert_event WHERE judged_anew")).containsExactly("0");
    }
}

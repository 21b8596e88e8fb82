package io.tlsfleet.store.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.Facts;
import io.tlsfleet.fleet.Pki;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.store.Columns;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What another site sees of the same name: told of where both looked again, and nowhere else. */
class ElsewhereTest extends Remembering {
    @Test
    void sitesThatSeeDifferentAnswersAreToldOfWithBothAnswersOnceBothLookedAgain() {
        long here = target("split.example", "web");
        long there = at("internet", "split.example");
        String rule = "endpoint.sites-differ";
        List<byte[]> other = List.of(Pki.leaf(l -> l.key = "P-384").der(), Pki.INTERMEDIATE.der());
        UnaryOperator<Facts> outside = f -> f.served(Pki.served(other))
                .endpoint("split.example", "198.51.100.9", 443, "split.example", null)
                .accepts("TLSv1.1", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA");
        scanned(here, f -> f);
        scanned(there, outside);
        assertThat(judged(there, rule)).as("one look is none").isEmpty();
        assertThat(secondsToNext(here)).as("both are asked again soon").isLessThan(60);
        assertThat(secondsToNext(there)).isLessThan(60);
        for (int look = 0; look < 3; look++) {
            scanned(here, f -> f);
            scanned(there, outside);
        }
        assertThat(finding(here, rule)).isEqualTo("medium");
        assertThat(finding(there, rule)).isEqualTo("medium");
        assertThat(judged(there, rule))
                .contains("Site local (192.0.2.7) sees another answer than site internet (198.51.100.9)")
                .contains("protocol TLSv1.1 refused from local, accepted from internet", "certificate ECDSA ");
        assertThat(judged(here, rule)).contains("protocol TLSv1.1 accepted from internet, refused from local");
        // mended on one side: the other side, where nothing changed, is looked at soon and says so no more
        estate.database.sql().change("UPDATE schedule SET next_at = now() + interval '1 day'");
        scanned(there, f -> f.endpoint("split.example", "198.51.100.9", 443, "split.example", null));
        assertThat(finding(there, rule)).isEmpty();
        assertThat(secondsToNext(here)).isLessThan(60);
        scanned(here, f -> f);
        assertThat(finding(here, rule)).isEmpty();
    }

    @Test
    void aBalancerThatAnswersInTurnsAndAddressesThatDifferAreNoDifferenceOfSites() {
        long here = target("turns.example", "web");
        long there = at("internet", "turns.example");
        Observation.ServedChain second = Pki.served(l -> l.key = "P-384");
        for (int look = 0; look < 6; look++) {
            boolean even = look % 2 == 0;
            scanned(here, f -> even ? f : f.served(second));
            scanned(
                    there,
                    f -> (even ? f.served(second) : f)
                            .endpoint("turns.example", "198.51.100.9", 443, "turns.example", null));
        }
        assertThat(estate.count("finding WHERE rule = 'endpoint.sites-differ'")).isZero();
        estate.database.sql().change("UPDATE schedule SET next_at = now() + interval '1 day'");
        scanned(here, f -> f);
        assertThat(secondsToNext(there)).as("nothing keeps them busy").isGreaterThan(3600);
    }

    @Test
    void aNameThatIsLedElsewhereAtOneSiteIsADifferenceThoughItsOldAddressAnsweredYesterday() {
        long here = target("led.example", "web");
        long there = at("internet", "led.example");
        Observation.ServedChain other = Pki.served(l -> l.key = "P-384");
        scanned(here, f -> f);
        scanned(there, f -> f);
        for (int look = 0; look < 4; look++) {
            scanned(there, f -> f.served(other).endpoint("led.example", "203.0.113.66", 443, "led.example", null));
            scanned(here, f -> f);
        }
        assertThat(finding(there, "endpoint.sites-differ")).isEqualTo("medium");
        assertThat(finding(here, "endpoint.sites-differ"))
                .as("what it shows was seen from both sites")
                .isEmpty();
    }

    @Test
    void aSiteThatWasNotHeardOfLatelyIsNotComparedWith() {
        long here = target("stale.example", "web");
        long there = at("internet", "stale.example");
        Observation.ServedChain other = Pki.served(l -> l.key = "P-384");
        for (int look = 0; look < 3; look++) {
            scanned(there, f -> f.served(other));
            scanned(here, f -> f);
        }
        scanned(there, f -> f.served(other));
        assertThat(judged(here, "endpoint.sites-differ")).isNotEmpty();
        estate.database
                .sql()
                .change("UPDATE address SET last_at = now() - interval '49 hours' WHERE endpoint_id = $1", there);
        assertThat(judged(here, "endpoint.sites-differ")).isEmpty();
        assertThat(judged(there, "endpoint.sites-differ")).isNotEmpty();
    }

    private long secondsToNext(long id) {
        return Columns.number(
                estate.database
                        .sql()
                        .one(
                                "SELECT extract(epoch FROM next_at - now())::bigint AS n FROM schedule WHERE endpoint_id = $1",
                                id),
                "n");
    }

    private long at(String site, String host) {
        return estate.put(
                        List.of(new Target(host, 443, null, null, List.of(), null, Map.of(), "web", site, null, null)))
                .getFirst();
    }
}

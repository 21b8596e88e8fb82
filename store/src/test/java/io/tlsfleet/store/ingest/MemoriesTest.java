package io.tlsfleet.store.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.fleet.Facts;
import io.tlsfleet.fleet.Pki;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.tls.x509.CertificateFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Rules that one scan cannot decide, judged from what the store remembers: each once where it speaks and once where not. */
class MemoriesTest extends Remembering {
    @Test
    void aKeyOfTwoOwnersIsSharedAndAKeyOfOneIsNot() {
        long shop = target("shop.example", "web");
        long blog = target("blog.example", "blog");
        long mine = target("mine.example", "web");
        serves(shop, "P-256");
        serves(blog, "P-256");
        serves(mine, "P-384");
        assertThat(judged(shop, "certificate.key-shared")).contains("2 endpoints", "blog", "web");
        assertThat(finding(blog, "certificate.key-shared"))
                .as("the second one is told at its first scan")
                .isEqualTo("medium");
        assertThat(judged(mine, "certificate.key-shared")).isEmpty();
    }

    @Test
    void aTicketKeyThatStaysIsNotRotatedAndOneOfAnotherOwnerIsShared() {
        long shop = target("shop.example", "web");
        long blog = target("blog.example", "blog");
        long mine = target("mine.example", "web");
        scanned(shop, f -> f.resumption(ticketKey("aa")));
        scanned(blog, f -> f.resumption(ticketKey("aa")));
        scanned(mine, f -> f.resumption(ticketKey("bb")));
        assertThat(judged(shop, "resumption.ticket-key-not-rotated")).isEmpty();
        assertThat(judged(shop, "resumption.ticket-key-shared")).contains("blog");
        assertThat(judged(mine, "resumption.ticket-key-shared")).isEmpty();
        estate.database
                .sql()
                .change(
                        "UPDATE ticket_key SET first_seen = now() - interval '41 days 1 hour' WHERE endpoint_id = $1",
                        shop);
        assertThat(judged(shop, "resumption.ticket-key-not-rotated")).contains("41 days", "24 hours");
        assertThat(judged(blog, "resumption.ticket-key-not-rotated")).isEmpty();
    }

    @Test
    void aTicketKeyThatWasReplacedIsNotHeldAgainstTheEndpoint() {
        long shop = target("shop.example", "web");
        scanned(shop, f -> f.resumption(ticketKey("aa")));
        estate.database
                .sql()
                .change(
                        "UPDATE ticket_key SET first_seen = now() - interval '9 days', last_seen = now() - interval '1 day'");
        scanned(shop, f -> f.resumption(ticketKey("bb")));
        assertThat(judged(shop, "resumption.ticket-key-not-rotated")).isEmpty();
    }

    @Test
    void aRenewedCertificateThatIsNotServedIsToldOfOnceItIsKnown() {
        long a = target("shop.example", "web");
        long b = target("shop.example", 8443, "web");
        Observation.ServedChain old = Pki.served(l -> {});
        Observation.ServedChain renewed = Pki.served(l -> l.from = Pki.FROM.plus(Duration.ofDays(45)));
        Observation.ServedChain stranger = Pki.served(l -> {
            l.from = Pki.FROM.plus(Duration.ofDays(46));
            l.names = List.of("shop.example", "other.example");
        });
        scanned(a, f -> f.served(old));
        assertThat(judged(a, "certificate.renewed-not-served")).isEmpty();
        scanned(b, f -> f.served(stranger));
        assertThat(judged(a, "certificate.renewed-not-served")).isEmpty();
        scanned(b, f -> f.served(renewed));
        assertThat(judged(a, "certificate.renewed-not-served")).contains("shop.example:8443");
        assertThat(judged(b, "certificate.renewed-not-served")).isEmpty();
    }

    @Test
    void whatAClusterIssuedAndTheServerDoesNotServeYetIsToldOf() {
        Observation.ServedChain old = Pki.served(l -> {});
        Observation.ServedChain issued = Pki.served(l -> l.from = Pki.FROM.plus(Duration.ofDays(45)));
        CertificateFacts facts = CertificateFacts.read(issued.chain().getFirst());
        Map<String, String> tags = Map.of(
                "kubernetes", "ingress shop/web",
                "issuedSha256", facts.sha256(),
                "issuedNotBefore", String.valueOf(facts.notBefore()),
                "issuedNotAfter", String.valueOf(facts.notAfter()));
        long id = estate.put(List.of(
                        new Target("k8s.example", 443, null, null, List.of(), null, tags, "web", null, null, null)))
                .getFirst();
        scanned(id, f -> f.served(old));
        assertThat(judged(id, "certificate.renewed-not-served")).contains("ingress shop/web");
        scanned(id, f -> f.served(issued));
        assertThat(judged(id, "certificate.renewed-not-served")).isEmpty();
    }

    @Test
    void anIntermediateThatEndsFirstNamesHowManyHangOnIt() {
        Pki.Issued weak = Pki.ca("CN=Test CA short,O=Example", Pki.ROOT, Duration.ofDays(740));
        List<Long> ids = List.of(target("a.example", "web"), target("b.example", "web"), target("c.example", "web"));
        for (long id : ids) {
            byte[] leaf = Pki.leaf(l -> {
                        l.issuer = weak;
                        l.life = Duration.ofDays(390);
                    })
                    .der();
            scanned(id, f -> f.served(Pki.served(List.of(leaf, weak.der()))));
        }
        assertThat(judged(ids.getFirst(), "certificate.intermediate-expires-first"))
                .contains("3 endpoints hang on it");
        long good = target("d.example", "web");
        scanned(good, f -> f);
        assertThat(judged(good, "certificate.intermediate-expires-first")).isEmpty();
    }

    @Test
    void addressesThatDifferAreToldApart() {
        long id = target("shop.example", "web");
        scanned(id, f -> f.endpoint("shop.example", "192.0.2.1", 443, "shop.example", null));
        scanned(id, f -> f.endpoint("shop.example", "192.0.2.2", 443, "shop.example", null));
        assertThat(judged(id, "certificate.inconsistent-addresses")).isEmpty();
        scanned(
                id,
                f -> f.endpoint("shop.example", "192.0.2.3", 443, "shop.example", null)
                        .accepts("TLSv1.1", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"));
        assertThat(finding(id, "certificate.inconsistent-addresses")).isEqualTo("medium");
        assertThat(judged(id, "certificate.inconsistent-addresses"))
                .contains("192.0.2.1 and 192.0.2.2 have other settings than 192.0.2.3");
    }

    /** A scan brings all addresses at once: none is judged by what another one was before. */
    @Test
    void addressesOfOneScanAreToldApartAtOnceAndAgreeAtOnce() {
        long id = target("shop.example", "web");
        UnaryOperator<Facts> one = f -> f.endpoint("shop.example", "192.0.2.1", 443, "shop.example", null);
        UnaryOperator<Facts> two = f -> f.endpoint("shop.example", "192.0.2.2", 443, "shop.example", null);
        UnaryOperator<Facts> old = f -> two.apply(f).accepts("TLSv1.1", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA");
        scanned(id, List.of(one, old));
        assertThat(finding(id, "certificate.inconsistent-addresses")).isEqualTo("medium");
        scanned(id, List.of(one, two));
        assertThat(finding(id, "certificate.inconsistent-addresses")).isEmpty();
        scanned(id, List.of(one, old));
        assertThat(finding(id, "certificate.inconsistent-addresses")).isEqualTo("medium");
        scanned(id, List.of(one, two));
        assertThat(finding(id, "certificate.inconsistent-addresses"))
                .as("mended")
                .isEmpty();
    }

    @Test
    void aRenewalThatIsLateByTheEndpointsOwnHabitIsToldOf() {
        Instant now = Instant.now();
        long late = target("late.example", "web");
        long usual = target("usual.example", "web");
        history(late, now, 30, 0.5);
        history(usual, now, 30, 0.95);
        byte[] leaf = Pki.leaf(l -> {
                    l.from = now.minus(Duration.ofDays(24)).truncatedTo(java.time.temporal.ChronoUnit.SECONDS);
                    l.life = Duration.ofDays(30);
                    l.names = List.of("shop.example", "habit.example");
                })
                .der();
        for (long id : List.of(late, usual)) {
            scanned(id, f -> f.served(Pki.served(List.of(leaf, Pki.INTERMEDIATE.der()))));
            began(id, now.minus(Duration.ofDays(24)));
        }
        assertThat(judged(late, "certificate.renewal-overdue")).contains("80 %", "50 %");
        assertThat(judged(usual, "certificate.renewal-overdue")).isEmpty();
    }

    @Test
    void aRenewalWindowThatIsPastIsToldOf() {
        long id = target("shop.example", "web");
        scanned(id, f -> f);
        assertThat(judged(id, "certificate.renewal-overdue")).isEmpty();
        estate.database.sql().change("""
                INSERT INTO renewal_window (sha256, starts, ends, explanation, asked_at, next_at)
                SELECT leaf_sha256, now() - interval '3 days', now() - interval '1 day', 'https://ca.example/incident', now(), now()
                FROM endpoint WHERE id = $1""", id);
        assertThat(judged(id, "certificate.renewal-overdue")).contains("https://ca.example/incident");
    }

    @Test
    void anIssuerThatDoesNotBackdateIsToldOfAndOneThatDoesIsNot() {
        Instant now = Instant.now().truncatedTo(java.time.temporal.ChronoUnit.SECONDS);
        Pki.Issued prompt = Pki.ca("CN=Prompt CA,O=Example", Pki.ROOT, Duration.ofDays(1825));
        Pki.Issued careful = Pki.ca("CN=Careful CA,O=Example", Pki.ROOT, Duration.ofDays(1825));
        long last = 0;
        for (int i = 0; i < 2; i++) {
            last = target("p" + i + ".example", "web");
            served(last, prompt, now.minusSeconds(20 + i));
        }
        long good = 0;
        for (int i = 0; i < 2; i++) {
            good = target("c" + i + ".example", "web");
            served(good, careful, now.minusSeconds(3600 + i));
        }
        assertThat(judged(last, "certificate.not-backdated")).contains("Prompt CA");
        assertThat(judged(good, "certificate.not-backdated")).isEmpty();
    }

    @Test
    void aFallOfCoverageIsToldOfAndAShallowScanIsNone() {
        long id = target("shop.example", "web");
        scanned(id, f -> f);
        UnaryOperator<Facts> hidden = f -> f.unknown("/protocols", Reason.RATE_LIMITED)
                .unknown("/cipherSuites", Reason.RATE_LIMITED)
                .unknown("/groups", Reason.RATE_LIMITED)
                .unknown("/features", Reason.RATE_LIMITED)
                .unknown("/tolerance", Reason.RATE_LIMITED)
                .unknown("/signatureSchemes", Reason.RATE_LIMITED);
        scanned(id, hidden);
        assertThat(finding(id, "endpoint.coverage-fell")).isEqualTo("low");
        assertThat(judged(id, "endpoint.coverage-fell")).contains("were last time");
        long shallow = target("other.example", "web");
        scanned(shallow, f -> f);
        scanned(
                shallow,
                f -> f.without("suites", "groups", "features", "tolerance", "schemes", "resumption")
                        .unknown("/dns", Reason.DNS_FAILURE));
        assertThat(judged(shallow, "endpoint.coverage-fell")).isEmpty();
    }

    @Test
    void whatChangedIsStillSaidWhenTheSameIsJudgedAgain() {
        long id = target("shop.example", "web");
        scanned(id, f -> f);
        scanned(id, f -> f.accepts("TLSv1.1", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"));
        assertThat(finding(id, "endpoint.changed")).isEqualTo("info");
        assertThat(judged(id, "endpoint.changed")).contains("TLSv1.1: accepted");
        ingest.judgeAgain(List.of(id));
        assertThat(finding(id, "endpoint.changed")).isEqualTo("info");
        assertThat(estate.count("alert_event WHERE rule = 'endpoint.changed'")).isEqualTo(1);
    }

    /** A change is news for twelve hours: the first scan after them ends the finding by itself. */
    @Test
    void whatChangedIsNoNewsAnyMoreAfterHalfADay() {
        long id = target("shop.example", "web");
        scanned(id, f -> f);
        UnaryOperator<Facts> after = f -> f.accepts("TLSv1.1", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA");
        scanned(id, after);
        estate.database.sql().change("UPDATE address SET run_at = run_at - interval '11 hours'");
        estate.database.sql().change("UPDATE change SET at = at - interval '11 hours'");
        ingest.judgeAgain(List.of(id));
        assertThat(finding(id, "endpoint.changed")).isEqualTo("info");
        estate.database
                .sql()
                .change(
                        "UPDATE address SET run_at = run_at - interval '2 hours', judged_until = now() - interval '1 hour'");
        estate.database.sql().change("UPDATE change SET at = at - interval '2 hours'");
        scanned(id, after);
        assertThat(judged(id, "endpoint.changed")).isEmpty();
        assertThat(estate.count("finding WHERE rule = 'endpoint.changed' AND state = 'open'"))
                .isZero();
    }

    @Test
    void whatIsReadAgainKnowsThePortThatItsAddressWasDialledAt() {
        long moved = pinned("moved.example", "192.0.2.1:8443");
        long usual = pinned("usual.example", "192.0.2.1");
        scanned(moved, f -> f);
        scanned(usual, f -> f);
        Latest latest = new Latest(estate.database.sql());
        Observation.Endpoint seen =
                latest.of(moved, null, null).orElseThrow().observation().endpoint();
        assertThat(seen.port()).isEqualTo(443);
        assertThat(seen.addressPort()).isEqualTo(8443);
        assertThat(latest.of(usual, null, null)
                        .orElseThrow()
                        .observation()
                        .endpoint()
                        .addressPort())
                .isNull();
    }

    private long pinned(String host, String address) {
        return estate.put(List.of(
                        new Target(host, 443, null, null, List.of(address), null, Map.of(), "web", null, null, null)))
                .getFirst();
    }

    @Test
    void aSerialNumberGivenTwiceIsToldAtBothAndOneOfANamesakeIsNot() {
        long shop = target("shop.example", "web");
        long blog = target("blog.example", "blog");
        long good = target("good.example", "web");
        long far = target("far.example", "web");
        Pki.Issued namesake = Pki.ca("CN=Test CA 1,O=Example", "namesake", Pki.ROOT, Duration.ofDays(900));
        numbered(far, namesake, 0x0A17, "far.example");
        numbered(shop, Pki.INTERMEDIATE, 0x0A17, "shop.example");
        numbered(good, Pki.INTERMEDIATE, 0x0A18, "good.example");
        assertThat(judged(shop, "certificate.duplicate-serial")).isEmpty();
        numbered(blog, Pki.INTERMEDIATE, 0x0A17, "blog.example");
        assertThat(finding(blog, "certificate.duplicate-serial"))
                .as("told at its first scan")
                .isEqualTo("medium");
        assertThat(judged(shop, "certificate.duplicate-serial")).contains("0A17", "blog.example:443");
        assertThat(judged(blog, "certificate.duplicate-serial")).contains("shop.example:443");
        assertThat(judged(good, "certificate.duplicate-serial")).isEmpty();
        assertThat(judged(far, "certificate.duplicate-serial")).isEmpty();
    }

    private void numbered(long id, Pki.Issued issuer, long serial, String name) {
        byte[] leaf = Pki.leaf(l -> {
                    l.issuer = issuer;
                    l.serial = java.math.BigInteger.valueOf(serial);
                    l.names = List.of(name);
                })
                .der();
        scanned(id, f -> f.served(Pki.served(List.of(leaf, issuer.der()))));
    }

    @Test
    void theOrganisationOfAnIssuerOutlivesItsKeys() {
        assertThat(Renewals.organisation("CN=R11,O=Let's Encrypt,C=US")).isEqualTo("O=Let's Encrypt");
        assertThat(Renewals.organisation("O=Example\\, Inc.,C=US")).isEqualTo("O=Example\\, Inc.");
        assertThat(Renewals.organisation("CN=Root,OU=O\\=x")).isEmpty();
        assertThat(Renewals.organisation("")).isEmpty();
    }

    private static Observation.Resumption ticketKey(String byteOfName) {
        return new Observation.Resumption(
                new Observation.Resumption.Tls12(FactState.ACCEPTED, FactState.ACCEPTED, 300L, byteOfName.repeat(16)),
                null);
    }

    private void serves(long id, String key) {
        scanned(id, f -> f.served(Pki.served(l -> l.key = key)));
    }

    private void served(long id, Pki.Issued issuer, Instant from) {
        byte[] leaf = Pki.leaf(l -> {
                    l.issuer = issuer;
                    l.from = from;
                })
                .der();
        scanned(id, f -> f.served(Pki.served(List.of(leaf, issuer.der()))));
    }

    /** Three certificates before the present one, each replaced after that share of its life. */
    private void history(long id, Instant now, int days, double share) {
        Duration step = Duration.ofSeconds((long) (days * 86400 * share));
        Instant first = now.minus(Duration.ofDays(24)).minus(step.multipliedBy(3));
        for (int i = 0; i < 3; i++) {
            Instant from = first.plus(step.multipliedBy(i)).truncatedTo(java.time.temporal.ChronoUnit.SECONDS);
            byte[] leaf = Pki.leaf(l -> {
                        l.from = from;
                        l.life = Duration.ofDays(days);
                        l.names = List.of("shop.example", "habit.example");
                    })
                    .der();
            scanned(id, f -> f.served(Pki.served(List.of(leaf, Pki.INTERMEDIATE.der()))));
            began(id, from);
        }
    }

    /** As if the present run had begun then. */
    private void began(long id, Instant at) {
        estate.database.sql().change("""
                UPDATE scan_run SET run_at = $2 WHERE endpoint_id = $1
                  AND run_at = (SELECT max(run_at) FROM scan_run WHERE endpoint_id = $1)""", id, at);
        estate.database.sql().change("UPDATE address SET run_at = $2 WHERE endpoint_id = $1", id, at);
    }
}

package io.tlsfleet.launcher.renewal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tlsfleet.api.notify.Anchors;
import io.tlsfleet.api.notify.Reach;
import io.tlsfleet.api.renewal.AcmeIssuer;
import io.tlsfleet.api.renewal.RenewalWatch;
import io.tlsfleet.fleet.Facts;
import io.tlsfleet.fleet.Pki;
import io.tlsfleet.fleet.lease.LeaseSource.Completed;
import io.tlsfleet.fleet.policy.Judge;
import io.tlsfleet.fleet.policy.Policies;
import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.TestEstate;
import io.tlsfleet.store.ingest.Ingest;
import io.tlsfleet.store.ingest.Judging;
import io.tlsfleet.store.lease.DatabaseLeases;
import io.tlsfleet.store.lease.LeaseSettings;
import io.tlsfleet.tls.x509.CertificateExtensions;
import io.tlsfleet.tls.x509.CertificateFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RenewalWatchTest {
    private static final Pki.Issued CA = Pki.ca("CN=Loopback CA 1,O=Loopback ACME", Pki.ROOT, Duration.ofDays(1825));

    @TempDir
    private Path scratch;

    private final Instant now = InstantSource.system().instant().truncatedTo(ChronoUnit.SECONDS);
    private final TestEstate estate = new TestEstate();
    private final AcmePeer peer = new AcmePeer();
    private final Judging judging = (target, observation, memory, at) -> new Judging.Judged(
            Judge.judge(observation, List.of(Policies.standard()), List.of(Pki.PRIVATE), memory, at),
            at.plus(Duration.ofHours(12)));
    private final Ingest ingest = new Ingest(estate.database, judging);
    private RenewalWatch watch = new RenewalWatch(
            estate.vertx, estate.database, ingest, Reach.of(AddressGate.internet()), List.of(), InstantSource.system());

    @BeforeEach
    void trustThePeer() throws IOException {
        Path root = scratch.resolve("root.pem");
        Files.writeString(
                root,
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder().encodeToString(Pki.ROOT.der())
                        + "\n-----END CERTIFICATE-----\n");
        watch = new RenewalWatch(
                estate.vertx,
                estate.database,
                ingest,
                Reach.of(AddressGate.internet()),
                List.of(AcmeIssuer.parse("O=Loopback ACME=" + peer.directory(), root)),
                () -> now);
    }

    @AfterEach
    void close() {
        watch.close();
        peer.close();
        estate.close();
    }

    @Test
    void asksByTheIdOfTheRfcOnceUntilTheIssuerWantsToBeAskedAgain() {
        long id = serves("shop.example", l -> {});
        CertificateFacts leaf = leaf(id);
        peer.windows.put(leaf, window(2, 4, null));

        assertThat(watch.round()).isOne();
        assertThat(watch.round()).as("Retry-After has not passed").isZero();

        CertificateExtensions.AuthorityKeyId authority =
                Objects.requireNonNull(leaf.extensions().authorityKeyId());
        assertThat(peer.asked)
                .containsExactly(
                        "/directory",
                        "/renewal-info/" + url(Objects.requireNonNull(authority.keyId())) + "."
                                + url(leaf.serialNumber()));
        var row = estate.database.sql().one("SELECT * FROM renewal_window");
        assertThat(Columns.instant(row, "starts")).isEqualTo(now.plus(Duration.ofDays(2)));
        assertThat(Columns.instant(row, "next_at")).isEqualTo(now.plusSeconds(21_600));
        assertThat(finding(id, "certificate.renewal-overdue")).isEmpty();
        assertThat(finding(id, "certificate.renewal-moved-earlier")).isEmpty();
    }

    @Test
    void aWindowThatIsPastIsAFindingAtOnce() {
        long id = serves("shop.example", l -> {});
        peer.windows.put(leaf(id), window(-4, -2, null));
        watch.round();
        assertThat(finding(id, "certificate.renewal-overdue")).contains("renewal window ended");
    }

    @Test
    void aWindowThatIsMovedBeforeItsBeginningIsAFindingWithTheIssuersReason() {
        long id = serves("shop.example", l -> {});
        peer.windows.put(leaf(id), window(20, 22, null));
        watch.round();
        assertThat(finding(id, "certificate.renewal-moved-earlier")).isEmpty();

        peer.windows.put(leaf(id), window(1, 2, "https://ca.example/incident/7"));
        again();
        assertThat(finding(id, "certificate.renewal-moved-earlier"))
                .contains("https://ca.example/incident/7", "revoke");

        peer.windows.put(leaf(id), window(20, 22, null));
        again();
        assertThat(finding(id, "certificate.renewal-moved-earlier"))
                .as("taken back")
                .isEmpty();
    }

    @Test
    void aDateAsRetryAfterIsUnderstoodAndNobodyIsAskedMoreThanOnceAMinute() {
        long id = serves("shop.example", l -> {});
        peer.windows.put(leaf(id), window(2, 4, null));
        peer.retryAfter = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                now.plus(Duration.ofHours(3)).atOffset(ZoneOffset.UTC));
        watch.round();
        assertThat(nextAt()).isEqualTo(now.plus(Duration.ofHours(3)));
        peer.retryAfter = "1";
        again();
        assertThat(nextAt()).isEqualTo(now.plus(Duration.ofMinutes(1)));
    }

    @Test
    void strangersCertificatesAreNotAskedForAndUnknownOnesAreNoFinding() {
        serves("other.example", l -> l.issuer = Pki.INTERMEDIATE);
        assertThat(watch.round())
                .as("of an issuer whose directory nobody knows")
                .isZero();
        long id = serves("shop.example", l -> {});
        assertThat(watch.round()).isOne();
        assertThat(Columns.text(estate.database.sql().one("SELECT failure FROM renewal_window"), "failure"))
                .contains("HTTP 404");
        assertThat(finding(id, "certificate.renewal-overdue")).isEmpty();
    }

    @Test
    void aDirectoryWithoutRenewalInformationIsLeftAloneForADay() {
        peer.offersRenewalInfo = false;
        serves("shop.example", l -> {});
        watch.round();
        assertThat(nextAt()).isEqualTo(now.plus(Duration.ofDays(1)));
        assertThat(Columns.text(estate.database.sql().one("SELECT failure FROM renewal_window"), "failure"))
                .contains("offers no renewal information");
    }

    @Test
    void whatNobodyGaveIsNotDialledAtALoopbackAddress() {
        serves("shop.example", l -> {});
        try (RenewalWatch careful = new RenewalWatch(
                estate.vertx,
                estate.database,
                ingest,
                Reach.of(AddressGate.internet()),
                List.of(new AcmeIssuer("O=Loopback ACME", peer.directory(), false, null)),
                () -> now)) {
            careful.round();
        }
        assertThat(peer.asked).isEmpty();
        assertThat(Columns.text(estate.database.sql().one("SELECT failure FROM renewal_window"), "failure"))
                .contains("not allowed");
    }

    @Test
    void aDirectoryStandsOnTheOperatorsAnchorsToo() {
        serves("shop.example", l -> {});
        try (RenewalWatch own = new RenewalWatch(
                estate.vertx,
                estate.database,
                ingest,
                new Reach(AddressGate.internet(), Anchors.and(List.of(scratch.resolve("root.pem")))),
                List.of(AcmeIssuer.parse("O=Loopback ACME=" + peer.directory(), null)),
                () -> now)) {
            own.round();
        }
        assertThat(peer.asked).hasSize(2);
    }

    @Test
    void aDirectoryMustBeHttps() {
        assertThatThrownBy(() -> AcmeIssuer.parse("O=Example=http://ca.example/directory", null))
                .hasMessageContaining("NAME=https://");
    }

    private void again() {
        estate.database.sql().run("UPDATE renewal_window SET next_at = now() - interval '1 second'");
        watch.round();
    }

    private AcmePeer.Window window(int fromDays, int toDays, @Nullable String explanation) {
        return new AcmePeer.Window(now.plus(Duration.ofDays(fromDays)), now.plus(Duration.ofDays(toDays)), explanation);
    }

    private Instant nextAt() {
        return Columns.instant(estate.database.sql().one("SELECT next_at FROM renewal_window"), "next_at");
    }

    private static String url(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private long serves(String host, Consumer<Pki.Leaf> change) {
        long id = estate.target(host);
        Pki.Issued leaf = Pki.leaf(l -> {
            l.issuer = CA;
            l.from = now.minus(Duration.ofDays(10));
            l.names = List.of(host);
            change.accept(l);
        });
        DatabaseLeases leases = new DatabaseLeases(estate.database, ingest, "local", LeaseSettings.DEFAULT);
        var lease = leases.lease(0, 10).toCompletableFuture().join().getFirst();
        Facts facts = Facts.good()
                .endpoint(host, "192.0.2.7", 443, host, null)
                .served(Pki.served(List.of(leaf.der(), CA.der())));
        assertThat(leases.complete(List.of(new Completed(id, lease.token(), List.of(facts.build()))))
                        .toCompletableFuture()
                        .join())
                .containsExactly(true);
        return id;
    }

    private CertificateFacts leaf(long id) {
        return CertificateFacts.read(Columns.bytes(estate.database.sql().one("""
                        SELECT c.der FROM endpoint e JOIN certificate c ON c.sha256 = e.leaf_sha256 WHERE e.id = $1""", id), "der"));
    }

    private String finding(long id, String rule) {
        return estate.database
                .sql()
                .row("SELECT detail FROM finding WHERE endpoint_id = $1 AND rule = $2 AND state = 'open'", id, rule)
                .map(row -> Columns.text(row, "detail"))
                .orElse("");
    }
}

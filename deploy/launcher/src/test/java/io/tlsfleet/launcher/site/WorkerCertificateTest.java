package io.tlsfleet.launcher.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tlsfleet.api.http.ApiConfig;
import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.lease.LeaseSource.Completed;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.scanner.site.ApiRefused;
import io.tlsfleet.scanner.site.Credential;
import io.tlsfleet.scanner.site.HttpLeases;
import io.tlsfleet.store.TestEstate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a client certificate opens to a worker, and what not. */
class WorkerCertificateTest {
    @TempDir
    private Path directory;

    private @Nullable SelfSigned own;
    private @Nullable ApiOfSites opened;

    @BeforeEach
    void begin() {
        SelfSigned made = SelfSigned.make(directory, "server");
        own = made;
        opened = new ApiOfSites(directory, new ApiConfig.Tls(made.certificate(), made.key(), true));
    }

    @AfterEach
    void end() {
        api().close();
    }

    private ApiOfSites api() {
        return Objects.requireNonNull(opened);
    }

    private Path ca() {
        return Objects.requireNonNull(own).certificate();
    }

    @Test
    void aCertificateIsOfOneSiteAndNeitherReadsNorWritesAnothers() {
        long victim = api().estate.targets(1).getFirst();
        long own = api().estate
                .put(List.of(new Target(
                        "inside.example", 443, null, null, List.of(), null, Map.of(), null, "dmz", null, null)))
                .getFirst();
        Lease honest = now(api().worker("local", "honest").lease(0, 1)).getFirst();
        assertThat(honest.endpointId()).isEqualTo(victim);
        HttpLeases other = api().worker("dmz", "other");
        assertThat(now(other.lease(0, 10))).extracting(Lease::endpointId).containsExactly(own);
        Completed forged = new Completed(
                victim,
                honest.token(),
                List.of(TestEstate.complete(honest.target().host(), "TLSv1.2")));
        now(other.complete(List.of(forged)));
        assertThat(api().estate.count("address")).as("nothing was written").isZero();
        assertThat(api().estate.count("audit WHERE action = 'site.foreign'")).isPositive();
    }

    @Test
    void anUnknownOrRevokedCertificateIsTurnedAway() throws Exception {
        SelfSigned certificate = SelfSigned.make(directory, "worker");
        HttpLeases worker = api().worker(certificate.credential(), ca());
        assertThatThrownBy(() -> now(worker.lease(0, 1)))
                .hasRootCauseInstanceOf(ApiRefused.class)
                .hasMessageContaining("unknown here, revoked or expired");
        api().register(certificate, "dmz");
        assertThat(now(worker.lease(0, 1))).isEmpty();
        // somebody else's certificate for the same name
        HttpLeases twin = api().worker(SelfSigned.make(directory, "worker").credential(), ca());
        assertThatThrownBy(() -> now(twin.lease(0, 1))).hasRootCauseInstanceOf(ApiRefused.class);
        api().estate.database.sql().change("UPDATE token SET revoked_at = now()");
        assertThat(turnedAwayWithin(worker, 10)).isTrue();
        // a token still opens the door beside it
        HttpLeases byToken = api().worker(new Credential.Token(api().tokenFile(api().token("worker", "dmz"))), ca());
        assertThat(now(byToken.lease(0, 1))).isEmpty();
    }

    @Test
    void anotherCertificateInTheSameFilesIsShownWithoutARestart() throws Exception {
        SelfSigned first = SelfSigned.make(directory, "worker");
        api().register(first, "dmz");
        HttpLeases worker = api().worker(first.credential(), ca());
        assertThat(now(worker.lease(0, 1))).isEmpty();
        api().estate.database.sql().change("UPDATE token SET revoked_at = now()");
        assertThat(turnedAwayWithin(worker, 10)).isTrue();
        SelfSigned second = SelfSigned.make(directory, "worker");
        api().register(second, "dmz");
        Files.move(second.certificate(), first.certificate(), StandardCopyOption.REPLACE_EXISTING);
        Files.move(second.key(), first.key(), StandardCopyOption.REPLACE_EXISTING);
        Files.setLastModifiedTime(first.key(), FileTime.from(Instant.now().plusSeconds(5)));
        assertThat(now(worker.lease(0, 1))).isEmpty();
    }

    /** What was just asked is believed for two seconds. */
    private static boolean turnedAwayWithin(HttpLeases worker, int seconds) throws InterruptedException {
        long until = System.nanoTime() + seconds * 1_000_000_000L;
        while (System.nanoTime() < until) {
            try {
                now(worker.lease(0, 1));
            } catch (CompletionException e) {
                return e.getCause() instanceof ApiRefused;
            }
            Thread.sleep(200);
        }
        return false;
    }

    private static <T> T now(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }
}

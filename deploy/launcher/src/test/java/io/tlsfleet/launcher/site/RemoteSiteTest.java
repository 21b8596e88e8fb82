package io.tlsfleet.launcher.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.lease.LeaseSource.Completed;
import io.tlsfleet.fleet.lease.Presence;
import io.tlsfleet.fleet.lease.SiteRules;
import io.tlsfleet.fleet.lease.SiteWire;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.scanner.site.ApiRefused;
import io.tlsfleet.scanner.site.HttpLeases;
import io.tlsfleet.store.TestEstate;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RemoteSiteTest {
    @TempDir
    private Path directory;

    @Test
    void twoSitesSeeEachItsOwn() throws Exception {
        try (ApiOfSites api = new ApiOfSites(directory, null)) {
            List<Long> local = api.estate.targets(2);
            long foreign = api.estate.put(List.of(of("dmz", "inside.example"))).getFirst();
            HttpLeases here = api.worker("local", "here");
            HttpLeases there = api.worker("dmz", "there");
            List<Lease> leased = now(there.lease(0, 10));
            assertThat(leased).extracting(Lease::endpointId).containsExactly(foreign);
            assertThat(now(here.lease(0, 10))).extracting(Lease::endpointId).containsExactlyElementsOf(local);
            SiteRules rules = now(there.report(presence()));
            assertThat(rules.site()).isEqualTo("dmz");
            assertThat(rules.now())
                    .as("the database's clock, for a worker whose own is off")
                    .isNotNull();
            assertThat(now(there.hold(List.of(7, 8)))).containsExactlyInAnyOrder(7, 8);
            now(there.letGo(List.of(7)));
            assertThat(now(api.worker("dmz", "beside").hold(List.of(7, 8)))).containsExactly(7);
        }
    }

    @Test
    void aForgedWorkerNeitherReadsNorWritesAnotherSitesTargets() throws Exception {
        try (ApiOfSites api = new ApiOfSites(directory, null)) {
            long victim = api.estate.targets(1).getFirst();
            Lease lease = now(api.worker("local", "honest").lease(0, 1)).getFirst();
            String token = api.token("worker", "dmz").text();
            // it even knows the fencing token
            Completed forged = new Completed(
                    victim,
                    lease.token(),
                    List.of(TestEstate.complete(lease.target().host(), "TLSv1.2")));
            for (Map.Entry<String, Object> attempt : Map.of(
                            "results", (Object) new SiteWire.Results(List.of(forged)),
                            "leases/renew", new SiteWire.Tokens(List.of(lease.token())),
                            "leases/release", new SiteWire.Tokens(List.of(lease.token())))
                    .entrySet()) {
                assertThat(post(api.base(), attempt.getKey(), token, attempt.getValue())
                                .statusCode())
                        .as(attempt.getKey())
                        .isEqualTo(403);
            }
            assertThat(api.estate.count("address")).as("nothing was written").isZero();
            assertThat(api.estate.count("schedule WHERE lease_token = '" + lease.token() + "' AND last_at IS NULL"))
                    .isOne();
            assertThat(api.estate.count("audit WHERE action = 'site.foreign'")).isEqualTo(3);
            for (String path :
                    List.of("/api/v1/targets", "/api/v1/endpoints", "/api/v1/findings", "/api/v1/tokens", "/metrics")) {
                assertThat(get(api.base(), path, token)).as(path).isEqualTo(403);
            }
        }
    }

    @Test
    void onlyAWorkersTokenOpensTheDoorAndARevokedOneDoesNot() throws Exception {
        try (ApiOfSites api = new ApiOfSites(directory, null)) {
            Object ask = new SiteWire.LeaseRequest("w", 0, 1);
            String admin = api.token("admin", null).text();
            assertThat(post(api.base(), "leases", admin, ask).statusCode()).isEqualTo(403);
            String token = api.token("worker", "dmz").text();
            assertThat(post(api.base(), "leases", token, ask).statusCode()).isEqualTo(200);
            assertThat(api.estate.count("token WHERE position('" + token + "' in token::text) > 0"))
                    .as("kept nowhere")
                    .isZero();
            api.estate.database.sql().change("UPDATE token SET revoked_at = now()");
            Thread.sleep(2_500);
            assertThat(post(api.base(), "leases", token, ask).statusCode()).isEqualTo(401);
        }
    }

    @Test
    void whatIsNoWorkersWordIsRefusedAndHarmsNothing() throws Exception {
        try (ApiOfSites api = new ApiOfSites(directory, null)) {
            String token = api.token("worker", "local").text();
            for (String body : List.of(
                    "{}",
                    "[]",
                    "{\"results\": [null]}",
                    "{\"results\": 5}",
                    "{\"results\": [{\"endpointId\": 1}]}",
                    "{\"results\": [{\"endpointId\": 1, \"token\": \"00000000-0000-0000-0000-000000000001\", \"observations\": [{}]}]}",
                    "")) {
                assertThat(send(api.base(), "results", token, body).statusCode())
                        .as(body)
                        .isBetween(400, 422);
            }
            assertThat(send(api.base(), "leases", token, "{\"worker\": \"w\", \"lane\": 7, \"limit\": 1}")
                            .statusCode())
                    .isEqualTo(400);
            assertThat(send(api.base(), "leases", token, "{\"worker\": \"w\", \"lane\": 0, \"limit\": 100000}")
                            .statusCode())
                    .isEqualTo(400);
        }
    }

    @Test
    void resultsWaitOnDiskWhileTheApiIsAwayAndSurviveARestart() throws Exception {
        try (ApiOfSites api = new ApiOfSites(directory, null)) {
            api.estate.targets(3);
            HttpLeases worker = api.worker("local", "w");
            List<Lease> leases = now(worker.lease(0, 3));
            api.stop();
            assertThat(now(worker.complete(
                            leases.stream().map(RemoteSiteTest::done).toList())))
                    .containsExactly(true, true, true);
            assertThat(waiting("w")).isOne();
            assertThatThrownBy(() -> now(worker.lease(0, 3))).isInstanceOf(CompletionException.class);
            worker.close();
            api.start();
            HttpLeases again = api.worker("local", "w");
            assertThat(now(again.lease(0, 3)))
                    .as("handed in before anything new is leased")
                    .isEmpty();
            assertThat(waiting("w")).isZero();
            assertThat(api.estate.count("schedule WHERE last_at IS NOT NULL AND lease_token IS NULL"))
                    .isEqualTo(3);
            assertThat(api.estate.count("address_now WHERE scans = 1")).isEqualTo(3);
        }
    }

    @Test
    void whatWaitedForMoreThanADayIsDropped() throws Exception {
        try (ApiOfSites api = new ApiOfSites(directory, null)) {
            api.estate.targets(1);
            Instant start = Instant.parse("2026-11-21T08:00:00Z");
            HttpLeases worker = api.worker("local", "w", null, null, InstantSource.fixed(start));
            Lease lease = now(worker.lease(0, 1)).getFirst();
            api.stop();
            now(worker.complete(List.of(done(lease))));
            api.start();
            HttpLeases late =
                    api.worker("local", "w", null, null, InstantSource.fixed(start.plus(Duration.ofHours(25))));
            now(late.report(presence()));
            assertThat(waiting("w")).isZero();
            assertThat(api.estate.count("address")).isZero();
        }
    }

    @Test
    void aTokenThatIsNotKnownKeepsResultsUntilItIsMended() throws Exception {
        try (ApiOfSites api = new ApiOfSites(directory, null)) {
            api.estate.targets(1);
            HttpLeases worker = api.worker("local", "w");
            Lease lease = now(worker.lease(0, 1)).getFirst();
            api.estate.database.sql().change("UPDATE token SET revoked_at = now()");
            Thread.sleep(2_500);
            assertThat(now(worker.complete(List.of(done(lease))))).containsExactly(true);
            assertThat(waiting("w")).isOne();
            assertThatThrownBy(() -> now(worker.report(presence()))).hasCauseInstanceOf(ApiRefused.class);
            HttpLeases mended = api.worker("local", "w");
            now(mended.report(presence()));
            assertThat(waiting("w")).isZero();
            assertThat(api.estate.count("address")).isOne();
        }
    }

    private long waiting(String worker) throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("spool-" + worker))) {
            return files.filter(f -> f.toString().endsWith(".ndjson")).count();
        }
    }

    private static Completed done(Lease lease) {
        return new Completed(
                lease.endpointId(),
                lease.token(),
                List.of(TestEstate.complete(lease.target().host(), "TLSv1.2", "TLSv1.3")));
    }

    private static Presence presence() {
        return new Presence("test", 0, 0, 0, false);
    }

    private static Target of(String site, String host) {
        return new Target(host, 443, null, null, List.of(), null, Map.of(), null, site, null, null);
    }

    private static HttpResponse<String> post(URI base, String what, String token, Object body) throws Exception {
        return send(base, what, token, Json.write(body));
    }

    private static HttpResponse<String> send(URI base, String what, String token, String body) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(base.resolve(SiteWire.PATH + what))
                            .header("Authorization", "Bearer " + token)
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static int get(URI base, String path, String token) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(base.resolve(path))
                                    .header("Authorization", "Bearer " + token)
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    private static <T> T now(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }
}

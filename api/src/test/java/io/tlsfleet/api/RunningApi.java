package io.tlsfleet.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.alertfile.FileWatch;
import io.tlsfleet.api.auth.ApiToken;
import io.tlsfleet.api.http.ApiConfig;
import io.tlsfleet.api.http.Route;
import io.tlsfleet.api.metrics.ScanCounters;
import io.tlsfleet.api.notify.Reach;
import io.tlsfleet.api.notify.SecretBox;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.policy.Judge;
import io.tlsfleet.fleet.policy.PolicyBook;
import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.TestPostgres;
import io.tlsfleet.store.ingest.Judging;
import io.tlsfleet.store.policy.CurrentPolicies;
import io.tlsfleet.tls.fingerprint.KnownClients;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The API on a free port, with a database of its own and an administrator's token. */
public final class RunningApi implements AutoCloseable {
    static {
        // a test that plays a browser of another site sets headers that the client else keeps for itself
        System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host,origin,connection");
    }

    /** As the launcher's, without trust stores. */
    public static Judging judging(Supplier<PolicyBook> policies) {
        return (target, observation, memory, at) -> new Judging.Judged(
                Judge.judge(observation, policies.get().of(target), List.of(), memory, at),
                at.plus(Duration.ofMinutes(5)));
    }

    public final ScanCounters scans = new ScanCounters();
    public final Vertx vertx = Vertx.vertx();
    public final Database database;
    public final ApiToken admin = ApiToken.random(new SecureRandom());
    public final URI base;
    public final CurrentPolicies policies;
    private final ApiServer server;
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    public RunningApi() {
        this(InstantSource.system());
    }

    public RunningApi(InstantSource clock) {
        this(clock, ApiConfig.loopback(0));
    }

    public RunningApi(InstantSource clock, ApiConfig config) {
        this.database = Database.open(vertx, TestPostgres.shared().database(), 10);
        this.policies = CurrentPolicies.of(database);
        SecretBox box = box();
        this.server = new ApiServer(
                vertx,
                config,
                new ApiServer.Parts(
                        database,
                        policies,
                        judging(policies),
                        Reach.of(AddressGate.local()),
                        box,
                        new FileWatch(null, Map.of(), database, box, clock),
                        scans,
                        KnownClients.shipped(),
                        "local",
                        "test",
                        "commit",
                        clock));
        server.admit(admin);
        this.base = URI.create("http://127.0.0.1:" + server.start());
    }

    private static SecretBox box() {
        try {
            Path directory = Files.createTempDirectory("tlsfleet-api");
            Path key = directory.resolve("secrets.key");
            SecretBox box = SecretBox.open(key);
            Files.delete(key);
            Files.delete(directory);
            return box;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** An answer, with its body read as JSON where it is some. */
    public record Got(int status, HttpResponse<String> response) {
        public JsonNode json() {
            return Json.parse(response.body());
        }

        public String body() {
            return response.body();
        }

        public @Nullable String header(String name) {
            return response.headers().firstValue(name).orElse(null);
        }
    }

    public Got get(String path) {
        return send("GET", path, null, "Authorization", "Bearer " + admin.text());
    }

    public Got post(String path, String json) {
        return send("POST", path, json, "Authorization", "Bearer " + admin.text(), "Content-Type", "application/json");
    }

    public Got put(String path, String json) {
        return send("PUT", path, json, "Authorization", "Bearer " + admin.text(), "Content-Type", "application/json");
    }

    public Got patch(String path, String json) {
        return send("PATCH", path, json, "Authorization", "Bearer " + admin.text(), "Content-Type", "application/json");
    }

    public Got delete(String path) {
        return send("DELETE", path, null, "Authorization", "Bearer " + admin.text());
    }

    public Got send(String method, String path, @Nullable String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path))
                .timeout(Duration.ofSeconds(30))
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Got(response.statusCode(), response);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(method + " " + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public List<Route> routes() {
        return server.routes();
    }

    public HttpClient client() {
        return client;
    }

    @Override
    public void close() {
        server.close();
        policies.close();
        database.close();
        vertx.close().await();
    }
}

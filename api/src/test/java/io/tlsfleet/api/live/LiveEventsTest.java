package io.tlsfleet.api.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.RunningApi;
import io.tlsfleet.api.Scanned;
import io.tlsfleet.fleet.json.Json;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LiveEventsTest {
    @Test
    void aChangeNamesTheEndpointThatChangedAndWhatItIs() throws Exception {
        try (RunningApi api = new RunningApi()) {
            api.post("/api/v1/targets", "[{\"host\": \"a.example\"}, {\"host\": \"b.example\"}]");
            Scanned scanned = new Scanned(api);
            scanned.accepting("TLSv1.2");
            api.post("/api/v1/targets", "[{\"host\": \"c.example\"}]");
            scanned.accepting("TLSv1.2");
            long c = api.get("/api/v1/targets?q=c.example")
                    .json()
                    .path("items")
                    .path(0)
                    .path("id")
                    .asLong();
            HttpResponse<InputStream> stream = api.client()
                    .send(
                            HttpRequest.newBuilder(api.base.resolve("/api/v1/events"))
                                    .header("Authorization", "Bearer " + api.admin.text())
                                    .build(),
                            HttpResponse.BodyHandlers.ofInputStream());
            assertThat(stream.statusCode()).isEqualTo(200);
            BlockingQueue<JsonNode> changes = new LinkedBlockingQueue<>();
            try (InputStream in = stream.body()) {
                Thread.ofVirtual().start(() -> read(in, changes));
                api.database.sql().change("UPDATE schedule SET next_at = now() WHERE endpoint_id = $1", c);
                assertThat(scanned.accepting("TLSv1.1", "TLSv1.2")).isEqualTo(1);
                JsonNode change = changes.poll(10, TimeUnit.SECONDS);
                assertThat(change).isNotNull();
                assertThat(change.path("endpointId").asLong()).isEqualTo(c);
                assertThat(change.path("endpoint").asText()).isEqualTo("c.example:443");
                assertThat(change.path("title").asText()).contains("TLSv1.1");
            }
        }
    }

    private static void read(InputStream in, BlockingQueue<JsonNode> changes) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            boolean change = false;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (change && line.startsWith("data: ")) {
                    changes.add(Json.parse(line.substring(6)));
                }
                change = line.equals("event: change");
            }
        } catch (java.io.IOException e) {
            // the test closed the stream
        }
    }
}

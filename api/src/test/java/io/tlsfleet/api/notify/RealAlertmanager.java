package io.tlsfleet.api.notify;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Debian's prometheus-alertmanager on a port of its own. */
final class RealAlertmanager implements AutoCloseable {
    private final Process process;
    private final String url;

    private RealAlertmanager(Process process, String url) {
        this.process = process;
        this.url = url;
    }

    static RealAlertmanager start(Path dir) throws Exception {
        Path config = dir.resolve("alertmanager.yml");
        Files.writeString(config, "route: {receiver: none}\nreceivers: [{name: none}]\n");
        int port = freePort();
        Process process = new ProcessBuilder(
                        "prometheus-alertmanager",
                        "--config.file=" + config,
                        "--storage.path=" + dir.resolve("am"),
                        "--web.listen-address=127.0.0.1:" + port,
                        "--cluster.listen-address=")
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("alertmanager.log").toFile())
                .start();
        RealAlertmanager started = new RealAlertmanager(process, "http://127.0.0.1:" + port);
        for (int i = 0; i < 100; i++) {
            try {
                started.get("/-/ready");
                return started;
            } catch (IOException e) {
                Thread.sleep(100);
            }
        }
        started.close();
        throw new IllegalStateException(
                "prometheus-alertmanager did not start: " + Files.readString(dir.resolve("alertmanager.log")));
    }

    String url() {
        return url;
    }

    JsonNode alerts() throws Exception {
        return Json.parse(get("/api/v2/alerts"));
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().orTimeout(5, TimeUnit.SECONDS).join();
    }

    private String get(String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(url + path)).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}

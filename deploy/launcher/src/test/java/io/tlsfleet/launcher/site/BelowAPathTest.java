package io.tlsfleet.launcher.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tlsfleet.api.cli.ProgressCommand;
import io.tlsfleet.api.cli.RulesCommand;
import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.lease.LeaseSource.Completed;
import io.tlsfleet.fleet.lease.Presence;
import io.tlsfleet.scanner.site.ApiRefused;
import io.tlsfleet.scanner.site.Credential;
import io.tlsfleet.scanner.site.HttpLeases;
import io.tlsfleet.store.TestEstate;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Workers and commands whose {@code --api} is below a path, through Debian's nginx over TLS, which has nothing beside that path. */
class BelowAPathTest {
    @TempDir
    private Path directory;

    private ApiOfSites api;
    private SelfSigned certificate;
    private Process nginx;
    private int port;

    @BeforeEach
    void start() throws Exception {
        api = new ApiOfSites(directory, null, "https://ops.example/tls");
        certificate = SelfSigned.make(directory, "proxy");
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path config = Files.writeString(directory.resolve("nginx.conf"), """
                daemon off; master_process off; pid %1$s/nginx.pid; error_log %1$s/nginx.log;
                events {}
                http {
                  access_log off; client_body_temp_path %1$s/body; proxy_temp_path %1$s/proxy;
                  fastcgi_temp_path %1$s/f; uwsgi_temp_path %1$s/u; scgi_temp_path %1$s/s;
                  server {
                    listen 127.0.0.1:%2$d ssl; ssl_certificate %3$s; ssl_certificate_key %4$s;
                    location /tls/ { proxy_pass http://127.0.0.1:%5$d; }       # leaves the path
                    location /other/tls/ { proxy_pass http://127.0.0.1:%5$d/; } # takes it away
                  }
                }
                """.formatted(
                        directory, port, certificate.certificate(), certificate.key(), api.port()));
        nginx = new ProcessBuilder("nginx", "-p", directory.toString(), "-c", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("nginx.out").toFile())
                .start();
        for (int i = 0; i < 300 && !answers(); i++) {
            Thread.sleep(50);
        }
    }

    @AfterEach
    void stop() throws Exception {
        nginx.destroy();
        nginx.waitFor(10, TimeUnit.SECONDS);
        api.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/tls", "/tls/", "/other/tls"})
    void aWorkerLeasesAndHandsInBelowIt(String path) throws Exception {
        long target = api.estate.targets(1).getFirst();
        Credential token = new Credential.Token(api.tokenFile(api.token("worker", "local")));
        HttpLeases worker = api.worker(at(path), token, certificate.certificate());
        assertThat(now(worker.report(new Presence("test", 0, 0, 0, false))).site())
                .isEqualTo("local");
        Lease lease = now(worker.lease(0, 1)).getFirst();
        assertThat(lease.endpointId()).isEqualTo(target);
        now(worker.complete(List.of(new Completed(
                lease.endpointId(),
                lease.token(),
                List.of(TestEstate.complete(lease.target().host(), "TLSv1.3"))))));
        assertThat(api.estate.count("address_now WHERE scans = 1")).isOne();
    }

    @Test
    void besideItThereIsNothingForAWorker() throws Exception {
        Credential token = new Credential.Token(api.tokenFile(api.token("worker", "local")));
        HttpLeases lost = api.worker(at(""), token, certificate.certificate());
        assertThatThrownBy(() -> now(lost.lease(0, 1)))
                .hasCauseInstanceOf(ApiRefused.class)
                .hasMessageContaining("404");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/tls", "/tls/", "/other/tls"})
    void commandsAskBelowIt(String path) throws Exception {
        api.estate.targets(2);
        assertThat(run(new ProgressCommand(), path)).as(() -> said.toString()).isZero();
        assertThat(said.toString()).contains("0 of 2 done");
        Path rules = Files.writeString(directory.resolve("rules"), "{\"intervalSeconds\": 86400}\n");
        assertThat(run(new RulesCommand(), path, rules.toString()))
                .as(() -> said.toString())
                .isZero();
        assertThat(api.estate.count("scan_rule")).isOne();
    }

    @Test
    void besideItThereIsNothingForACommand() throws Exception {
        assertThat(run(new ProgressCommand(), "")).isEqualTo(2);
        assertThat(said.toString()).contains("answered 404");
    }

    private final StringWriter said = new StringWriter();

    private int run(Object command, String path, String... more) throws IOException {
        PrintWriter both = new PrintWriter(said, true);
        List<String> words = new java.util.ArrayList<>(List.of(
                "--api",
                at(path).toString(),
                "--api-ca",
                certificate.certificate().toString(),
                "--token-file",
                api.tokenFile(api.token("admin", null)).toString()));
        words.addAll(List.of(more));
        return new CommandLine(command).setOut(both).setErr(both).execute(words.toArray(String[]::new));
    }

    private URI at(String path) {
        return URI.create("https://127.0.0.1:" + port + path);
    }

    private boolean answers() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static <T> T now(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }
}

package io.tlsfleet.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.api.RunningApi;
import io.tlsfleet.api.RunningApi.Got;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that people reach below a path, through a proxy that takes the path away or leaves it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PrefixTest {
    private RunningApi api;

    @BeforeAll
    void start() {
        api = new RunningApi(InstantSource.system(), config("https://ops.example/tls/"));
    }

    @AfterAll
    void stop() {
        api.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/findings/12", "/tls", "/tls/", "/tls/findings/12"})
    void thePagesNameTheirFilesBelowIt(String path) {
        Got page = api.get(path);
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.body()).contains("src=\"/tls/assets/a.js\"", "name=\"prefix\" content=\"/tls\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/assets/a.js", "/tls/assets/a.js"})
    void theirFilesAreServed(String path) {
        Got file = api.get(path);
        assertThat(file.header("content-type")).startsWith("text/javascript");
        assertThat(file.header("cache-control")).contains("public");
        assertThat(file.header("vary"))
                .as("a cache between gives nobody what was compressed for others")
                .isEqualToIgnoringCase("Accept-Encoding");
    }

    @Test
    void theApiAnswersBelowItAndAtTheRoot() {
        assertThat(api.get("/tls/api/v1/targets?limit=1").status()).isEqualTo(200);
        assertThat(api.get("/api/v1/targets?limit=1").status()).isEqualTo(200);
        assertThat(api.get("/tls/api/v1/targets?limit=0").status())
                .as("the query stays")
                .isEqualTo(400);
        assertThat(api.get("/tls/tls/api/v1/targets").header("content-type"))
                .as("once, not twice")
                .startsWith("text/html");
        assertThat(api.get("/tlsx/api/v1/targets").header("content-type")).startsWith("text/html");
        Got made = api.post("/tls/api/v1/targets", "{\"host\":\"below.example\"}");
        assertThat(made.status()).isEqualTo(201);
    }

    @Test
    void whereSomethingWasMadeIsBelowItToo() {
        Got made = api.post(
                "/tls/api/v1/receivers", "{\"name\":\"below\",\"kind\":\"slack\",\"url\":\"https://hooks.example/x\"}");
        assertThat(made.header("location")).startsWith("/tls/api/v1/receivers/");
    }

    @ParameterizedTest
    @CsvSource({
        "https://ops.example, ''",
        "https://ops.example/, ''",
        "https://ops.example:8443/tls, /tls",
        "https://ops.example/a/b.c/, /a/b.c"
    })
    void thePathOfThePublicUrlIsThePrefix(String url, String prefix) {
        assertThat(config(url).prefix()).isEqualTo(prefix);
    }

    private static ApiConfig config(String publicUrl) {
        ApiConfig usual = ApiConfig.loopback(0);
        return new ApiConfig(
                usual.bind(),
                0,
                null,
                usual.trustedProxies(),
                publicUrl,
                "io/tlsfleet/api/http/pages",
                usual.maxBodyBytes(),
                usual.maxImportBytes(),
                usual.maxRequests(),
                usual.perEndpointMetrics());
    }
}

package io.tlsfleet.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.api.RunningApi;
import io.tlsfleet.api.RunningApi.Got;
import io.tlsfleet.fleet.target.AddressRange;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 7239, as the audit log, cookies and the check of a page's origin see it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ForwardedTest {
    private RunningApi behindProxy;
    private RunningApi alone;

    @BeforeAll
    void start() {
        behindProxy = new RunningApi(InstantSource.system(), config("127.0.0.0/8", "10.0.0.0/8", "2001:db8:1::/48"));
        alone = new RunningApi(InstantSource.system(), config());
    }

    @AfterAll
    void stop() {
        behindProxy.close();
        alone.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '\'',
            value = {
                "for=192.0.2.60; 192.0.2.60",
                "For=\"192.0.2.60:47011\"; 192.0.2.60",
                "for=\"[2001:db8:cafe::17]:4711\"; 2001:db8:cafe::17",
                "for=192.0.2.60, for=10.1.2.3; 192.0.2.60",
                "for=192.0.2.60,for=\"[2001:db8:1::5]\", for=10.1.2.3; 192.0.2.60",
                "for=1.1.1.1, for=192.0.2.60; 192.0.2.60",
                "for=unknown; 127.0.0.1",
                "for=_hidden, for=10.1.2.3; 10.1.2.3",
                "for=1.1.1.1, proto=https; 127.0.0.1",
                // what a client sent stands before what the proxy wrote
                "for=\", for=192.0.2.60; 192.0.2.60",
                "for=\"x, for=1.1.1.1, for=\"[2001:db8:cafe::17]\"; 2001:db8:cafe::17",
                "nonsense, for=192.0.2.60; 192.0.2.60",
                "for=1.1.1.1, for=\"10.1.2.3; 127.0.0.1",
                "for=1.1.1.1, nonsense; 127.0.0.1",
                ", for=192.0.2.60 , ; 192.0.2.60"
            })
    void theClientIsTheLastThatIsNoProxyOfOurs(String header, String address) {
        assertThat(recorded(behindProxy, "Forwarded", header)).isEqualTo(address);
        assertThat(recorded(alone, "Forwarded", header)).as("nobody is trusted").isEqualTo("127.0.0.1");
    }

    @Test
    void pairsOfOneElementAreReadWhole() {
        assertThat(recorded(behindProxy, "Forwarded", "by=10.1.2.3;for=192.0.2.60;host=\"a.example:8443\";proto=https"))
                .isEqualTo("192.0.2.60");
        assertThat(recorded(behindProxy, "Forwarded", "for=192.0.2.60;for=192.0.2.61"))
                .as("one of them is a lie")
                .isEqualTo("127.0.0.1");
        assertThat(recorded(behindProxy, "Forwarded", "for=192.0.2.60", "Forwarded", "for=10.1.2.3"))
                .as("lines in their order")
                .isEqualTo("192.0.2.60");
    }

    @Test
    void whatAProxyThatWritesTheOlderHeadersHandsOnOfItsClientIsNotBelieved() {
        assertThat(recorded(behindProxy, "Forwarded", "for=1.1.1.1", "X-Forwarded-For", "192.0.2.60"))
                .isEqualTo("192.0.2.60");
        assertThat(recorded(behindProxy, "X-Forwarded-For", "192.0.2.60")).isEqualTo("192.0.2.60");
        assertThat(recorded(behindProxy, "Forwarded", "for=1.1.1.1;proto=https", "X-Forwarded-Proto", "http"))
                .isEqualTo("127.0.0.1");
    }

    @Test
    void aCookieIsForTlsAloneWhereTheClientCameByIt() {
        assertThat(cookie(behindProxy, "for=192.0.2.60;proto=https")).contains("; Secure");
        assertThat(cookie(behindProxy, "for=192.0.2.60;proto=https, for=10.1.2.3;proto=http"))
                .as("between two proxies of ours the way may be plain")
                .contains("; Secure");
        assertThat(cookie(behindProxy, "for=192.0.2.60;proto=http")).doesNotContain("; Secure");
        assertThat(cookie(behindProxy, "for=1.1.1.1;proto=https, for=192.0.2.60"))
                .as("what stands before the client's address is the client's own word")
                .doesNotContain("; Secure");
        assertThat(cookie(alone, "for=192.0.2.60;proto=https")).doesNotContain("; Secure");
    }

    @Test
    void aPageOfTheNameThatTheProxyWasAskedForMayChangeSomething() {
        assertThat(changed(behindProxy, "for=192.0.2.60;host=\"tls.example:8443\""))
                .isEqualTo(201);
        assertThat(changed(behindProxy, "for=192.0.2.60;host=other.example")).isEqualTo(403);
        assertThat(changed(behindProxy, "for=1.1.1.1;host=\"tls.example:8443\", for=192.0.2.60;host=other.example"))
                .isEqualTo(403);
        assertThat(changed(alone, "for=192.0.2.60;host=\"tls.example:8443\"")).isEqualTo(403);
    }

    private static int changed(RunningApi api, String forwarded) {
        String cookie = cookie(api, "for=192.0.2.60").split(";", 2)[0];
        return api.send(
                        "POST",
                        "/api/v1/targets",
                        "{\"host\":\"page.example\"}",
                        "Cookie",
                        cookie,
                        "Content-Type",
                        "application/json",
                        "Origin",
                        "https://tls.example:8443",
                        "Forwarded",
                        forwarded)
                .status();
    }

    private static String cookie(RunningApi api, String forwarded) {
        Got in = api.send(
                "POST",
                "/api/v1/session",
                "{\"token\":\"" + api.admin.text() + "\"}",
                "Content-Type",
                "application/json",
                "Forwarded",
                forwarded);
        return String.valueOf(in.header("Set-Cookie"));
    }

    /** The client's address as the audit log has it. */
    private static String recorded(RunningApi api, String... headers) {
        Got made = api.send(
                "POST",
                "/api/v1/targets",
                "{\"host\":\"audited.example\",\"owner\":\"" + System.nanoTime() + "\"}",
                Stream.concat(
                                Stream.of(headers),
                                Stream.of(
                                        "Authorization",
                                        "Bearer " + api.admin.text(),
                                        "Content-Type",
                                        "application/json"))
                        .toArray(String[]::new));
        assertThat(made.status()).isEqualTo(201);
        return api.get("/api/v1/audit?limit=1")
                .json()
                .path("items")
                .path(0)
                .path("address")
                .asText();
    }

    private static ApiConfig config(String... proxies) {
        ApiConfig usual = ApiConfig.loopback(0);
        return new ApiConfig(
                usual.bind(),
                0,
                null,
                List.of(proxies).stream().map(AddressRange::parse).toList(),
                null,
                usual.webRoot(),
                usual.maxBodyBytes(),
                usual.maxImportBytes(),
                usual.maxRequests(),
                usual.perEndpointMetrics());
    }
}

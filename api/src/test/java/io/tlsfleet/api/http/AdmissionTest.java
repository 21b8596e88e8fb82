package io.tlsfleet.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tlsfleet.api.RunningApi;
import io.tlsfleet.api.RunningApi.Got;
import io.tlsfleet.api.auth.ApiToken;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private static RunningApi api;

    @BeforeAll
    static void start() {
        api = new RunningApi();
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    private static String token(String role) {
        return api.post(
                        "/api/v1/tokens",
                        "{\"name\":\"t-" + role + "\",\"role\":\"" + role + "\""
                                + (role.equals("worker") ? ",\"site\":\"local\"" : "") + "}")
                .json()
                .path("token")
                .asText();
    }

    @Test
    void tellsATypingErrorFromAnUnknownToken() {
        String good = api.admin.text();
        String typo = good.substring(0, good.length() - 1) + (good.endsWith("0") ? "1" : "0");
        Got wrong = api.send("GET", "/api/v1/targets", null, "Authorization", "Bearer " + typo);
        assertThat(wrong.status()).isEqualTo(401);
        assertThat(wrong.header("WWW-Authenticate")).startsWith("Bearer");
        assertThat(wrong.json().path("detail").asText()).contains("checksum");
        assertThat(wrong.json().path("field").asText()).isEqualTo("Authorization");
        assertThat(wrong.body()).doesNotContain(typo);

        Got unknown = api.send(
                "GET",
                "/api/v1/targets",
                null,
                "Authorization",
                "Bearer " + ApiToken.random(new SecureRandom()).text());
        assertThat(unknown.status()).isEqualTo(401);
        assertThat(unknown.json().path("detail").asText()).contains("unknown");
        assertThat(api.send("GET", "/api/v1/targets", null).status()).isEqualTo(401);
    }

    @Test
    void deniesWhatARoleMayNot() {
        String viewer = token("viewer");
        String operator = token("operator");
        String auditor = token("auditor");
        String worker = token("worker");
        assertThat(as(viewer, "GET", "/api/v1/targets")).isEqualTo(200);
        assertThat(as(viewer, "POST", "/api/v1/targets")).isEqualTo(403);
        assertThat(as(viewer, "GET", "/api/v1/tokens")).isEqualTo(403);
        assertThat(as(viewer, "GET", "/api/v1/audit")).isEqualTo(403);
        assertThat(as(operator, "POST", "/api/v1/targets")).isEqualTo(201);
        assertThat(as(operator, "GET", "/api/v1/tokens")).isEqualTo(403);
        assertThat(as(auditor, "GET", "/api/v1/audit")).isEqualTo(200);
        assertThat(as(auditor, "POST", "/api/v1/targets")).isEqualTo(403);
        assertThat(as(worker, "GET", "/api/v1/targets")).isEqualTo(403);
        assertThat(as(worker, "GET", "/api/v1/summary")).isEqualTo(403);
    }

    private static int as(String token, String method, String path) {
        return api.send(
                        method,
                        path,
                        method.equals("POST") ? "{\"host\":\"role.example\"}" : null,
                        "Authorization",
                        "Bearer " + token,
                        "Content-Type",
                        "application/json")
                .status();
    }

    @Test
    void aRevokedTokenAndItsSessionsEndWithinFiveSeconds() throws InterruptedException {
        var made = api.post("/api/v1/tokens", "{\"name\":\"short\",\"role\":\"viewer\"}")
                .json();
        String token = made.path("token").asText();
        assertThat(as(token, "GET", "/api/v1/targets")).isEqualTo(200);
        String cookie = cookie(api.send(
                "POST", "/api/v1/session", "{\"token\":\"" + token + "\"}", "Content-Type", "application/json"));
        assertThat(api.send("GET", "/api/v1/targets", null, "Cookie", cookie).status())
                .isEqualTo(200);
        assertThat(api.delete("/api/v1/tokens/" + made.path("id").asLong()).status())
                .isEqualTo(204);
        Thread.sleep(2500);
        assertThat(as(token, "GET", "/api/v1/targets")).isEqualTo(401);
        assertThat(api.send("GET", "/api/v1/targets", null, "Cookie", cookie).status())
                .isEqualTo(401);
    }

    @Test
    void keepsOnlyTheHashOfATokenAndOfASession() {
        String cookie = cookie(signIn());
        var dump = api.database
                .sql()
                .rows("SELECT token::text AS t FROM token UNION ALL SELECT session::text FROM session");
        assertThat(dump).isNotEmpty();
        assertThat(dump)
                .noneMatch(row -> row.getString("t").contains(api.admin.text().substring(3)));
        assertThat(dump).noneMatch(row -> row.getString("t").contains(cookie.substring(cookie.indexOf('=') + 1)));
    }

    @Test
    void aCookieChangesNothingFromAnotherSite() {
        Got in = signIn();
        assertThat(in.status()).isEqualTo(200);
        assertThat(in.header("Set-Cookie"))
                .contains("HttpOnly")
                .contains("SameSite=Strict")
                .contains("Path=/");
        String cookie = cookie(in);
        String own = api.base.toString();
        assertThat(withCookie(cookie, "Origin", "https://evil.example")).isEqualTo(403);
        assertThat(api.send(
                                "POST",
                                "/api/v1/targets",
                                "{\"host\":\"csrf.example\"}",
                                "Cookie",
                                cookie,
                                "Origin",
                                "https://tls.example")
                        .body())
                .as("who forgot to hand on the name in a proxy sees both names")
                .contains("https://tls.example", api.base.getAuthority(), "--public-url");
        assertThat(withCookie(cookie, "Sec-Fetch-Site", "cross-site")).isEqualTo(403);
        assertThat(withCookie(cookie, "Sec-Fetch-Site", "same-site")).isEqualTo(403);
        assertThat(withCookie(cookie, "X-Nothing", "1")).isEqualTo(403);
        assertThat(api.get("/api/v1/targets?q=csrf.example").json().path("items"))
                .isEmpty();
        assertThat(withCookie(cookie, "Origin", own)).isEqualTo(201);
        assertThat(api.send("DELETE", "/api/v1/session", null, "Cookie", cookie, "Sec-Fetch-Site", "same-origin")
                        .status())
                .isEqualTo(204);
        assertThat(api.send("GET", "/api/v1/targets", null, "Cookie", cookie).status())
                .isEqualTo(401);
    }

    private static int withCookie(String cookie, String header, String value) {
        return api.send(
                        "POST",
                        "/api/v1/targets",
                        "{\"host\":\"csrf.example\"}",
                        "Cookie",
                        cookie,
                        "Content-Type",
                        "application/json",
                        header,
                        value)
                .status();
    }

    private static Got signIn() {
        return api.send(
                "POST",
                "/api/v1/session",
                "{\"token\":\"" + api.admin.text() + "\"}",
                "Content-Type",
                "application/json",
                "Sec-Fetch-Site",
                "same-origin");
    }

    private static String cookie(Got got) {
        return String.valueOf(got.header("Set-Cookie")).split(";", 2)[0];
    }

    @Test
    void openRoutesCloseWhenAProxyStandsBetween() {
        for (String path : List.of("/healthz", "/readyz")) {
            assertThat(api.send("GET", path, null).status()).as(path).isEqualTo(200);
            assertThat(api.send("GET", path, null, "X-Forwarded-For", "192.0.2.1")
                            .status())
                    .as(path)
                    .isEqualTo(401);
        }
        assertThat(api.send("GET", "/openapi.json", null).status()).isEqualTo(200);
    }

    /** Who asks whether the server is up is asked nothing, be the token another role's, ended or none at all. */
    @Test
    void healthDoesNotDependOnWhoAsks() {
        String worker = token("worker");
        String unknown = ApiToken.random(new SecureRandom()).text();
        for (String path : List.of("/healthz", "/readyz")) {
            for (String token : List.of(worker, token("sensor"), api.admin.text(), unknown, "tf_typo")) {
                assertThat(as(token, "GET", path)).as(path).isEqualTo(200);
            }
            assertThat(forwarded(path, worker)).as("%s through a proxy", path).isEqualTo(200);
            assertThat(forwarded(path, unknown)).as("%s through a proxy", path).isEqualTo(401);
        }
        assertThat(as(worker, "GET", "/metrics"))
                .as("owners and endpoints are in it")
                .isEqualTo(403);
        assertThat(as(unknown, "GET", "/metrics")).isEqualTo(401);
    }

    private static int forwarded(String path, String token) {
        return api.send("GET", path, null, "X-Forwarded-For", "192.0.2.1", "Authorization", "Bearer " + token)
                .status();
    }

    @Test
    void whereOthersHaveTheirHealthIsNoPage() {
        for (String path : List.of("/livez", "/health", "/ready", "/live")) {
            Got got = api.send("GET", path, null);
            assertThat(got.status()).as(path).isEqualTo(404);
            assertThat(got.json().path("detail").asText()).contains(path);
        }
    }

    @Test
    void refusesANameThatWasReboundToLoopback() {
        assertThat(api.send("GET", "/healthz", null, "Host", "evil.example").status())
                .isEqualTo(421);
        assertThat(api.send("GET", "/healthz", null, "Host", "localhost:" + api.base.getPort())
                        .status())
                .isEqualTo(200);
    }

    @Test
    void refusesToListenToOthersWithoutTls() {
        assertThatThrownBy(() -> ApiConfig.loopback(0).withBind("0.0.0.0"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--tls-certificate");
    }

    @Test
    void everyAnswerCarriesTheHeadersThatProtectABrowser() {
        for (String path : List.of("/", "/api/v1/targets", "/nothing/here", "/api/v1/nothing")) {
            Got got = api.send("GET", path, null);
            assertThat(got.header("Content-Security-Policy"))
                    .as(path)
                    .contains("default-src 'self'")
                    .contains("frame-ancestors 'none'");
            assertThat(got.header("X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(got.header("Referrer-Policy")).isEqualTo("no-referrer");
        }
    }

    @Test
    void saysWhatIsPossibleWhereAMethodIsNot() {
        Got got = api.send("PUT", "/api/v1/targets", "{}", "Authorization", "Bearer " + api.admin.text());
        assertThat(got.status()).isEqualTo(405);
        assertThat(got.header("Allow")).isEqualTo("GET, HEAD, POST");
        assertThat(api.get("/api/v1/nothing").status()).isEqualTo(404);
        Got own = api.send("GET", "/api/v1/targets/import", null, "Authorization", "Bearer " + api.admin.text());
        assertThat(own.status()).as("not the target called import").isEqualTo(405);
        Got changed = api.send("PATCH", "/api/v1/targets/import", "{}", "Authorization", "Bearer " + api.admin.text());
        assertThat(changed.status()).isEqualTo(405);
        assertThat(changed.header("Allow")).isEqualTo("POST");
        assertThat(api.send("OPTIONS", "/api/v1/targets/import", null).header("Allow"))
                .isEqualTo("POST");
        assertThat(api.send("OPTIONS", "/api/v1/events", null).header("Allow"))
                .as("a stream has no head")
                .isEqualTo("GET");
        assertThat(api.get("/api/v1/policies/%2e%2e").status()).isEqualTo(404);
    }

    /** RFC 9110, section 9.3.2. */
    @Test
    void answersHeadAsGetWithoutTheContent() {
        for (String path : List.of("/healthz", "/readyz", "/metrics", "/openapi.json", "/api/v1/targets")) {
            Got head = api.send("HEAD", path, null, "Authorization", "Bearer " + api.admin.text());
            Got get = api.send("GET", path, null, "Authorization", "Bearer " + api.admin.text());
            assertThat(head.status()).as(path).isEqualTo(200);
            assertThat(head.body()).isEmpty();
            assertThat(head.header("Content-Type")).isEqualTo(get.header("Content-Type"));
        }
        assertThat(api.send("HEAD", "/api/v1/targets", null).status()).isEqualTo(401);
        assertThat(api.send("HEAD", "/api/v1/targets/999999", null, "Authorization", "Bearer " + api.admin.text())
                        .status())
                .isEqualTo(404);
    }

    @Test
    void refusesABodyThatIsTooLarge() {
        Got got = api.post("/api/v1/targets", "{\"host\":\"" + "a".repeat(5 << 20) + "\"}");
        assertThat(got.status()).isEqualTo(413);
        assertThat(got.json().path("field").asText()).isEqualTo("body");
    }
}

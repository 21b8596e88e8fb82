package io.tlsfleet.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.RunningApi;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.TrustStore;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Any real root does: two of Mozilla's stand for those of a private PKI. */
class TrustRoutesTest {
    private static final CertificateFacts ROOT =
            TrustStore.mozilla().anchors().getFirst().certificate();
    private static final CertificateFacts OTHER =
            TrustStore.mozilla().anchors().getLast().certificate();

    private final RunningApi api = new RunningApi();

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void anAnchorIsTrustedForThoseItWasGivenFor() {
        assertThat(add(ROOT.pem(), "\"site\": \"plant\"").json().path("field").asText())
                .as("a site that is not known")
                .isEqualTo("site");
        assertThat(add(ROOT.pem(), "\"site\": \"plant\"").body()).contains("make the site first: PUT /api/v1/sites/");
        for (String site : List.of("plant", "dmz", "dmz2")) {
            assertThat(api.put("/api/v1/sites/" + site, "{}").status()).isEqualTo(200);
        }
        RunningApi.Got added = add(ROOT.pem(), "\"site\": \"plant\"");
        assertThat(added.status()).as(added.body()).isEqualTo(201);
        assertThat(added.json().at("/items/0/sha256").asText()).isEqualTo(ROOT.sha256());
        assertThat(add(ROOT.pem(), "\"site\": \"plant\"").json())
                .as("the same again")
                .isEqualTo(added.json());
        assertThat(add(OTHER.pem() + ROOT.pem(), "\"tag\": \"env:lab\"").json().path("items"))
                .hasSize(2);

        assertThat(given(target("plant", Map.of()))).containsExactly(ROOT.sha256());
        assertThat(given(target("local", Map.of()))).isEmpty();
        assertThat(given(target("local", Map.of("env", "lab"))))
                .containsExactlyInAnyOrder(ROOT.sha256(), OTHER.sha256());
        assertThat(given(target("plant", Map.of("env", "lab"))))
                .containsExactlyInAnyOrder(ROOT.sha256(), OTHER.sha256());

        assertThat(add(OTHER.pem(), "\"host\": \"*.example\", \"site\": \"dmz\"")
                        .status())
                .isEqualTo(201);
        assertThat(given(target("dmz", Map.of()))).containsExactly(OTHER.sha256());
        assertThat(add(OTHER.pem(), "\"host\": \"b.example\", \"site\": \"dmz2\"")
                        .status())
                .isEqualTo(201);
        assertThat(given(target("dmz2", Map.of()))).isEmpty();

        JsonNode all = api.get("/api/v1/trust-anchors").json().path("items");
        assertThat(all).hasSize(5);
        long id = added.json().at("/items/0/id").asLong();
        assertThat(api.delete("/api/v1/trust-anchors/" + id).status()).isEqualTo(204);
        assertThat(given(target("plant", Map.of()))).isEmpty();
        assertThat(api.delete("/api/v1/trust-anchors/" + id).status()).isEqualTo(404);
    }

    @Test
    void whatIsNoAnchorIsRefused() {
        assertThat(add("no PEM", "\"site\": \"x\"").body()).contains("no certificate in it");
        assertThat(add(ROOT.pem(), "\"tag\": \"lab\"").body()).contains("write key:value");
        String broken = ROOT.pem().replaceFirst("\n.{40}", "\n" + "A".repeat(40));
        assertThat(add(broken, "\"site\": \"x\"").status()).isEqualTo(400);
        assertThat(api.get("/api/v1/trust-anchors").json().path("items")).isEmpty();
    }

    private RunningApi.Got add(String pem, String forWhom) {
        return api.post("/api/v1/trust-anchors", "{\"pem\": " + Json.mapper().valueToTree(pem) + ", " + forWhom + "}");
    }

    private List<String> given(Target target) {
        return api.policies.trust().of(target, List.of()).stream()
                .flatMap(store -> store.anchors().stream())
                .map(anchor -> anchor.certificate().sha256())
                .toList();
    }

    private static Target target(String site, Map<String, String> tags) {
        return new Target("a.example", 443, null, null, List.of(), null, tags, null, site, null, null);
    }
}

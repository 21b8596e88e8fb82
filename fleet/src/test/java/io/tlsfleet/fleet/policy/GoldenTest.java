package io.tlsfleet.fleet.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.Facts;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.TrustStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Judgement as data: for each rule an observation that breaks it and one that does not, with the findings that come of
 * them. {@code -Dgolden.update=true} writes the files anew; nothing else does.
 */
class GoldenTest {
    private static final Path DIR = Path.of("src/test/golden");
    private static final boolean UPDATE = Boolean.getBoolean("golden.update");

    /** What a file holds; stores by name, their anchors as DER; public ones are named so. */
    record Golden(
            Observation observation,
            Memory memory,
            String policy,
            Map<String, List<byte[]>> stores,
            Instant at,
            JsonNode findings) {}

    static Stream<Path> files() throws IOException {
        if (UPDATE) {
            for (Map.Entry<String, RuleCases.RuleCase> rule : RuleCases.ALL.entrySet()) {
                write(rule.getKey() + ".speaks.json", rule.getValue().fires.getFirst());
                write(rule.getKey() + ".silent.json", rule.getValue().silent.getFirst());
            }
        }
        try (Stream<Path> files = Files.list(DIR)) {
            return files.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void judgesAsRecorded(Path file) throws IOException {
        Golden golden = Json.read(Files.readString(file), Golden.class);

        JsonNode findings = Json.parse(Json.write(judge(golden)));

        assertThat(findings).isEqualTo(golden.findings());
        String name = file.getFileName().toString();
        String rule = name.replaceAll("\\.(speaks|silent)\\.json$", "");
        assertThat(findings.findValuesAsText("rule").contains(rule)).isEqualTo(name.endsWith(".speaks.json"));
    }

    private static Object judge(Golden golden) {
        List<TrustStore> stores = new ArrayList<>();
        golden.stores()
                .forEach((name, anchors) -> stores.add(new TrustStore(
                        name,
                        name.equals("public"),
                        null,
                        "golden",
                        anchors.stream()
                                .map(der -> new TrustStore.Anchor(CertificateFacts.read(der), null))
                                .toList())));
        return Judge.judge(
                        golden.observation(),
                        List.of(Policies.named(golden.policy())),
                        stores,
                        golden.memory(),
                        golden.at())
                .findings();
    }

    private static void write(String name, RuleCases.Scene scene) throws IOException {
        Map<String, List<byte[]>> stores = new LinkedHashMap<>();
        scene.stores()
                .forEach(store -> stores.put(
                        store.name(),
                        store.anchors().stream()
                                .map(anchor -> anchor.certificate().der())
                                .toList()));
        Golden without = new Golden(
                scene.facts().apply(Facts.good()).build(),
                scene.memory(),
                scene.policy(),
                stores,
                scene.at(),
                Json.parse("[]"));
        Golden golden = new Golden(
                without.observation(),
                without.memory(),
                without.policy(),
                without.stores(),
                without.at(),
                Json.tree(judge(without)));
        Files.createDirectories(DIR);
        Files.writeString(DIR.resolve(name), Json.pretty(golden) + "\n");
    }
}

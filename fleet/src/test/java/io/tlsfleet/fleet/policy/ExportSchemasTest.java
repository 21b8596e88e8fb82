package io.tlsfleet.fleet.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.Facts;
import io.tlsfleet.fleet.Pki;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.fleet.report.ReportFormat;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javax.xml.XMLConstants;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xml.sax.SAXException;

/**
 * What other programs read, held against what they read by: SARIF by the objects of its specification (no property that it
 * does not know, none missing), JUnit by a schema, Prometheus by promtool; over the findings of every rule there is.
 */
class ExportSchemasTest {
    private static final JsonNode SHAPES = Json.parse(resource("sarif-shapes.json"));

    /** One report a rule, what nobody reached, and names that try to break out. */
    static List<Report> reports() {
        List<Report> reports = new java.util.ArrayList<>();
        for (RuleCases.RuleCase rule : RuleCases.ALL.values()) {
            RuleCases.Scene scene = rule.fires.getFirst();
            reports.add(Judge.judge(
                    scene.facts().apply(Facts.good()).build(),
                    List.of(Policies.named(scene.policy())),
                    scene.stores(),
                    scene.memory(),
                    scene.at()));
        }
        reports.add(
                report(Facts.good().unreachable(Outcome.UNREACHABLE, Reason.CONNECT_REFUSED, "refused \u0001 <&>\"'")));
        reports.add(report(Facts.good()
                .endpoint("=cmd|' /C calc'!A0\n\u202e]]><b>", "192.0.2.7", 443, null, null)
                .accepts("TLSv1.0", "TLS_RSA_WITH_AES_128_CBC_SHA")
                .unknown("/resumption/TLSv1.3/psk", Reason.READ_TIMEOUT)));
        return reports;
    }

    static Stream<Report> each() {
        return reports().stream();
    }

    @ParameterizedTest
    @MethodSource("each")
    void sarifOfEachReportHasTheShapesOfItsSpecification(Report report) {
        conforms(Json.parse(ReportFormat.SARIF.all(List.of(report))), "sarifLog", "");
    }

    @Test
    void sarifOfAFleetHasThemAndItsIndexesHold() {
        JsonNode log = Json.parse(ReportFormat.SARIF.all(reports()));
        conforms(log, "sarifLog", "");
        JsonNode rules = log.at("/runs/0/tool/driver/rules");
        assertThat(rules.findValuesAsText("id")).doesNotHaveDuplicates().hasSizeGreaterThan(90);
        for (JsonNode result : log.at("/runs/0/results")) {
            assertThat(rules.get(result.path("ruleIndex").asInt()).path("id")).isEqualTo(result.path("ruleId"));
        }
        conforms(Json.parse(ReportFormat.SARIF.all(List.of())), "sarifLog", "");
    }

    @Test
    void theShapesRefuseWhatIsNoSarif() {
        assertThatThrownBy(() -> conforms(Json.parse("{\"version\": \"2.0.0\", \"runs\": []}"), "sarifLog", ""))
                .hasMessageContaining("/version");
        assertThatThrownBy(() -> conforms(Json.parse("{\"version\": \"2.1.0\"}"), "sarifLog", ""))
                .hasMessageContaining("runs");
        assertThatThrownBy(() -> conforms(
                        Json.parse("{\"version\": \"2.1.0\", \"runs\": [{\"tool\": {\"driver\": {\"name\": 1}}}]}"),
                        "sarifLog",
                        ""))
                .hasMessageContaining("/runs/0/tool/driver/name");
    }

    @Test
    void junitIsValidByItsSchema() throws Exception {
        Schema schema = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI)
                .newSchema(new StreamSource(new StringReader(resource("junit.xsd"))));
        for (List<Report> some : List.of(reports(), List.<Report>of())) {
            schema.newValidator().validate(new StreamSource(new StringReader(ReportFormat.JUNIT.all(some))));
        }
        assertThatThrownBy(() -> schema.newValidator()
                        .validate(
                                new StreamSource(new StringReader("<testsuites><testsuite name=\"a\"/></testsuites>"))))
                .isInstanceOf(SAXException.class)
                .hasMessageContaining("tests");
    }

    @Test
    void promtoolTakesTheTextFile() throws Exception {
        for (List<Report> some : List.of(reports(), reports().subList(0, 1))) {
            assertThat(promtool(ReportFormat.PROM.all(some))).isEmpty();
        }
        assertThat(promtool("tlsfleet_x{a=\"b\"} one\n"))
                .as("and it refuses what is none")
                .isNotEmpty();
    }

    @Test
    void everyLineOfNdjsonIsAReport() {
        List<Report> reports = reports();
        List<String> lines = ReportFormat.NDJSON.all(reports).lines().toList();
        assertThat(lines).hasSameSizeAs(reports);
        for (String line : lines) {
            assertThat(Json.write(Json.read(line, Report.class))).isEqualTo(line);
        }
    }

    private static String promtool(String text) throws IOException, InterruptedException {
        Process promtool = new ProcessBuilder("promtool", "check", "metrics")
                .redirectErrorStream(true)
                .start();
        try (var in = promtool.getOutputStream()) {
            in.write(text.getBytes(StandardCharsets.UTF_8));
        }
        String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return promtool.waitFor() == 0 ? "" : said.isBlank() ? "failed" : said;
    }

    private static void conforms(JsonNode node, String shape, String at) {
        JsonNode of = SHAPES.path(shape);
        assertThat(node.isObject()).as("%s is an object", at).isTrue();
        for (JsonNode required : of.path("required")) {
            assertThat(node.has(required.asText()))
                    .as("%s has %s", at, required.asText())
                    .isTrue();
        }
        node.properties().forEach(field -> {
            JsonNode kind = of.path("properties").path(field.getKey());
            assertThat(kind.isMissingNode())
                    .as("%s may have %s", at, field.getKey())
                    .isFalse();
            value(field.getValue(), kind, at + "/" + field.getKey());
        });
    }

    /** A kind is a word, the words to choose from, or {@code [shape*]}: a list of objects. */
    private static void value(JsonNode value, JsonNode kind, String at) {
        if (kind.isArray() && kind.path(0).asText().endsWith("*")) {
            assertThat(value.isArray()).as(at).isTrue();
            String shape = kind.path(0).asText().replace("*", "");
            for (int i = 0; i < value.size(); i++) {
                conforms(value.get(i), shape, at + "/" + i);
            }
        } else if (kind.isArray()) {
            assertThat(Json.parse(kind.toString())).as(at).contains(value);
        } else {
            switch (kind.asText()) {
                case "string" -> assertThat(value.isTextual()).as(at).isTrue();
                case "integer" -> assertThat(value.isInt()).as(at).isTrue();
                case "boolean" -> assertThat(value.isBoolean()).as(at).isTrue();
                case "uri" ->
                    assertThat(URI.create(value.asText()).isAbsolute()).as(at).isTrue();
                case "strings" ->
                    value.forEach(one -> assertThat(one.isTextual()).as(at).isTrue());
                case "any" -> assertThat(value.isObject()).as(at).isTrue();
                default -> conforms(value, kind.asText(), at);
            }
        }
    }

    private static Report report(Facts facts) {
        return Judge.judge(facts.build(), List.of(Policies.standard()), List.of(Pki.PRIVATE), Memory.NONE, Facts.AT);
    }

    private static String resource(String name) {
        try (var in = Objects.requireNonNull(ExportSchemasTest.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}

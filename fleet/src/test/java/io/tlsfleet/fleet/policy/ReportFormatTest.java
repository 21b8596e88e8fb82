package io.tlsfleet.fleet.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.Facts;
import io.tlsfleet.fleet.Pki;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.fleet.report.CsvReport;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.fleet.report.ReportFormat;
import io.tlsfleet.fleet.report.TextReport;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class ReportFormatTest {
    private static final String EVIL = "</script><script>alert(1)</script>\u001b[31m\u202e=cmd|' /C calc'!A0\n\"'&";

    private static final Report BAD = report(Facts.good()
            .accepts("TLSv1.0", "TLS_RSA_WITH_AES_128_CBC_SHA")
            .unknown("/resumption/TLSv1.3/psk", Reason.READ_TIMEOUT)
            .served(Pki.served(l -> {
                l.subject = "CN=\\<b\\>bold\\</b\\>";
                l.names = List.of("other.example");
            })));
    private static final Report GONE =
            report(Facts.good().unreachable(Outcome.UNREACHABLE, Reason.CONNECT_TIMEOUT, "no answer in 5 s"));
    private static final Report HOSTILE = report(Facts.good()
            .endpoint(EVIL, "192.0.2.7", 443, EVIL, null)
            .http(h -> new Observation.Http(200, null, EVIL, 0L, false, "http://" + EVIL, 0, false)));

    private static Report report(Facts facts) {
        return Judge.judge(facts.build(), List.of(Policies.standard()), List.of(Pki.PRIVATE), Memory.NONE, Facts.AT);
    }

    @ParameterizedTest
    @ValueSource(ints = {60, 80, 100, 200})
    void nothingIsWiderThanTheWindow(int width) {
        Facts facts = Facts.good().accepts("TLSv1.0", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA");
        for (String cipher : List.of("AES_128", "AES_256", "CAMELLIA_128", "CAMELLIA_256", "ARIA_128", "ARIA_256")) {
            String hash = cipher.endsWith("256") ? "SHA384" : "SHA256";
            facts = facts.alsoSuite("TLSv1.2", "TLS_ECDHE_ECDSA_WITH_" + cipher + "_CBC_" + hash)
                    .alsoSuite("TLSv1.2", "TLS_RSA_WITH_" + cipher + "_GCM_" + hash);
        }
        String text = TextReport.terminal(report(facts), false, width);
        assertThat(text.lines()).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(width));
        assertThat(text).contains("and ").contains(" more (--format json has all)");
        assertThat(text.lines().filter(line -> line.contains("✘")))
                .noneMatch(line -> line.strip().endsWith("TLS"));
    }

    @Test
    void jsonReadsBackAsTheSameReport() {
        String json = ReportFormat.JSON.all(List.of(BAD));

        assertThat(Json.pretty(Json.read(json, Report.class)) + "\n").isEqualTo(json);
        assertThat(Json.parse(ReportFormat.JSON.all(List.of(BAD, GONE))).size()).isEqualTo(2);
    }

    /** Contract, section 3: coverage names every fact that is not certain. */
    @Test
    void whatNobodyAnsweredIsUnknown() {
        assertThat(GONE.coverage())
                .containsExactly(
                        Observation.Coverage.unknown("/protocols", Reason.CONNECT_TIMEOUT),
                        Observation.Coverage.unknown("/cipherSuites", Reason.CONNECT_TIMEOUT),
                        Observation.Coverage.unknown("/groups", Reason.CONNECT_TIMEOUT),
                        Observation.Coverage.unknown("/certificates", Reason.CONNECT_TIMEOUT));
        Report certificate = report(Facts.good()
                .unreachable(Outcome.UNREACHABLE, Reason.RESET, "reset")
                .scan(Depth.CERTIFICATE, Outcome.UNREACHABLE, Reason.RESET, "reset"));
        assertThat(certificate.coverage()).containsExactly(Observation.Coverage.unknown("/certificates", Reason.RESET));
        assertThat(report(Facts.good().unreachable(Outcome.NOT_TLS, Reason.NOT_TLS, "HTTP"))
                        .coverage())
                .as("that it is no TLS is certain")
                .isEmpty();
    }

    @Test
    void jsonHasTheNamesOfTheContract() {
        JsonNode json = Json.tree(BAD);

        assertThat(json.at("/schema").textValue()).isEqualTo("tlsfleet.report/1");
        assertThat(json.at("/certificates/0/chain/0/subjectAltNames/0").textValue())
                .isEqualTo("DNS:other.example");
        assertThat(json.at("/certificates/0/hostname/matches").booleanValue()).isFalse();
        assertThat(json.at("/certificates/0/trust/0/status").textValue()).isEqualTo("trusted");
        assertThat(json.at("/certificates/0/chain/0/keyAlgorithm").textValue()).isEqualTo("ECDSA");
        assertThat(json.at("/grades/ssllabs-2009r/grade").textValue()).isEqualTo("M");
        assertThat(json.at("/grades/mozilla-6.0/level").textValue()).isEqualTo("old");
        assertThat(json.at("/findings/0/severity").textValue()).isEqualTo("high");
        assertThat(json.at("/findings/0/reproduce").textValue()).startsWith("openssl s_client -connect 192.0.2.7:443");
        assertThat(Json.tree(GONE).has("protocols")).isFalse();
        assertThat(Json.tree(GONE).at("/findings").isArray()).isTrue();
    }

    @Test
    void sarifHasWhatItsSchemaRequires() {
        JsonNode log = Json.parse(ReportFormat.SARIF.all(List.of(BAD, GONE, HOSTILE)));

        assertThat(log.at("/version").textValue()).isEqualTo("2.1.0");
        JsonNode rules = log.at("/runs/0/tool/driver/rules");
        assertThat(log.at("/runs/0/tool/driver/name").textValue()).isEqualTo("tlsfleet");
        JsonNode results = log.at("/runs/0/results");
        assertThat(results.size())
                .isEqualTo(BAD.findings().size() + HOSTILE.findings().size());
        for (JsonNode result : results) {
            assertThat(rules.get(result.at("/ruleIndex").intValue()).at("/id")).isEqualTo(result.at("/ruleId"));
            assertThat(result.at("/message/text").textValue()).isNotBlank();
            assertThat(result.at("/level").textValue()).isIn("note", "warning", "error");
            assertThat(java.net.URI.create(result.at("/locations/0/physicalLocation/artifactLocation/uri")
                            .textValue()))
                    .hasScheme("tls");
        }
    }

    @Test
    void junitIsXmlWithTheRightCounts() throws Exception {
        Document xml = parse(ReportFormat.JUNIT.all(List.of(BAD, GONE, HOSTILE)));

        Element suite = (Element) xml.getElementsByTagName("testsuite").item(0);
        assertThat(suite.getAttribute("name")).isEqualTo("shop.example:443");
        assertThat(suite.getElementsByTagName("failure").getLength())
                .isEqualTo(Integer.parseInt(suite.getAttribute("failures")))
                .isPositive();
        assertThat(suite.getElementsByTagName("testcase").getLength())
                .isEqualTo(Integer.parseInt(suite.getAttribute("tests")));
        assertThat(suite.getElementsByTagName("skipped").getLength()).isEqualTo(1);
        assertThat(((Element) xml.getElementsByTagName("testsuite").item(1)).getAttribute("errors"))
                .isEqualTo("1");
    }

    @Test
    void htmlIsSelfContainedAndShowsAHostileNameAsText() throws Exception {
        String html = ReportFormat.HTML.all(List.of(BAD, GONE, HOSTILE));

        assertThat(html)
                .doesNotContain("<script", "src=", "url(", "<b>bold", "\u001b", "\u202e")
                .contains("&lt;script&gt;");
        assertThat(html).contains("CN=\\&lt;b\\&gt;bold");
        // well-formed but for void elements, which HTML does not close
        parse(html.replaceAll("<(meta|br)([^>]*)>", "<$1$2/>").replace("<!doctype html>", ""));
    }

    /** A target that is listed twice is no reason for the node exporter to refuse the whole file. */
    @Test
    void prometheusTextHasEachSeriesOnce() {
        assertThat(ReportFormat.PROM.all(List.of(BAD, GONE, BAD)).lines().filter(l -> !l.startsWith("#")))
                .doesNotHaveDuplicates();
    }

    @Test
    void prometheusTextHasOneTypeAMetricAndEscapedLabels() {
        String prom = ReportFormat.PROM.all(List.of(BAD, HOSTILE));

        assertThat(prom.lines().filter(l -> l.startsWith("# TYPE")).distinct().count())
                .isEqualTo(prom.lines().filter(l -> l.startsWith("# TYPE")).count());
        assertThat(prom.lines().filter(l -> !l.startsWith("#")))
                .allMatch(l -> l.matches("[a-z_]+\\{([a-z_]+=\"([^\"\\\\]|\\\\.)*\",?)+} -?[0-9.]+"));
        assertThat(prom)
                .contains(
                        "tlsfleet_protocol_accepted{endpoint=\"shop.example:443\",address=\"192.0.2.7\",sni=\"shop.example\",protocol=\"TLSv1.0\"} 1");
        assertThat(ReportFormat.PROM.all(List.of(GONE)))
                .contains(
                        "tlsfleet_scan_success{endpoint=\"shop.example:443\",address=\"192.0.2.7\",sni=\"shop.example\"} 0");
    }

    @Test
    void csvHasNoFormulaAndNoLineBreakInACell() {
        String csv = ReportFormat.CSV.all(List.of(BAD, GONE, HOSTILE));

        assertThat(csv.lines().count())
                .isEqualTo(1 + BAD.findings().size() + 1 + HOSTILE.findings().size());
        for (String formula : List.of("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1")) {
            assertThat(CsvReport.cell(formula).replace("\"", "").charAt(0)).isNotIn('=', '+', '-', '@');
        }
        assertThat(CsvReport.cell("a,\"b\"")).isEqualTo("\"a,\"\"b\"\"\"");
        assertThat(CsvReport.cell(null)).isEmpty();
    }

    @Test
    void aPipeGetsAsciiOneFactALineWithTheEndpointFirst() {
        String text = TextReport.pipe(BAD) + TextReport.pipe(GONE);

        assertThat(text.chars()).allMatch(c -> c == '\n' || c >= ' ' && c <= '~');
        assertThat(text.lines()).allMatch(line -> line.startsWith("shop.example:443 "));
        assertThat(text).contains("shop.example:443 protocol TLSv1.0 accepted", "finding high protocol.tls10-accepted");
        assertThat(TextReport.pipe(HOSTILE).lines()).allMatch(line -> line.contains(":443 "));
    }

    @Test
    void aTerminalGetsTheVerdictFirstAndNoEscapeOfAPeer() {
        String text = TextReport.terminal(BAD, false, 120);

        assertThat(text.lines().skip(1).findFirst().orElseThrow())
                .contains("shop.example:443", "192.0.2.7", "TLS 1.3, 1.2, 1.0", "to fix, 1 unknown");
        assertThat(text).contains("TLS 1.0 ✔", "client's order", "no forward secrecy");
        assertThat(TextReport.terminal(HOSTILE, true, 120).replaceAll("\u001b\\[[0-9;]*m", ""))
                .doesNotContain("\u001b", "\u202e");
        assertThat(TextReport.terminal(HOSTILE, false, 120)).doesNotContain("\u001b", "\u202e");
        assertThat(text.lines()).allMatch(line -> line.length() <= 130);
    }

    @ParameterizedTest
    @EnumSource(ReportFormat.class)
    void everyFormatTakesEveryReport(ReportFormat format) {
        assertThat(format.all(List.of(BAD, GONE, HOSTILE))).isNotBlank();
        assertThat(ReportFormat.of(format.word())).isEqualTo(format);
        Report bare = report(Facts.good()
                .protocol("SSLv2", FactState.NOT_ASKED)
                .without("suites", "groups", "dh", "schemes", "alpn", "features", "tolerance", "fingerprints"));
        assertThat(format.all(List.of(bare))).isNotBlank();
    }

    private static Document parse(String xml) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        return factory.newDocumentBuilder().parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
    }
}

package io.tlsfleet.fleet.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tlsfleet.fleet.observation.Depth;
import java.io.BufferedReader;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ImportLinesTest {
    private static List<ImportLine> csv(String text) {
        return all(new CsvTargets(new StringReader(text)));
    }

    private static List<ImportLine> json(String text) {
        return all(new JsonTargets(new BufferedReader(new StringReader(text))));
    }

    private static List<ImportLine> all(Iterator<ImportLine> lines) {
        List<ImportLine> all = new ArrayList<>();
        lines.forEachRemaining(all::add);
        return all;
    }

    private static Target good(ImportLine line) {
        return ((ImportLine.Good) line).target();
    }

    private static String bad(ImportLine line) {
        return ((ImportLine.Bad) line).reason();
    }

    @Test
    void readsColumnsInAnyOrderAndTheRestAsTags() {
        Target target = good(
                csv("\uFEFFenv,owner,port,host,depth,addresses\r\nprod,\"Web, team\",8443,Shop.Example,full,10.0.0.1;10.0.0.2:444\r\n")
                        .getFirst());
        assertThat(target.host()).isEqualTo("shop.example");
        assertThat(target.port()).isEqualTo(8443);
        assertThat(target.owner()).isEqualTo("Web, team");
        assertThat(target.depth()).isEqualTo(Depth.FULL);
        assertThat(target.tags()).isEqualTo(Map.of("env", "prod"));
        assertThat(target.addresses()).containsExactly("10.0.0.1", "10.0.0.2:444");
    }

    @Test
    void aTargetOfSeveralSitesIsOneOfEach() {
        Target several =
                good(csv("host,site\nshop.example, plant ;internet;plant").getFirst());
        assertThat(several.perSite()).extracting(Target::site).containsExactly("plant", "internet");
        assertThat(good(json("{\"host\": \"shop.example\", \"sites\": [\"plant\", \"internet\"]}")
                                .getFirst())
                        .perSite())
                .extracting(Target::site)
                .containsExactly("plant", "internet");
        assertThat(good(csv("host,site\nshop.example,plant").getFirst()).perSite())
                .hasSize(1);
        assertThat(bad(json("{\"host\": \"shop.example\", \"sites\": []}").getFirst()))
                .contains("sites");
    }

    @Test
    void aFileOfCertificatesIsATargetWithoutAPort() {
        Target file = good(csv("host,passwordFile\nfile:/opt/app/key store.p12,/opt/app/word")
                .getFirst());
        assertThat(file.isFile()).isTrue();
        assertThat(file.port()).isZero();
        assertThat(file.filePath()).isEqualTo("/opt/app/key store.p12");
        assertThat(file.depth()).isEqualTo(Depth.CERTIFICATE);
        assertThat(file.tags()).containsEntry("passwordFile", "/opt/app/word");
        for (String wrong : List.of("file:relative", "file:/a/../b", "file://host/a", "file:/a/..")) {
            assertThat(bad(csv("host\n" + wrong).getFirst())).as(wrong).contains("absolute");
        }
        assertThat(bad(csv("host,port\nfile:/a.pem,443").getFirst())).contains("no port");
        assertThat(bad(csv("host\nfile:/a.pem,443").getFirst())).isNotEmpty();
    }

    @Test
    void knowsTheUsualPortOfAStarttlsProtocol() {
        assertThat(good(csv("host,starttls\nmail.example,smtp").getFirst()).port())
                .isEqualTo(25);
        assertThat(good(csv("host\nmail.example:993").getFirst()).port()).isEqualTo(993);
    }

    @Test
    void saysWhatIsWrongWithALineAndGoesOn() {
        List<ImportLine> lines = csv("""
                host,port,note
                a.example,443,"two
                lines"

                b.example,99999,
                ,443,
                "c.example,443,x
                """);
        assertThat(lines).hasSize(4);
        assertThat(good(lines.get(0)).tags()).containsEntry("note", "two\nlines");
        assertThat(lines.get(1).number()).isEqualTo(5);
        assertThat(bad(lines.get(1))).isEqualTo("port 99999 is out of range 1 to 65535");
        assertThat(bad(lines.get(2))).isEqualTo("host is missing");
        assertThat(bad(lines.get(3))).contains("quoted cell has no end");
    }

    @Test
    void refusesAHeaderWithoutHost() {
        assertThatThrownBy(() -> csv("name,port\nx,1"))
                .isInstanceOf(InvalidTarget.class)
                .hasMessageContaining("host");
        assertThatThrownBy(() -> csv("")).isInstanceOf(InvalidTarget.class);
        assertThatThrownBy(() -> csv("host,host\nx,y")).hasMessageContaining("twice");
    }

    @Test
    void countsCellsAgainstTheHeader() {
        assertThat(bad(csv("host\na,b").getFirst())).contains("2 cells");
        assertThat(good(csv("host,owner\na.example").getFirst()).owner()).isNull();
    }

    @Test
    void readsObjectsOneALine() {
        List<ImportLine> lines = json("""
                {"host": "a.example", "port": 8443, "tags": {"env": "prod"}, "intervalSeconds": 600}

                {"host": "b.example", "prot": 1}
                {"host": "c.example", "port": "443"}
                {"host":
                [1]
                """);
        assertThat(good(lines.get(0)).tags()).containsEntry("env", "prod");
        assertThat(good(lines.get(0)).intervalSeconds()).isEqualTo(600);
        assertThat(lines.get(1).number()).isEqualTo(3);
        assertThat(bad(lines.get(1))).contains("'prot' is not known");
        assertThat(bad(lines.get(2))).contains("port");
        assertThat(bad(lines.get(3))).contains("no JSON");
        assertThat(bad(lines.get(4))).contains("expected a JSON object");
    }

    @Test
    void aTargetIsNotVerifiedOnDemand() {
        assertThat(bad(csv("host,depth\na.example,verify").getFirst())).contains("certificate, standard, full");
    }

    @Test
    void neitherReaderThrowsWhateverComes() {
        SplittableRandom random = new SplittableRandom(7);
        String alphabet = "a,\"\n\r{}:[]\\\u0000é443 ";
        for (int i = 0; i < 3_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(60); n > 0; n--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            assertThat(csv("host,port,x\n" + text)).doesNotContainNull();
            assertThat(json(text.toString())).doesNotContainNull();
        }
    }
}

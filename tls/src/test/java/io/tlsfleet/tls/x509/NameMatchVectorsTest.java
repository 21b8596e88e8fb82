package io.tlsfleet.tls.x509;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.tls.Vectors;
import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.der.Der;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Names compared by RFC 5280 section 7.1; the names are BoringSSL's, and what they are says what has to be equal. */
class NameMatchVectorsTest {
    private static final JsonNode NAMES = Vectors.json("boringssl-pki/raw_verify_name_match.json.gz");
    private static final List<String> TYPES =
            List.of("PRINTABLESTRING", "T61STRING", "UTF8", "BMPSTRING", "UNIVERSALSTRING");
    private static final List<String> MANGLED = List.of("unmangled", "case_swap", "extra_whitespace");
    private static final List<String> LONGER = List.of("-extra_attr", "-dupe_attr", "-extra_rdn");

    private int compared;
    private final List<String> wrong = new ArrayList<>();

    @Test
    void asTheStandardHasIt() throws Exception {
        for (String type : TYPES) {
            for (String mangled : MANGLED) {
                String name = "ascii-" + type + "-" + mangled;
                equal(name, name, true);
                for (String longer : LONGER) {
                    equal(name, name + longer, false);
                    equal(name + longer, name + longer, true);
                }
                equal(name + "-dupe_attr", name + "-extra_attr", false);
                equal("ascii-" + type + "-unmangled", name, true);
                // BoringSSL compares T61STRING by its octets; section 7.1 leaves it open, and OpenSSL folds it as we do
                for (String other : TYPES) {
                    equal(name, "ascii-" + other + "-" + mangled, true);
                }
            }
            within("ascii-" + type + "-unmangled-extra_rdn", "ascii-" + type + "-unmangled", true);
            within("ascii-" + type + "-unmangled", "ascii-" + type + "-unmangled-extra_rdn", false);
        }
        equal("unicode_bmp-UTF8-unmangled", "unicode_bmp-BMPSTRING-unmangled", true);
        equal("unicode_bmp-UTF8-unmangled", "unicode_bmp-UNIVERSALSTRING-unmangled", true);
        equal("unicode_supplementary-UTF8-unmangled", "unicode_supplementary-UNIVERSALSTRING-unmangled", true);
        equal("unicode-mixed-unnormalized", "unicode-mixed-normalized", true);
        equal("valid-Name-empty", "valid-minimal", false);
        System.out.printf("%-34s %4d of %4d%n", "boringssl-pki, names", compared - wrong.size(), compared);
        wrong.forEach(pair -> System.out.println("    " + pair));
        assertThat(wrong).isEmpty();
    }

    @Test
    void whatIsNoNameIsRefused() {
        int refused = 0;
        for (String name : (Iterable<String>) NAMES::fieldNames) {
            if (name.startsWith("invalid-")) {
                assertThatThrownBy(() -> read(name)).as(name).isInstanceOf(MalformedMessage.class);
                refused++;
            }
        }
        assertThat(refused).isEqualTo(8);
    }

    private void equal(String a, String b, boolean expected) throws MalformedMessage {
        compared++;
        if (read(a).matches(read(b)) != expected || read(b).matches(read(a)) != expected) {
            wrong.add(a + " and " + b + (expected ? " differ" : " are equal"));
        }
    }

    private void within(String name, String base, boolean expected) throws MalformedMessage {
        compared++;
        if (read(name).within(read(base)) != expected) {
            wrong.add(name + (expected ? " is not" : " is") + " within " + base);
        }
    }

    private static DistinguishedName read(String name) throws MalformedMessage {
        byte[] der =
                Base64.getDecoder().decode(NAMES.at("/" + name + "/0/der_b64").asText());
        return DistinguishedName.read(Der.of(der), "name");
    }
}

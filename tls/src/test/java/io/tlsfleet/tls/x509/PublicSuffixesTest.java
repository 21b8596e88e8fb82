package io.tlsfleet.tls.x509;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.Vectors;
import io.tlsfleet.tls.x509.TestAuthority.Wanted;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PublicSuffixesTest {
    @Test
    void theListsOwnTests() throws Exception {
        PublicSuffixes list = PublicSuffixes.read(
                Files.readString(Vectors.path("psl/public_suffix_list.dat"), StandardCharsets.UTF_8));
        List<String> misses = new ArrayList<>();
        int all = 0;
        for (String line : Files.readAllLines(Vectors.path("psl/tests.txt"), StandardCharsets.UTF_8)) {
            if (line.isBlank() || line.startsWith("//")) {
                continue;
            }
            String[] test = line.split("\\s+", 2);
            Optional<String> expected = test[1].equals("null") ? Optional.empty() : HostName.toAscii(test[1]);
            Optional<String> found = test[0].equals("null") ? Optional.empty() : list.registrable(test[0]);
            all++;
            if (!found.equals(expected)) {
                misses.add(line + " -> " + found);
            }
        }
        System.out.printf("%-34s %4d of %4d%n", "psl", all - misses.size(), all);
        assertThat(misses).isEmpty();
        assertThat(all).isGreaterThanOrEqualTo(78);
    }

    @Test
    void theListOfTheJdkIsRead() {
        PublicSuffixes list = PublicSuffixes.ofJdk();
        assertThat(list.isListedSuffix("co.uk")).isTrue();
        assertThat(list.isListedSuffix("Kobe.jp")).isFalse();
        assertThat(list.isListedSuffix("x.kobe.jp")).isTrue();
        assertThat(list.isListedSuffix("city.kobe.jp")).isFalse();
        assertThat(list.isOfRegistry("co.uk")).isTrue();
        assertThat(list.isOfRegistry("x.kobe.jp")).isTrue();
        assertThat(list.isListedSuffix("s3.amazonaws.com")).isTrue();
        assertThat(list.isOfRegistry("s3.amazonaws.com")).isFalse();
        assertThat(list.isListedSuffix("example")).as("nobody listed it").isFalse();
        assertThat(list.isSuffix("example"))
                .as("but nothing is below less than one label")
                .isTrue();
        assertThat(list.registrable("www.shop.example.co.uk")).contains("example.co.uk");
        assertThat(list.registrable("..")).isEmpty();
    }

    @Test
    void aWildcardForASuffixIsAFlawAndOneForADomainIsNone() {
        assertThat(flaws("*.co.uk")).contains(Defect.Kind.WILDCARD_TOO_WIDE);
        assertThat(flaws("*.shop.co.uk")).doesNotContain(Defect.Kind.WILDCARD_TOO_WIDE);
    }

    private static List<Defect.Kind> flaws(String name) {
        Instant at = TestAuthority.NOW;
        byte[] leaf =
                TestAuthority.root("Root").issue("leaf", new Wanted().dns(name)).der();
        return ChainJudge.judge(ChainQuestion.of(List.of(leaf), List.of(), at)).flaws().stream()
                .map(flaw -> flaw.defect().kind())
                .toList();
    }
}

package io.tlsfleet.tls.fingerprint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import org.junit.jupiter.api.Test;

class KnownClientsTest {
    private static final String OWN = "t12d010000_ba72b8082249_000000000000";

    @Test
    void saysWhereItIsFromAndUnderWhichLicence() {
        assertThat(KnownClients.shipped().about()).contains("As of 2026-", "MIT", "MPL-2.0");
        assertThat(KnownClients.shipped().all()).hasSizeGreaterThan(90).allSatisfy(client -> {
            assertThat(client.isProfiled()).as(client.name()).isTrue();
            assertThat(client.source()).isIn("curl-impersonate", "cryptodatahub");
        });
    }

    @Test
    void takesNamesOfOnesOwn() throws IOException {
        KnownClients more = KnownClients.shipped()
                .and(KnownClients.read("own.tsv", new StringReader("# ours, 2026\nLabel printer\t" + OWN + "\n")));
        assertThat(more.named(OWN)).containsExactly("Label printer");
        assertThat(more.named("q12i010000_ba72b8082249_000000000000"))
                .as("transport and server name aside")
                .containsExactly("Label printer");
        assertThat(more.sending(OWN).getFirst().isProfiled()).isFalse();
        assertThat(more.named("t12d020000_ba72b8082249_000000000000")).isEmpty();
        assertThat(more.about()).contains("ours, 2026");
    }

    @Test
    void namesTheLineThatIsWrong() {
        for (String wrong : new String[] {"printer", "printer\tabc", "\t" + OWN, "a\t" + OWN + "\t0303"}) {
            assertThatThrownBy(() -> KnownClients.read("own.tsv", new StringReader("ok\t" + OWN + "\n" + wrong)))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("own.tsv line 2: ");
        }
    }
}

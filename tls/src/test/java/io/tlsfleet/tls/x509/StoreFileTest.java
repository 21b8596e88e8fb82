package io.tlsfleet.tls.x509;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class StoreFileTest {
    /** The way that is taken for speed and the one that reads whatever is in a file. */
    @Test
    void readsOfTheShippedStoreWhatIsFoundInItAsInAnyFile() throws Exception {
        byte[] file;
        try (InputStream in = Objects.requireNonNull(StoreFileTest.class.getResourceAsStream("mozilla.pem"))) {
            file = in.readAllBytes();
        }
        List<byte[]> searched = Pem.certificates(file);
        List<byte[]> read = new ArrayList<>();
        TrustStore.mozilla()
                .anchors()
                .forEach(anchor -> read.add(anchor.certificate().der()));
        assertThat(searched).hasSizeGreaterThan(100);
        assertThat(read.toArray(byte[][]::new)).isDeepEqualTo(searched.toArray(byte[][]::new));
    }

    @Test
    void takesBrokenLinesEscapedOnesAndWindowsFilesAsTheyAreMeant() {
        TrustStore.Anchor anchor = TrustStore.mozilla().anchors().getFirst();
        String pem = anchor.certificate().pem();
        for (String text : List.of(
                pem,
                pem.replace("\n", "\r\n"),
                pem.replace("\n", "\\n"),
                pem.replace("MII", "M I\tI"),
                "before\n" + pem + "after")) {
            assertThat(Pem.certificates(text.getBytes(StandardCharsets.US_ASCII)))
                    .singleElement()
                    .isEqualTo(anchor.certificate().der());
        }
        TrustStore store = StoreFile.read("own", pem.replace("\n", "\r\n") + pem.stripTrailing());
        assertThat(store.anchors()).hasSize(2);
    }
}

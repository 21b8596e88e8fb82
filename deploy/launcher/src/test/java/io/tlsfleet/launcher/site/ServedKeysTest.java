package io.tlsfleet.launcher.site;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tlsfleet.api.http.ApiConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The certificate and key that the API is to be served with. */
class ServedKeysTest {
    @TempDir
    Path dir;

    @Test
    void takesACertificateWithItsKey() {
        SelfSigned own = SelfSigned.make(dir, "own");
        assertThatCode(new ApiConfig.Tls(own.certificate(), own.key())::check).doesNotThrowAnyException();
    }

    @Test
    void namesFilesThatAreNoneOrDoNotBelongTogether() throws Exception {
        SelfSigned own = SelfSigned.make(dir, "own");
        SelfSigned other = SelfSigned.make(dir, "other");
        Path empty = Files.createFile(dir.resolve("empty.pem"));
        Path absent = dir.resolve("absent.pem");
        assertThatThrownBy(new ApiConfig.Tls(own.certificate(), other.key())::check)
                .hasMessage("--tls-certificate " + own.certificate() + ", --tls-key " + other.key()
                        + ": the key is not that of the certificate");
        assertThatThrownBy(new ApiConfig.Tls(absent, own.key())::check)
                .hasMessage("--tls-certificate " + absent + ": no such file");
        assertThatThrownBy(new ApiConfig.Tls(own.certificate(), absent)::check)
                .hasMessage("--tls-key " + absent + ": no such file");
        assertThatThrownBy(new ApiConfig.Tls(empty, own.key())::check)
                .hasMessageContainingAll(empty.toString(), "no certificate in it");
        assertThatThrownBy(new ApiConfig.Tls(own.certificate(), empty)::check)
                .hasMessageContainingAll(empty.toString(), "no private key in it");
    }
}

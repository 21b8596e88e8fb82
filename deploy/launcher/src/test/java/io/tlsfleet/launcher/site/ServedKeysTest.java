package io.tlsfleet.launcher.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tlsfleet.api.http.ApiConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
                .hasMessage("--tls-certificate " + empty + ": no certificate in it");
        assertThatThrownBy(new ApiConfig.Tls(own.certificate(), empty)::check)
                .hasMessage("--tls-key " + empty + ": no private key in it");
        assertThatThrownBy(new ApiConfig.Tls(own.key(), own.key())::check)
                .hasMessage("--tls-certificate " + own.key() + ": no certificate in it: it holds a private key");
    }

    @Test
    void saysOfWhichFilePemIsWanted() throws Exception {
        SelfSigned own = SelfSigned.make(dir, "own");
        Path der = openssl("key.der", "pkey", "-in", own.key().toString(), "-outform", "DER");
        Path keystore = openssl(
                "own.p12",
                "pkcs12",
                "-export",
                "-in",
                own.certificate().toString(),
                "-inkey",
                own.key().toString(),
                "-passout",
                "pass:");
        assertThatThrownBy(new ApiConfig.Tls(own.certificate(), der)::check)
                .hasMessage(
                        "--tls-key " + der
                                + ": no private key in it that can be read: it is DER, and PEM is wanted (openssl pkey -inform DER)");
        assertThatThrownBy(new ApiConfig.Tls(own.certificate(), keystore)::check)
                .hasMessage(
                        "--tls-key " + keystore
                                + ": no private key in it that can be read: it is a PKCS#12 keystore, and PEM is wanted (openssl pkcs12 -nodes)");
        assertThatThrownBy(new ApiConfig.Tls(keystore, own.key())::check)
                .hasMessage("--tls-certificate " + keystore
                        + ": no certificate in it, but a PKCS#12 keystore; PEM is wanted");
        assertThatThrownBy(new ApiConfig.Tls(der, own.key())::check)
                .hasMessage("--tls-certificate " + der + ": no certificate in it, but a private key; PEM is wanted");
    }

    private Path openssl(String name, String... words) throws Exception {
        Path made = dir.resolve(name);
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(words));
        command.addAll(List.of("-out", made.toString()));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("openssl.log").toFile())
                .start();
        assertThat(process.waitFor()).isZero();
        return made;
    }
}

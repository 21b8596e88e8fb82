package io.tlsfleet.tls.x509;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.PeerProcess;
import io.tlsfleet.tls.x509.Signatures.Result;
import io.tlsfleet.tls.x509.der.Der;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signed by OpenSSL, with curves and hashes of both libraries that we verify by. */
class SignaturesTest {
    private static final Map<String, String> ECDSA = Map.of(
            "sha1", "1.2.840.10045.4.1",
            "sha224", "1.2.840.10045.4.3.1",
            "sha256", "1.2.840.10045.4.3.2",
            "sha384", "1.2.840.10045.4.3.3",
            "sha512", "1.2.840.10045.4.3.4",
            "sha3-256", "2.16.840.1.101.3.4.3.10");
    private static final byte[] MESSAGE = "what is signed".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"prime256v1", "secp384r1", "secp521r1", "secp256k1", "brainpoolP256r1", "brainpoolP512r1"})
    void verifiesEcdsaOverEveryCurveWithEveryHash(String curve) throws Exception {
        PublicKeyFacts key = key(curve);
        for (String hash : ECDSA.keySet()) {
            byte[] signature = sign(hash);
            assertThat(verify(hash, key, MESSAGE, signature)).as(hash).isEqualTo(Result.GOOD);
            byte[] other = MESSAGE.clone();
            other[0] ^= 1;
            assertThat(verify(hash, key, other, signature)).as(hash).isEqualTo(Result.BAD);
        }
    }

    @Test
    void whatIsNoSignatureIsBad() throws Exception {
        PublicKeyFacts key = key("prime256v1");
        byte[] signature = sign("sha256");
        byte[] longer = Arrays.copyOf(signature, signature.length + 1);
        assertThat(verify("sha256", key, MESSAGE, longer)).isEqualTo(Result.BAD);
        assertThat(verify("sha256", key, MESSAGE, new byte[0])).isEqualTo(Result.BAD);
        assertThat(verify("sha256", key, MESSAGE, new byte[] {0x30, 6, 2, 1, 0, 2, 1, 0}))
                .isEqualTo(Result.BAD);
    }

    private static Result verify(String hash, PublicKeyFacts key, byte[] message, byte[] signature) {
        AlgorithmId algorithm = new AlgorithmId(Objects.requireNonNull(ECDSA.get(hash)), new byte[0], new byte[0]);
        return Signatures.verify(algorithm, key, message, signature);
    }

    private PublicKeyFacts key(String curve) throws Exception {
        openssl("ecparam", "-name", curve, "-genkey", "-noout", "-out", "key.pem");
        openssl("pkey", "-in", "key.pem", "-pubout", "-outform", "DER", "-out", "key.der");
        return PublicKeyFacts.read(Der.of(Files.readAllBytes(directory.resolve("key.der"))), "key");
    }

    private byte[] sign(String hash) throws Exception {
        Files.write(directory.resolve("message"), MESSAGE);
        openssl("dgst", "-" + hash, "-sign", "key.pem", "-out", "signature", "message");
        return Files.readAllBytes(directory.resolve("signature"));
    }

    private void openssl(String... words) {
        String[] command = new String[words.length + 1];
        command[0] = "openssl";
        System.arraycopy(words, 0, command, 1, words.length);
        PeerProcess.run(directory, command);
    }
}

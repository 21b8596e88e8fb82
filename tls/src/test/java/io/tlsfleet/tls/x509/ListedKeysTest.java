package io.tlsfleet.tls.x509;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tlsfleet.tls.x509.TestAuthority.Wanted;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.util.BigIntegers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each form in which lists of known keys are published, with a key that is on the list and one that is not. */
class ListedKeysTest {
    private static final TestAuthority ROOT = TestAuthority.root("Root");
    private static final KeyPair RSA = pair("RSA");
    private static final KeyPair OTHER = pair("RSA");
    private static final KeyPair EC = pair("EC");
    private static final KeyPair EDDSA = pair("Ed25519");
    private static final BigInteger MODULUS = ((RSAPublicKey) RSA.getPublic()).getModulus();

    @AfterEach
    void forget() {
        ListedKeys.use(List.of());
    }

    @Test
    void aLineOfOpensslBlacklist() {
        // sha1 of what "openssl rsa -noout -modulus" prints, its latter 20 digits
        String line = "Modulus=" + MODULUS.toString(16).toUpperCase(java.util.Locale.ROOT) + "\n";
        String tail =
                hex(digest("SHA-1", line.getBytes(StandardCharsets.US_ASCII))).substring(20);
        use("# blacklisted\n00112233445566778899\n" + tail + "\nffeeddccbbaa99887766\n");
        assertThat(weak(RSA)).containsExactly("listed");
        assertThat(weak(OTHER)).isEmpty();
        assertThat(weak(EC)).isEmpty();
    }

    @Test
    void digestsOfModulusAndOfTheXCoordinate() {
        BigInteger x = ((ECPublicKey) EC.getPublic()).getW().getAffineX();
        use("SHA256_FINGERPRINT\n" + hex(sha256(BigIntegers.asUnsignedByteArray(MODULUS))) + "\n"
                + hex(sha256(BigIntegers.asUnsignedByteArray(x))) + ",le64,4711\n");
        assertThat(weak(RSA)).containsExactly("listed");
        assertThat(weak(EC)).containsExactly("listed");
        assertThat(weak(pair("EC"))).isEmpty();
        assertThat(weak(EDDSA)).isEmpty();
    }

    @Test
    void digestsOfTheWholeKey() {
        use(hex(sha256(EDDSA.getPublic().getEncoded())) + "  leaked-ed25519\n");
        assertThat(weak(EDDSA)).containsExactly("listed");
        assertThat(weak(pair("Ed25519"))).isEmpty();
    }

    @Test
    void recordsOfBadkeys() {
        ByteArrayOutputStream records = new ByteArrayOutputStream();
        for (byte[] digest : List.of(new byte[32], sha256(BigIntegers.asUnsignedByteArray(MODULUS)))) {
            records.writeBytes(Arrays.copyOf(digest, 15));
            records.write(1);
        }
        ListedKeys.use(List.of(ListedKeys.read("blocklist.dat", records.toByteArray())));
        assertThat(weak(RSA)).containsExactly("listed");
        assertThat(weak(OTHER)).isEmpty();
    }

    @Test
    void whatIsNoListIsRefusedWithItsLine() {
        assertThatThrownBy(() -> use("")).hasMessageContaining("no key in it");
        assertThatThrownBy(() -> use("00112233445566778899\nnot a key\n")).hasMessageContaining("line 2");
        assertThatThrownBy(() -> use("0011223344556677889\n")).hasMessageContaining("no key in it");
    }

    private static void use(String list) {
        ListedKeys.use(List.of(ListedKeys.read("debian", list.getBytes(StandardCharsets.US_ASCII))));
    }

    private static List<String> weak(KeyPair keys) {
        CertificateFacts leaf = CertificateFacts.read(
                ROOT.issue("leaf", new Wanted().dns("a.example").keys(keys)).der());
        return WeakKeys.of(leaf).stream().map(ChainVerdict.KeyWeakness::kind).toList();
    }

    private static KeyPair pair(String algorithm) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            if (algorithm.equals("RSA")) {
                generator.initialize(2_048);
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] sha256(byte[] bytes) {
        return digest("SHA-256", bytes);
    }

    private static byte[] digest(String algorithm, byte[] bytes) {
        try {
            return MessageDigest.getInstance(algorithm).digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}

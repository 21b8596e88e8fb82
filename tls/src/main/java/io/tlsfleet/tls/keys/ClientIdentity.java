package io.tlsfleet.tls.keys;

import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.x509.OtherContent;
import io.tlsfleet.tls.x509.Pem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.interfaces.ECKey;
import java.security.interfaces.EdECKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.PSSParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;

/**
 * A client's certificate with its key, and the signature that a CertificateVerify wants (RFC 8446 section 4.4.3, RFC 5246
 * section 7.4.8): RSA as PKCS #1 and PSS, ECDSA on P-256, P-384 and P-521, Ed25519 and Ed448.
 */
public final class ClientIdentity {
    private final List<byte[]> chain;
    private final PrivateKey key;

    private ClientIdentity(List<byte[]> chain, PrivateKey key) {
        this.chain = List.copyOf(chain);
        this.key = key;
    }

    /** What was given. */
    public enum Part {
        CERTIFICATE,
        KEY,
        BOTH
    }

    /** Says what is wrong with the files, for the person who gave them. */
    public static final class Unusable extends Exception {
        private static final long serialVersionUID = 1;
        private final Part part;

        Unusable(Part part, String message) {
            super(message);
            this.part = part;
        }

        /** Which of the two is to be mended. */
        public Part part() {
            return part;
        }
    }

    /** {@code certificates} leaf first, PEM or DER; {@code key} in PEM: PKCS #8, PKCS #1 or SEC 1, not encrypted. */
    public static ClientIdentity of(byte[] certificates, byte[] key) throws Unusable {
        List<byte[]> chain = Pem.certificates(certificates);
        if (chain.isEmpty()) {
            throw new Unusable(
                    Part.CERTIFICATE,
                    "no certificate in it"
                            + OtherContent.of(certificates)
                                    .map(other -> ": it holds " + other)
                                    .orElse(""));
        }
        PrivateKey read = read(key);
        ClientIdentity identity = new ClientIdentity(chain, read);
        if (identity.scheme(List.of(), ProtocolVersion.TLS_1_0).isEmpty()
                && identity.scheme(everyScheme(), ProtocolVersion.TLS_1_2).isEmpty()) {
            throw new Unusable(
                    Part.KEY, "a key of " + read.getAlgorithm() + " cannot sign here: give RSA, ECDSA or EdDSA");
        }
        if (!identity.belongsTogether()) {
            throw new Unusable(Part.BOTH, "the key is not that of the certificate");
        }
        return identity;
    }

    private static PrivateKey read(byte[] file) throws Unusable {
        try (PEMParser parser = new PEMParser(new StringReader(new String(file, StandardCharsets.ISO_8859_1)))) {
            for (Object part = parser.readObject(); part != null; part = parser.readObject()) {
                PrivateKeyInfo info = part instanceof PEMKeyPair pair
                        ? pair.getPrivateKeyInfo()
                        : part instanceof PrivateKeyInfo plain ? plain : null;
                if (info != null) {
                    return key(info);
                }
                if (part.getClass().getSimpleName().contains("Encrypted")) {
                    throw new Unusable(Part.KEY, "the key is encrypted: give it without a passphrase");
                }
            }
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            throw new Unusable(Part.KEY, "no private key that can be read (" + e.getMessage() + ")");
        }
        throw new Unusable(Part.KEY, "no private key in it" + otherwise(file));
    }

    private static String otherwise(byte[] file) {
        Optional<String> other = OtherContent.of(file);
        if (file.length > 0 && file[0] == '0') { // the SEQUENCE that all of DER begins with
            return " that can be read: it is "
                    + other.filter(what -> what.contains("keystore")).orElse("DER") + ", and PEM is wanted (openssl "
                    + (other.filter(what -> what.contains("keystore")).isPresent()
                            ? "pkcs12 -nodes"
                            : "pkey -inform DER")
                    + ")";
        }
        return other.map(what -> ": it holds " + what).orElse("");
    }

    private static PrivateKey key(PrivateKeyInfo info) throws GeneralSecurityException, IOException {
        String algorithm = switch (info.getPrivateKeyAlgorithm().getAlgorithm().getId()) {
            case "1.2.840.113549.1.1.1" -> "RSA";
            case "1.2.840.113549.1.1.10" -> "RSASSA-PSS";
            case "1.2.840.10045.2.1" -> "EC";
            case "1.3.101.112", "1.3.101.113" -> "EdDSA";
            default ->
                throw new InvalidKeyException("algorithm "
                        + info.getPrivateKeyAlgorithm().getAlgorithm().getId());
        };
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
    }

    /** What one signs the other verifies. */
    private boolean belongsTogether() throws Unusable {
        try {
            PublicKey other = CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(chain.getFirst()))
                    .getPublicKey();
            SignatureScheme scheme =
                    scheme(everyScheme(), ProtocolVersion.TLS_1_2).orElseThrow();
            byte[] content = {1, 2, 3};
            Signature verifier = signature(scheme);
            verifier.initVerify(other);
            verifier.update(content);
            return verifier.verify(sign(scheme, content));
        } catch (CertificateException e) {
            throw new Unusable(
                    Part.CERTIFICATE,
                    OtherContent.of(chain.getFirst())
                            .map(other -> "no certificate in it, but " + other + "; PEM is wanted")
                            .orElse("the certificate cannot be read (" + e.getMessage() + "); PEM is wanted"));
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** Both under one name without a password, as a {@code KeyManagerFactory} takes them. */
    public KeyStore keyStore() throws GeneralSecurityException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<Certificate> certificates = new ArrayList<>();
        for (byte[] der : chain) {
            certificates.add(factory.generateCertificate(new ByteArrayInputStream(der)));
        }
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("own", key, new char[0], certificates.toArray(new Certificate[0]));
            return store;
        } catch (IOException e) {
            throw new IllegalStateException("an empty key store is read from nowhere", e);
        }
    }

    /** DER, leaf first. */
    public List<byte[]> chain() {
        return chain;
    }

    /** The best that both can; empty when there is none. Before TLS 1.2 nothing is agreed and the answer stands for the key's own. */
    Optional<SignatureScheme> scheme(List<SignatureScheme> accepted, ProtocolVersion version) {
        List<Integer> ours = ours(version);
        if (version.compareTo(ProtocolVersion.TLS_1_2) < 0) {
            return ours.stream().map(SignatureScheme::new).findFirst();
        }
        return ours.stream()
                .map(SignatureScheme::new)
                .filter(accepted::contains)
                .findFirst();
    }

    private List<Integer> ours(ProtocolVersion version) {
        boolean tls13 = version.compareTo(ProtocolVersion.TLS_1_3) >= 0;
        boolean old = version.compareTo(ProtocolVersion.TLS_1_2) < 0;
        return switch (key.getAlgorithm()) {
            case "RSA" ->
                old
                        ? List.of(0x0201)
                        : tls13
                                ? List.of(0x0804, 0x0805, 0x0806)
                                : List.of(0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0201);
            case "RSASSA-PSS" -> old ? List.of() : List.of(0x0809, 0x080A, 0x080B);
            case "EC" ->
                old ? List.of(0x0203) : tls13 ? List.of(curveScheme()) : List.of(0x0403, 0x0503, 0x0603, 0x0203);
            case "EdDSA", "Ed25519", "Ed448" -> old ? List.of() : List.of(isEd448() ? 0x0808 : 0x0807);
            default -> List.of();
        };
    }

    private boolean isEd448() {
        return key instanceof EdECKey ed && ed.getParams().getName().equalsIgnoreCase("Ed448");
    }

    private int curveScheme() {
        int bits =
                key instanceof ECKey ec ? ec.getParams().getCurve().getField().getFieldSize() : 0;
        return bits == 256 ? 0x0403 : bits == 384 ? 0x0503 : 0x0603;
    }

    byte[] sign(SignatureScheme scheme, byte[] content) throws GeneralSecurityException {
        Signature signer = signature(scheme);
        signer.initSign(key, new SecureRandom());
        signer.update(content);
        return signer.sign();
    }

    /** TLS 1.0 and 1.1: RSA signs MD5 and SHA-1 side by side without naming them (RFC 2246 section 7.4.3), ECDSA SHA-1. */
    byte[] signOld(byte[] transcript) throws GeneralSecurityException {
        if (!key.getAlgorithm().equals("RSA")) {
            return sign(new SignatureScheme(0x0203), transcript);
        }
        byte[] both = ByteWriter.write(w -> w.raw(Hash.MD5.of(transcript)).raw(Hash.SHA_1.of(transcript)));
        Cipher rsa = Cipher.getInstance("RSA/ECB/PKCS1Padding");
        rsa.init(Cipher.ENCRYPT_MODE, key);
        return rsa.doFinal(both);
    }

    private static Signature signature(SignatureScheme scheme) throws GeneralSecurityException {
        return switch (scheme.code()) {
            case 0x0804, 0x0809 -> pss("SHA-256", MGF1ParameterSpec.SHA256, 32);
            case 0x0805, 0x080A -> pss("SHA-384", MGF1ParameterSpec.SHA384, 48);
            case 0x0806, 0x080B -> pss("SHA-512", MGF1ParameterSpec.SHA512, 64);
            case 0x0401 -> Signature.getInstance("SHA256withRSA");
            case 0x0501 -> Signature.getInstance("SHA384withRSA");
            case 0x0601 -> Signature.getInstance("SHA512withRSA");
            case 0x0201 -> Signature.getInstance("SHA1withRSA");
            case 0x0403 -> Signature.getInstance("SHA256withECDSA");
            case 0x0503 -> Signature.getInstance("SHA384withECDSA");
            case 0x0603 -> Signature.getInstance("SHA512withECDSA");
            case 0x0203 -> Signature.getInstance("SHA1withECDSA");
            case 0x0807 -> Signature.getInstance("Ed25519");
            case 0x0808 -> Signature.getInstance("Ed448");
            default -> throw new InvalidKeyException("no signature " + scheme.name());
        };
    }

    private static Signature pss(String hash, MGF1ParameterSpec mask, int salt) throws GeneralSecurityException {
        Signature signature = Signature.getInstance("RSASSA-PSS");
        signature.setParameter(new PSSParameterSpec(hash, "MGF1", mask, salt, 1));
        return signature;
    }

    private static List<SignatureScheme> everyScheme() {
        return SignatureScheme.all();
    }
}

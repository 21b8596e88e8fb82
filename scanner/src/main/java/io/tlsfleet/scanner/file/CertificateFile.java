package io.tlsfleet.scanner.file;

import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.OtherContent;
import io.tlsfleet.tls.x509.Pem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Chains out of a file: PEM, DER, PKCS#7, PKCS#12 and JKS. A keystore is opened for its certificates alone: no private
 * key in it is ever decrypted.
 */
public final class CertificateFile {
    /** What keystores have that were made without thinking of one. */
    private static final List<String> USUAL_PASSWORDS = List.of("changeit", "");

    private static final String WHOLE = "file";

    private static final int JKS = 0xFEEDFEED;

    private CertificateFile() {}

    /** A chain, leaf first; {@code name} is its alias in a keystore, {@code file} elsewhere. */
    public record Entry(String name, List<byte[]> chain) {}

    /** One chain a file, but one for each root of a bundle, and one for each entry of a keystore. */
    public static List<Entry> read(String name, byte[] file, @Nullable String password) throws Unreadable {
        boolean jks = file.length > 4 && new java.math.BigInteger(file, 0, 4).intValue() == JKS;
        String other = OtherContent.of(file).orElse("");
        if (jks || other.equals("a PKCS#12 keystore")) {
            return keystore(name, file, jks ? "JKS" : "PKCS12", password);
        }
        List<byte[]> certificates = Pem.certificates(file);
        boolean guessed = certificates.size() == 1 && certificates.getFirst().length == file.length;
        if (certificates.isEmpty() || guessed && !other.isEmpty()) {
            throw new Unreadable(
                    Reason.MALFORMED,
                    name + ": " + (other.isEmpty() ? "no certificate in it" : "this is " + other + ", no certificate")
                            + "; PEM, DER, PKCS#7, PKCS#12 and JKS are read");
        }
        if (certificates.stream()
                .anyMatch(der -> OtherContent.of(der).orElse("").equals("a private key"))) {
            throw new Unreadable(
                    Reason.MALFORMED, name + ": a private key stands in it as a certificate; nothing of it is read");
        }
        if (certificates.size() > 1
                && certificates.stream().map(CertificateFacts::read).allMatch(CertificateFacts::selfIssued)) {
            List<Entry> each = new ArrayList<>();
            certificates.forEach(root -> each.add(new Entry(WHOLE + " " + (each.size() + 1), List.of(root))));
            return each;
        }
        return List.of(new Entry(WHOLE, certificates));
    }

    private static List<Entry> keystore(String name, byte[] file, String type, @Nullable String password)
            throws Unreadable {
        for (String secret : password == null ? USUAL_PASSWORDS : List.of(password)) {
            try {
                KeyStore store = KeyStore.getInstance(type);
                // a JKS shows its certificates to anybody; the password would only say that they are untouched
                store.load(new ByteArrayInputStream(file), type.equals("JKS") ? null : secret.toCharArray());
                List<Entry> chains = chains(store);
                if (!chains.isEmpty()) {
                    return chains;
                }
            } catch (IOException | GeneralSecurityException e) {
                // the next password
            }
        }
        throw new Unreadable(
                Reason.UNSUPPORTED,
                name + ": a " + (type.equals("JKS") ? "JKS" : "PKCS#12") + " keystore "
                        + (password == null
                                ? "that opens with none of the usual passwords, or holds no certificate; its password has to be given (explain: --password-file FILE, a target: tag passwordFile)"
                                : "that does not open with the password given, or holds no certificate"));
    }

    private static List<Entry> chains(KeyStore store) throws GeneralSecurityException {
        List<Entry> chains = new ArrayList<>();
        for (String alias : Collections.list(store.aliases())) {
            Certificate[] chain = store.getCertificateChain(alias);
            Certificate single = store.getCertificate(alias);
            List<byte[]> found = new ArrayList<>();
            if (chain == null && single != null) {
                found.add(single.getEncoded());
            }
            for (Certificate certificate : chain == null ? new Certificate[0] : chain) {
                found.add(certificate.getEncoded());
            }
            if (!found.isEmpty()) {
                chains.add(new Entry(alias, List.copyOf(found)));
            }
        }
        return List.copyOf(chains);
    }
}

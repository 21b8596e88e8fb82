package io.tlsfleet.tls.x509;

import java.io.ByteArrayOutputStream;
import java.util.List;

/**
 * Which signatures between certificates were found good, to be kept beside them: a verification costs more than all the
 * rest of a judgement, and its answer never changes. Each is the SHA-256 of all that was asked (algorithm, key, message,
 * signature), so that an answer speaks for nothing else. Whoever keeps them must be trusted as the judge is.
 */
public final class ProvenSignatures {
    private static final int MOST = 10;

    private ProvenSignatures() {}

    /** Those among the certificates of one chain, end to end; empty when there are none. */
    public static byte[] among(List<byte[]> chain) {
        List<CertificateFacts> certificates =
                chain.stream().limit(MOST).map(CertificateFacts::read).toList();
        ByteArrayOutputStream proven = new ByteArrayOutputStream();
        for (CertificateFacts child : certificates) {
            for (CertificateFacts issuer : certificates) {
                if (!child.issuer().isEmpty()
                        && issuer.subject().matches(child.issuer())
                        && Signatures.of(child, issuer.key()) == Signatures.Result.GOOD) {
                    proven.writeBytes(Signatures.question(child, issuer.key()));
                }
            }
        }
        return proven.toByteArray();
    }

    /** Takes back what {@link #among} gave: these need not be computed while they are in the table of answers. */
    public static void remember(byte[] proven) {
        Signatures.remember(proven);
    }
}

package io.tlsfleet.tls.x509;

import java.util.HashMap;
import java.util.Map;

/** Who signed whom, within one judgement and its budget; each pair is asked once. */
final class Signers {
    private final Budget budget;
    private final Map<CertificateFacts, Map<CertificateFacts, Signatures.Result>> known = new HashMap<>();
    private boolean exhausted;

    Signers(Budget budget) {
        this.budget = budget;
    }

    Signatures.Result signature(CertificateFacts child, CertificateFacts issuer) {
        Map<CertificateFacts, Signatures.Result> results = known.computeIfAbsent(child, key -> new HashMap<>());
        Signatures.Result result = results.get(issuer);
        if (result == null) {
            if (!budget.signature(issuer.key())) {
                exhausted = true;
                return Signatures.Result.UNSUPPORTED;
            }
            result = Signatures.of(child, issuer.key());
            results.put(issuer, result);
        }
        return result;
    }

    /** By name and key. */
    boolean signed(CertificateFacts child, CertificateFacts issuer) {
        return !child.issuer().isEmpty()
                && issuer.subject().matches(child.issuer())
                && signature(child, issuer) == Signatures.Result.GOOD;
    }

    /** By its own key, or so that nobody here can tell; the name alone is no proof: a CA and its leaf may share one. */
    boolean selfSigned(CertificateFacts certificate) {
        return certificate.selfIssued() && signature(certificate, certificate) != Signatures.Result.BAD;
    }

    /** Whether any question had to stay without an answer. */
    boolean exhausted() {
        return exhausted;
    }
}

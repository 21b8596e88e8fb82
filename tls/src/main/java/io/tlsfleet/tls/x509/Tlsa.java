package io.tlsfleet.tls.x509;

import java.util.List;
import java.util.Optional;

/**
 * A TLSA record (RFC 6698, RFC 7671) against what a server presents. {@code matching} 0 holds the certificate or key
 * itself, 1 its SHA-256, 2 its SHA-512. Of the usages 1 and 3 name the leaf, 0 and 2 an issuer in its path; whether a path is valid or
 * trusted is not asked here.
 */
public record Tlsa(int usage, int selector, int matching, byte[] data) {
    private static final int LONGEST_PATH = 16;

    /**
     * Whether it speaks of this chain, leaf first. {@code path} is a path to an anchor that may go beyond what was sent, for
     * usage 0; empty where there is none. Empty for numbers that have no meaning, which a client ignores.
     */
    public Optional<Boolean> matches(List<CertificateFacts> served, List<CertificateFacts> path) {
        if (usage > 3 || selector > 1 || matching > 2 || served.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                switch (usage) {
                    case 1, 3 -> names(served.getFirst());
                    case 0 -> path.stream().skip(1).anyMatch(this::names) || isIn(served);
                    default -> isIn(served);
                });
    }

    /** In the path that begins at the leaf; a certificate that was sent beside it and signed nothing is no issuer. */
    private boolean isIn(List<CertificateFacts> served) {
        CertificateFacts last = served.getFirst();
        for (int length = 0; length < LONGEST_PATH; length++) {
            CertificateFacts child = last;
            Optional<CertificateFacts> issuer = served.stream()
                    .filter(c -> !c.equals(child) && child.signedBy(c))
                    .findFirst();
            if (issuer.isEmpty()) {
                break;
            }
            last = issuer.get();
            if (names(last)) {
                return true;
            }
        }
        return matching == 0 && usage == 2 && signed(last);
    }

    /** RFC 7671 section 5.2: the trust anchor may be in the record whole, and then need not be sent. */
    private boolean signed(CertificateFacts child) {
        CertificateFacts anchor = CertificateFacts.read(data);
        return selector == 0 && !anchor.malformed() && child.signedBy(anchor);
    }

    private boolean names(CertificateFacts certificate) {
        byte[] selected = selector == 0 ? certificate.der() : certificate.key().spki();
        byte[] expected = switch (matching) {
            case 0 -> selected;
            case 1 -> CertificateFacts.digest("SHA-256", selected);
            default -> CertificateFacts.digest("SHA-512", selected);
        };
        return selected.length > 0 && Signatures.sameBytes(expected, data);
    }
}

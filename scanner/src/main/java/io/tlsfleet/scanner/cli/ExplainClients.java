package io.tlsfleet.scanner.cli;

import io.tlsfleet.fleet.report.Finding;
import io.tlsfleet.tls.x509.CertificateExtensions;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.ChainVerdict;
import io.tlsfleet.tls.x509.ChainVerdict.Completeness;
import io.tlsfleet.tls.x509.ChainVerdict.Trust;
import io.tlsfleet.tls.x509.ChainVerdict.TrustStatus;
import io.tlsfleet.tls.x509.Defect;
import io.tlsfleet.tls.x509.PublicKeyFacts;
import io.tlsfleet.tls.x509.PublicSuffixes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What well-known clients say of a chain, in the words that their users quote. Each asks the store that it has (or a
 * store that was given, as if it had been installed there); no client but Chrome fetches what a server leaves out.
 */
final class ExplainClients {
    private static final List<Client> CLIENTS = List.of(
            new Client("Chrome", "mozilla", true, true),
            new Client("Firefox", "mozilla", false, true),
            new Client("OpenSSL", "system", false, false),
            new Client("Java", "java", false, false));

    /** {@code store}: which of ours stands for its own. */
    private record Client(String name, String store, boolean fetches, boolean transparency) {}

    /** {@code error} is null where the client connects. */
    record Answer(String client, @Nullable String error) {}

    /** Why a client refuses, in the order in which the first is what people get to see. */
    private enum Why {
        UNTRUSTED,
        INCOMPLETE,
        SELF_SIGNED,
        NO_CA,
        CRITICAL,
        KEY,
        SIGNER,
        KEY_USAGE,
        EXPIRED,
        NOT_YET_VALID,
        REVOKED,
        NAME_CONSTRAINT,
        PATH_LENGTH,
        WEAK_SIGNATURE,
        MALFORMED,
        PURPOSE,
        NAME,
        TRANSPARENCY,
        TOO_LONG
    }

    private ExplainClients() {}

    /** Those whose store was asked. */
    static List<Answer> of(Explanation explanation) {
        ChainVerdict verdict = explanation.verdict();
        Set<String> rules = explanation.findings().stream().map(Finding::rule).collect(Collectors.toSet());
        List<Answer> answers = new ArrayList<>();
        for (Client client : CLIENTS) {
            List<Trust> asked = verdict.trust().stream()
                    .filter(trust -> trust.store().name().equals(client.store)
                            || trust.store().name().equals("given"))
                    .toList();
            if (asked.stream().anyMatch(trust -> trust.store().name().equals(client.store))) {
                Why why = why(client, verdict, asked, rules);
                answers.add(new Answer(client.name, why == null ? null : words(client.name, why)));
            }
        }
        return answers;
    }

    private static @Nullable Why why(Client client, ChainVerdict verdict, List<Trust> asked, Set<String> rules) {
        if (verdict.leaf().map(leaf -> !understands(client, leaf.key())).orElse(false)) {
            return Why.KEY;
        }
        Optional<Trust> trusted = asked.stream()
                .filter(trust -> trust.status() == TrustStatus.TRUSTED)
                .findFirst();
        boolean incomplete = verdict.completeness() == Completeness.MISSING_INTERMEDIATE;
        boolean usable = verdict.leaf()
                .map(leaf -> leaf.extensions().keyUsableByServer())
                .orElse(true);
        if (usable && rules.contains("certificate.eku-wrong")) {
            return Why.PURPOSE;
        }
        if (incomplete && !(client.fetches && trusted.isPresent())) {
            return Why.INCOMPLETE;
        }
        if (trusted.isEmpty()) {
            Trust nearest = asked.stream()
                    .filter(trust -> !trust.path().isEmpty())
                    .findFirst()
                    .orElse(asked.getFirst());
            String reason = String.valueOf(nearest.reason());
            if (nearest.status() == TrustStatus.UNTRUSTED && reason.contains(" is no CA:")) {
                return Why.NO_CA;
            }
            if (nearest.status() == TrustStatus.UNTRUSTED && reason.contains("unknown critical extension")) {
                return Why.CRITICAL;
            }
            return why(nearest.status(), verdict.completeness());
        }
        if (!usable) {
            return Why.KEY_USAGE;
        }
        if (client.transparency && isSignedAnew(trusted.get().path())) {
            return Why.SIGNER;
        }
        if (client.name.equals("OpenSSL")) {
            boolean another = verdict.flaws().stream()
                    .anyMatch(flaw -> flaw.defect().kind() == Defect.Kind.AUTHORITY_KEY_ID_MISMATCH);
            if (another) {
                return Why.INCOMPLETE;
            }
            if (trusted.get().path().stream().anyMatch(ExplainClients::forAnythingAlone)) {
                return Why.PURPOSE;
            }
        }
        ChainVerdict.Hostname hostname = verdict.hostname();
        if (hostname != null && hostname.mismatches()) {
            return Why.NAME;
        }
        boolean publicly = trusted.get().store().publicTrust();
        String matched = hostname == null ? null : hostname.matchedBy();
        // Java asks the public suffix list only of what chains to a public CA; Firefox and OpenSSL never do
        if (matched != null
                && matched.startsWith("DNS:*.")
                && PublicSuffixes.ofJdk().isOfRegistry(matched.substring("DNS:*.".length()))
                && (client.name.equals("Chrome") || client.name.equals("Java") && publicly)) {
            return Why.NAME;
        }
        if (client.transparency && publicly && rules.contains("certificate.sct-missing")) {
            return Why.TRANSPARENCY;
        }
        return client.name.equals("Chrome") && publicly && rules.contains("certificate.lifetime-too-long")
                ? Why.TOO_LONG
                : null;
    }

    /** By a kind of key whose signatures OpenSSL and Java check and browsers do not: Ed25519, Ed448, ML-DSA. */
    private static boolean isSignedAnew(List<CertificateFacts> path) {
        return path.stream()
                .skip(1)
                .map(issuer -> issuer.key().algorithm().name())
                .anyMatch(ExplainClients::isNew);
    }

    private static boolean isNew(String algorithm) {
        return algorithm.startsWith("ML-DSA") || algorithm.equals("Ed25519") || algorithm.equals("Ed448");
    }

    /** OpenSSL takes anyExtendedKeyUsage for no purpose of TLS. */
    private static boolean forAnythingAlone(CertificateFacts certificate) {
        List<String> usages = certificate.extensions().extendedKeyUsages();
        return usages != null
                && usages.contains(CertificateExtensions.ANY_EXTENDED_KEY_USAGE)
                && !usages.contains(CertificateExtensions.SERVER_AUTH);
    }

    /** Whether the client offers a signature scheme for this key; where it offers none the handshake fails. */
    private static boolean understands(Client client, PublicKeyFacts key) {
        String name = key.algorithm().name();
        if (name.startsWith("ML-DSA")) {
            return client.name.equals("OpenSSL");
        }
        if (name.equals("Ed25519") || name.equals("Ed448")) {
            return client.name.equals("OpenSSL") || client.name.equals("Java");
        }
        String curve = key.curve();
        if (curve == null || curve.equals("P-256") || curve.equals("P-384")) {
            return true;
        }
        return client.name.equals("OpenSSL") || curve.equals("P-521") && !client.name.equals("Chrome");
    }

    private static Why why(TrustStatus status, Completeness completeness) {
        return switch (status) {
            case EXPIRED -> Why.EXPIRED;
            case NOT_YET_VALID -> Why.NOT_YET_VALID;
            case REVOKED -> Why.REVOKED;
            case NAME_CONSTRAINT -> Why.NAME_CONSTRAINT;
            case PATH_LENGTH -> Why.PATH_LENGTH;
            case WEAK_SIGNATURE -> Why.WEAK_SIGNATURE;
            case MALFORMED -> Why.MALFORMED;
            case TRUSTED, UNTRUSTED, UNKNOWN ->
                completeness == Completeness.SELF_SIGNED ? Why.SELF_SIGNED : Why.UNTRUSTED;
        };
    }

    private static @Nullable String words(String client, Why why) {
        return switch (client) {
            case "Chrome" ->
                switch (why) {
                    case UNTRUSTED, INCOMPLETE, SELF_SIGNED -> "NET::ERR_CERT_AUTHORITY_INVALID";
                    case EXPIRED, NOT_YET_VALID -> "NET::ERR_CERT_DATE_INVALID";
                    case REVOKED -> "NET::ERR_CERT_REVOKED";
                    case NAME_CONSTRAINT -> "NET::ERR_CERT_NAME_CONSTRAINT_VIOLATION";
                    case WEAK_SIGNATURE -> "NET::ERR_CERT_WEAK_SIGNATURE_ALGORITHM";
                    case PATH_LENGTH, MALFORMED, PURPOSE, NO_CA, CRITICAL, SIGNER -> "NET::ERR_CERT_INVALID";
                    case KEY -> "ERR_SSL_VERSION_OR_CIPHER_MISMATCH";
                    case KEY_USAGE -> "ERR_SSL_KEY_USAGE_INCOMPATIBLE";
                    case NAME -> "NET::ERR_CERT_COMMON_NAME_INVALID";
                    case TRANSPARENCY -> "NET::ERR_CERTIFICATE_TRANSPARENCY_REQUIRED";
                    case TOO_LONG -> "NET::ERR_CERT_VALIDITY_TOO_LONG";
                };
            case "Firefox" ->
                switch (why) {
                    case UNTRUSTED, INCOMPLETE -> "SEC_ERROR_UNKNOWN_ISSUER";
                    case SELF_SIGNED -> "MOZILLA_PKIX_ERROR_SELF_SIGNED_CERT";
                    case EXPIRED -> "SEC_ERROR_EXPIRED_CERTIFICATE";
                    case NOT_YET_VALID -> "MOZILLA_PKIX_ERROR_NOT_YET_VALID_CERTIFICATE";
                    case REVOKED -> "SEC_ERROR_REVOKED_CERTIFICATE";
                    case NAME_CONSTRAINT -> "SEC_ERROR_CERT_NOT_IN_NAME_SPACE";
                    case PATH_LENGTH -> "SEC_ERROR_PATH_LEN_CONSTRAINT_INVALID";
                    case WEAK_SIGNATURE, SIGNER -> "SEC_ERROR_CERT_SIGNATURE_ALGORITHM_DISABLED";
                    case MALFORMED -> "SEC_ERROR_BAD_DER";
                    case NO_CA -> "SEC_ERROR_CA_CERT_INVALID";
                    case CRITICAL -> "SEC_ERROR_UNKNOWN_CRITICAL_EXTENSION";
                    case KEY -> "SSL_ERROR_NO_CYPHER_OVERLAP";
                    case KEY_USAGE -> "SEC_ERROR_INADEQUATE_KEY_USAGE";
                    case PURPOSE -> "SEC_ERROR_INADEQUATE_CERT_TYPE";
                    case NAME -> "SSL_ERROR_BAD_CERT_DOMAIN";
                    case TRANSPARENCY, TOO_LONG -> "MOZILLA_PKIX_ERROR_INSUFFICIENT_CERTIFICATE_TRANSPARENCY";
                };
            case "OpenSSL" ->
                switch (why) {
                    case UNTRUSTED ->
                        "self-signed certificate in certificate chain (19), or unable to get local issuer"
                                + " certificate (20) where the root is not sent";
                    case INCOMPLETE -> "unable to get local issuer certificate (20)";
                    case SELF_SIGNED -> "self-signed certificate (18)";
                    case EXPIRED -> "certificate has expired (10)";
                    case NOT_YET_VALID -> "certificate is not yet valid (9)";
                    case REVOKED -> null;
                    case NAME_CONSTRAINT -> "permitted subtree violation (47)";
                    case PATH_LENGTH -> "path length constraint exceeded (25)";
                    case WEAK_SIGNATURE -> "CA signature digest algorithm too weak (68)";
                    case MALFORMED -> "invalid certificate";
                    case NO_CA -> "invalid CA certificate (79)";
                    case CRITICAL -> "unhandled critical extension (34)";
                    case KEY -> "sslv3 alert handshake failure";
                    case PURPOSE, KEY_USAGE -> "unsuitable certificate purpose (26)";
                    case NAME -> "hostname mismatch (62)";
                    case TRANSPARENCY, TOO_LONG, SIGNER -> null;
                };
            default ->
                switch (why) {
                    case UNTRUSTED, INCOMPLETE, SELF_SIGNED ->
                        "PKIX path building failed: unable to find valid" + " certification path to requested target";
                    case EXPIRED -> "CertificateExpiredException";
                    case NOT_YET_VALID -> "CertificateNotYetValidException";
                    case REVOKED -> null;
                    case NAME_CONSTRAINT -> "PKIX path validation failed: name constraints check failed";
                    case PATH_LENGTH -> "PKIX path validation failed: basic constraints check failed";
                    case WEAK_SIGNATURE ->
                        "PKIX path validation failed: Algorithm constraints check failed on" + " signature algorithm";
                    case MALFORMED -> "CertificateException: the certificate cannot be parsed";
                    case NO_CA ->
                        "PKIX path validation failed: basic constraints check failed: this is not a CA"
                                + " certificate";
                    case CRITICAL -> "PKIX path validation failed: unrecognized critical extension(s)";
                    case KEY -> "handshake_failure";
                    case KEY_USAGE -> "KeyUsage does not allow digital signatures";
                    case PURPOSE -> "Extended key usage does not permit use for TLS server authentication";
                    case NAME -> "CertificateException: No name matching, or no subject alternative name matching";
                    case TRANSPARENCY, TOO_LONG, SIGNER -> null;
                };
        };
    }
}

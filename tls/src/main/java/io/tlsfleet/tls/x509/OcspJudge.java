package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.ChainVerdict.Staple;
import io.tlsfleet.tls.x509.ChainVerdict.StapleStatus;
import io.tlsfleet.tls.x509.OcspResponse.CertId;
import io.tlsfleet.tls.x509.OcspResponse.Single;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Judges one OCSP response about one certificate as a whole (RFC 6960 section 3.2). */
final class OcspJudge {
    static final Duration SKEW = Duration.ofMinutes(5);

    /**
     * How long an answer without nextUpdate holds: newer ones are to be had at any time (RFC 6960 section 4.2.2.1), and no
     * answer of a public CA may be valid for longer (Baseline Requirements section 4.9.10).
     */
    static final Duration MAX_AGE = Duration.ofDays(10);

    private static final String NO_CHECK = "1.3.6.1.5.5.7.48.1.5";
    private static final Map<String, String> ID_HASHES = Signatures.HASHES;

    private static final List<OcspResponse.CertStatus> STRICTEST_LAST =
            List.of(OcspResponse.CertStatus.GOOD, OcspResponse.CertStatus.UNKNOWN, OcspResponse.CertStatus.REVOKED);

    private OcspJudge() {}

    /** What the response says, and the SCT list that came with it. */
    record Verdict(Staple staple, byte @Nullable [] sctList) {
        StapleStatus status() {
            return staple.status();
        }
    }

    /** {@code issuers}: certificates that may have issued {@code subject}, those that verifiably did first. */
    static Verdict judge(byte[] encoded, CertificateFacts subject, List<CertificateFacts> issuers, Instant at) {
        OcspResponse response;
        try {
            response = OcspResponse.read(encoded);
        } catch (MalformedMessage e) {
            return bare(StapleStatus.MALFORMED, String.valueOf(e.getMessage()));
        }
        if (response.responseStatus() != 0) {
            return bare(StapleStatus.MALFORMED, "the responder answered " + response.responseStatusName());
        }
        Single wrong = null;
        for (Single single : response.responses()) {
            if (!Arrays.equals(single.id().serialNumber(), subject.serialNumber())) {
                wrong = single;
                continue;
            }
            for (CertificateFacts issuer : issuers) {
                if (names(single.id(), subject, issuer)) {
                    return about(response, single, subject, issuer, at);
                }
            }
            wrong = single;
        }
        String reason = issuers.isEmpty()
                ? "the issuer's certificate is not known, so nothing can be verified"
                : response.responses().isEmpty()
                        ? "the response is about no certificate"
                        : "the response is about another certificate or issuer";
        return new Verdict(staple(StapleStatus.WRONG_CERTIFICATE, reason, response, wrong), null);
    }

    private static boolean names(CertId id, CertificateFacts subject, CertificateFacts issuer) {
        String hash = ID_HASHES.get(id.hashOid());
        return hash != null
                // section 4.1.1: as the certificate writes the name, which may be encoded otherwise in the issuer's own
                && Arrays.equals(
                        id.nameHash(),
                        CertificateFacts.digest(hash, subject.issuer().der()))
                && Arrays.equals(
                        id.keyHash(), CertificateFacts.digest(hash, issuer.key().key()));
    }

    private static Verdict about(
            OcspResponse response, Single single, CertificateFacts subject, CertificateFacts issuer, Instant at) {
        Single judged = foremost(response, single, subject, issuer, at);
        Optional<String> unsigned = unsigned(response, issuer, whenCurrent(judged, at));
        if (unsigned.isPresent()) {
            return new Verdict(staple(StapleStatus.BAD_SIGNATURE, unsigned.get(), response, single), null);
        }
        if (response.unknownCritical() || single.unknownCritical()) {
            return new Verdict(
                    staple(StapleStatus.MALFORMED, "it has an unknown critical extension", response, single), null);
        }
        StapleStatus status = switch (judged.status()) {
            case GOOD -> StapleStatus.GOOD;
            case REVOKED -> StapleStatus.REVOKED;
            case UNKNOWN -> StapleStatus.UNKNOWN_CERTIFICATE;
        };
        String reason = switch (judged.status()) {
            case GOOD -> null;
            case REVOKED -> "revoked at " + judged.revokedAt() + ", " + CrlJudge.reasonName(judged.reason());
            case UNKNOWN -> "the responder does not know the certificate";
        };
        Instant nextUpdate = judged.nextUpdate();
        Instant from = subject.notBefore();
        if (status != StapleStatus.REVOKED) {
            if (judged.thisUpdate().isAfter(at.plus(SKEW))) {
                status = StapleStatus.NOT_YET_VALID;
                reason = "thisUpdate is " + judged.thisUpdate();
            } else if (response.producedAt().isAfter(at.plus(SKEW))) {
                status = StapleStatus.NOT_YET_VALID;
                reason = "producedAt is " + response.producedAt();
            } else if (judged.until().isBefore(at.minus(SKEW))) {
                status = StapleStatus.EXPIRED;
                reason = nextUpdate == null
                        ? "it names no nextUpdate, and thisUpdate was " + judged.thisUpdate() + ", more than "
                                + MAX_AGE.toDays() + " days ago"
                        : "nextUpdate was " + nextUpdate;
            } else if (nextUpdate != null && nextUpdate.isBefore(judged.thisUpdate())) {
                status = StapleStatus.MALFORMED;
                reason = "nextUpdate lies before thisUpdate";
            } else if (from != null && response.producedAt().isBefore(from.minus(SKEW))) {
                status = StapleStatus.WRONG_CERTIFICATE;
                reason = "it was made at " + response.producedAt() + ", before the certificate began";
            }
        }
        return new Verdict(staple(status, reason, response, judged), judged.sctList());
    }

    /**
     * The instant of its own life that is nearest: who might sign it then. That it is over, or not begun, is said of the
     * response and not of its signer, whose certificate may have ended since.
     */
    private static Instant whenCurrent(Single single, Instant at) {
        Instant until = single.until();
        Instant notLater = until.isBefore(at) ? until : at;
        return notLater.isBefore(single.thisUpdate()) ? single.thisUpdate() : notLater;
    }

    /** Several answers about the same certificate: of those that are current the latest holds, and of equals the strictest. */
    private static Single foremost(
            OcspResponse response, Single first, CertificateFacts subject, CertificateFacts issuer, Instant at) {
        Comparator<Single> order = Comparator.comparing((Single single) -> single.isCurrent(at))
                .thenComparing(Single::thisUpdate)
                .thenComparingInt(single -> STRICTEST_LAST.indexOf(single.status()));
        return response.responses().stream()
                .filter(single -> Arrays.equals(single.id().serialNumber(), subject.serialNumber())
                        && names(single.id(), subject, issuer))
                .max(order)
                .orElse(first);
    }

    /** Section 4.2.2.2: signed by the issuer itself, or by one to whom the issuer itself gave id-kp-OCSPSigning. */
    private static Optional<String> unsigned(OcspResponse response, CertificateFacts issuer, Instant at) {
        if (Signatures.digest(response.algorithm())
                .map(digest -> digest.startsWith("MD"))
                .orElse(false)) {
            return Optional.of("it is signed with " + response.algorithm().name());
        }
        boolean issuersOwn = isResponder(response, issuer);
        if (issuersOwn && verifies(response, issuer)) {
            return Optional.empty();
        }
        String why = issuersOwn
                ? "the signature is not by the key of " + issuer.subject().shortText()
                : "no certificate of the responder " + response.responder() + " came with it";
        for (CertificateFacts delegate : response.certificates()) {
            if (!isResponder(response, delegate)) {
                continue;
            }
            Optional<String> unauthorised = unauthorised(delegate, issuer, at);
            if (unauthorised.isPresent()) {
                why = unauthorised.get();
            } else if (verifies(response, delegate)) {
                return Optional.empty();
            } else {
                why = "the signature is not by the key of " + delegate.subject().shortText();
            }
        }
        return Optional.of(why);
    }

    private static Optional<String> unauthorised(CertificateFacts delegate, CertificateFacts issuer, Instant at) {
        String name = delegate.subject().shortText();
        List<String> usages = delegate.extensions().extendedKeyUsages();
        Instant notBefore = delegate.notBefore();
        Instant notAfter = delegate.notAfter();
        if (usages == null || !usages.contains(CertificateExtensions.OCSP_SIGNING)) {
            return Optional.of(name + " may not sign OCSP responses: it lacks id-kp-OCSPSigning");
        }
        if (!delegate.issuer().matches(issuer.subject())
                || Signatures.of(delegate, issuer.key()) != Signatures.Result.GOOD) {
            return Optional.of(name + " was not issued by " + issuer.subject().shortText());
        }
        if (delegate.malformed()) {
            return Optional.of(name + " is malformed");
        }
        Optional<String> unknown = delegate.extensions().all().stream()
                .filter(CertificateExtensions.Extension::critical)
                .map(CertificateExtensions.Extension::oid)
                .filter(oid -> !oid.equals(NO_CHECK) && !PathRules.understands(oid))
                .findFirst();
        if (unknown.isPresent()) {
            return Optional.of(name + " has the unknown critical extension " + unknown.get());
        }
        if (notBefore == null
                || notAfter == null
                || at.plus(SKEW).isBefore(notBefore)
                || at.minus(SKEW).isAfter(notAfter)) {
            return Optional.of(name + ", the responder's certificate, is not valid now");
        }
        return Optional.empty();
    }

    private static boolean isResponder(OcspResponse response, CertificateFacts certificate) {
        DistinguishedName name = response.responderName();
        byte[] hash = response.responderKeyHash();
        return name != null
                ? name.matches(certificate.subject())
                : hash != null
                        && MessageDigest.isEqual(
                                hash,
                                CertificateFacts.digest(
                                        "SHA-1", certificate.key().key()));
    }

    private static boolean verifies(OcspResponse response, CertificateFacts signer) {
        return Signatures.verify(response.algorithm(), signer.key(), response.tbs(), response.signature())
                == Signatures.Result.GOOD;
    }

    private static Verdict bare(StapleStatus status, String reason) {
        return new Verdict(new Staple(status, reason, null, null, null, null, List.of()), null);
    }

    private static Staple staple(
            StapleStatus status, @Nullable String reason, OcspResponse response, @Nullable Single single) {
        return new Staple(
                status,
                reason,
                single == null ? null : single.thisUpdate(),
                single == null ? null : single.nextUpdate(),
                response.producedAt(),
                response.responder(),
                List.of());
    }
}

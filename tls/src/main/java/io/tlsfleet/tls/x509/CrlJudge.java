package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.CertificateExtensions.AuthorityKeyId;
import io.tlsfleet.tls.x509.CertificateExtensions.DistributionPoint;
import io.tlsfleet.tls.x509.CertificateExtensions.KeyUsage;
import io.tlsfleet.tls.x509.Crl.IssuingPoint;
import io.tlsfleet.tls.x509.der.Der;
import io.tlsfleet.tls.x509.der.DerReader;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What revocation lists say of a certificate (RFC 5280 section 6.3): complete and delta lists, lists for some kinds of
 * certificates or reasons only, and lists of another issuer. Who may sign for whom is asked of {@link CrlSigners}.
 */
final class CrlJudge {
    private static final int REMOVE_FROM_CRL = 8;

    /**
     * How long a list without nextUpdate, which RFC 5280 section 5.1.2.5 demands, calls anything good: as long as the Baseline
     * Requirements (section 4.9.7) let one go at most, about subscribers and about CAs.
     */
    private static final Duration MAX_AGE = Duration.ofDays(10);

    private static final Duration MAX_AGE_OF_CAS = Duration.ofDays(366);

    /** Certificates that may have signed a list of an issuer, for a path: each has to lead to the path's own anchor. */
    interface CrlSigners {
        List<CertificateFacts> named(DistinguishedName issuer, CertificateFacts issuerOnPath);
    }

    enum Status {
        GOOD,
        REVOKED,
        /** Lists of this issuer were there, and none could be used or covers it whole. */
        UNDETERMINED,
        /** No list of this issuer was there. */
        NONE
    }

    record Verdict(
            Status status,
            @Nullable String reason,
            @Nullable Instant revokedAt,
            boolean stale) {}

    private final List<Crl> lists;
    private final Instant at;
    private final boolean strict;
    private final List<String> malformed = new ArrayList<>();

    /** {@code strict}: a list without a CRL number, which section 5.2.3 demands, calls nothing good. */
    CrlJudge(List<byte[]> encoded, Instant at, boolean strict) {
        this.at = at;
        this.strict = strict;
        List<Crl> read = new ArrayList<>();
        for (byte[] der : encoded) {
            try {
                read.add(Crl.read(RevocationList.der(der)));
            } catch (MalformedMessage e) {
                malformed.add(String.valueOf(e.getMessage()));
            }
        }
        lists = read;
    }

    boolean isEmpty() {
        return lists.isEmpty() && malformed.isEmpty();
    }

    /** Whether any list is by an issuer of this name. */
    boolean speaksFor(DistinguishedName issuer) {
        return lists.stream().anyMatch(list -> list.issuer().matches(issuer));
    }

    Verdict judge(CertificateFacts certificate, CertificateFacts issuer, CrlSigners signers) {
        List<DistributionPoint> points = new ArrayList<>();
        List<DistributionPoint> named = certificate.extensions().crlDistributionPoints();
        if (named != null) {
            points.addAll(named);
        }
        // section 6.3.3 end: lists that no distribution point names, by the certificate's own issuer
        points.add(new DistributionPoint(null, null, null, null));
        int covered = 0;
        boolean stale = false;
        boolean any = false;
        String why = null;
        for (DistributionPoint point : points) {
            for (Crl list : lists) {
                if (list.base() != null || !inScope(list, point, certificate)) {
                    continue;
                }
                any = true;
                Optional<CertificateFacts> signer = signer(list, issuer, signers);
                if (signer.isEmpty()) {
                    why = "no certificate that may sign it verifies the CRL of "
                            + list.issuer().shortText();
                    continue;
                }
                if (at.isBefore(list.thisUpdate())) {
                    why = "the CRL is not valid before " + list.thisUpdate();
                    continue;
                }
                try {
                    Optional<Crl> delta = delta(list, signer.get());
                    Optional<Crl.Entry> entry = delta.isPresent() ? delta.get().find(certificate) : Optional.empty();
                    boolean removed = entry.isPresent() && entry.get().reason() == REMOVE_FROM_CRL;
                    if (entry.isEmpty()) {
                        entry = list.find(certificate);
                    }
                    if (entry.isPresent() && !removed) {
                        return new Verdict(
                                Status.REVOKED,
                                "revoked at " + entry.get().revokedAt() + ", "
                                        + reasonName(entry.get().reason()),
                                entry.get().revokedAt(),
                                false);
                    }
                    Instant nextUpdate = delta.map(Crl::nextUpdate).orElse(list.nextUpdate());
                    if (nextUpdate != null && at.isAfter(nextUpdate)) {
                        stale = true;
                        why = "the CRL was due for renewal at " + nextUpdate;
                        continue;
                    }
                    Instant made = delta.map(Crl::thisUpdate).orElse(list.thisUpdate());
                    Duration most = certificate.ca() ? MAX_AGE_OF_CAS : MAX_AGE;
                    if (nextUpdate == null && at.isAfter(made.plus(most))) {
                        why = "the CRL names no nextUpdate, and thisUpdate was " + made + ", more than " + most.toDays()
                                + " days ago";
                        continue;
                    }
                } catch (MalformedMessage e) {
                    why = String.valueOf(e.getMessage());
                    continue;
                }
                if (list.unusable() != null || strict && list.number() == null) {
                    why = "the CRL cannot be used: "
                            + (list.unusable() == null ? "it has no CRL number" : list.unusable());
                    continue;
                }
                covered |= reasons(list, point);
            }
        }
        if (covered == Crl.ALL_REASONS) {
            return new Verdict(Status.GOOD, null, null, false);
        }
        if (!any && malformed.isEmpty()) {
            return new Verdict(Status.NONE, "no CRL of " + certificate.issuer().shortText(), null, false);
        }
        if (why == null) {
            why = covered != 0 ? "the CRLs do not cover every reason" : "no CRL covers it" + malformedText();
        }
        return new Verdict(any ? Status.UNDETERMINED : Status.NONE, why, null, stale);
    }

    private String malformedText() {
        return malformed.isEmpty() ? "" : " (" + malformed.getFirst() + ")";
    }

    private static int reasons(Crl list, DistributionPoint point) {
        IssuingPoint issuing = list.issuingPoint();
        int some = issuing == null || issuing.onlyReasons() == null ? Crl.ALL_REASONS : issuing.onlyReasons();
        return Crl.ALL_REASONS & some & (point.reasons() == null ? Crl.ALL_REASONS : point.reasons());
    }

    /** Section 6.3.3 (b): issuer, name of the point, kind of certificate. */
    private static boolean inScope(Crl list, DistributionPoint point, CertificateFacts certificate) {
        IssuingPoint issuing = list.issuingPoint();
        if (point.crlIssuer() != null) {
            boolean byIssuer = point.crlIssuer().stream()
                    .anyMatch(name -> name instanceof GeneralName.Directory(DistinguishedName directory)
                            && directory.matches(list.issuer()));
            if (!byIssuer || issuing == null || !issuing.indirect()) {
                return false;
            }
        } else if (!list.issuer().matches(certificate.issuer())) {
            return false;
        }
        if (issuing == null) {
            return true;
        }
        if (issuing.onlyAttributes()
                || issuing.onlyUsers() && certificate.ca()
                || issuing.onlyCas() && !certificate.ca()) {
            return false;
        }
        List<GeneralName> issuingNames = names(issuing.fullName(), issuing.relativeName(), list.issuer());
        if (issuingNames == null) {
            return true;
        }
        DistinguishedName relativeTo = list.issuer();
        List<GeneralName> pointNames = names(point.fullName(), point.relativeName(), relativeTo);
        if (pointNames == null) {
            pointNames = point.crlIssuer() != null
                    ? point.crlIssuer()
                    : List.of(new GeneralName.Directory(certificate.issuer()));
        }
        for (GeneralName a : issuingNames) {
            for (GeneralName b : pointNames) {
                if (same(a, b)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Null when the point has no name; a relative name is taken below {@code issuer}. */
    private static @Nullable List<GeneralName> names(
            @Nullable List<GeneralName> full, byte @Nullable [] relative, DistinguishedName issuer) {
        if (full != null) {
            return full;
        }
        if (relative == null) {
            return null;
        }
        try {
            List<byte[]> parts = new ArrayList<>();
            DerReader own = Der.of(issuer.der()).reader();
            while (!own.isEmpty()) {
                parts.add(own.next("name").encoded());
            }
            parts.add(relative);
            byte[] name = io.tlsfleet.tls.x509.der.DerWriter.element(Der.SEQUENCE, parts);
            return List.of(new GeneralName.Directory(DistinguishedName.read(Der.of(name), "relative name")));
        } catch (MalformedMessage e) {
            return List.of();
        }
    }

    private static boolean same(GeneralName a, GeneralName b) {
        if (a instanceof GeneralName.Directory(DistinguishedName x)
                && b instanceof GeneralName.Directory(DistinguishedName y)) {
            return x.matches(y);
        }
        return a.equals(b);
    }

    /** Section 6.3.3 (f) and (g). */
    private Optional<CertificateFacts> signer(Crl list, CertificateFacts issuerOnPath, CrlSigners signers) {
        if (list.weaklySigned()) {
            return Optional.empty();
        }
        AuthorityKeyId keyId = list.authorityKeyId();
        for (CertificateFacts candidate : signers.named(list.issuer(), issuerOnPath)) {
            KeyUsage usage = candidate.extensions().keyUsage();
            byte[] wanted = keyId == null ? null : keyId.keyId();
            byte[] own = candidate.extensions().subjectKeyId();
            boolean otherKey = wanted != null && own != null && !Arrays.equals(wanted, own);
            if (!otherKey
                    && (usage == null || usage.has(KeyUsage.CRL_SIGN))
                    && list.verify(candidate.key()) == Signatures.Result.GOOD) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    /** Section 6.3.3 (c) and (h): the newest difference to this list by the same key. */
    private Optional<Crl> delta(Crl complete, CertificateFacts signer) {
        BigInteger number = complete.number();
        if (number == null) {
            return Optional.empty();
        }
        Crl newest = null;
        for (Crl delta : lists) {
            BigInteger base = delta.base();
            BigInteger own = delta.number();
            boolean fits = base != null
                    && own != null
                    && delta.issuer().matches(complete.issuer())
                    && sameScope(delta.issuingPoint(), complete.issuingPoint())
                    && number.compareTo(base) >= 0
                    && own.compareTo(number) >= 0
                    && !at.isBefore(delta.thisUpdate())
                    && delta.unusable() == null
                    && (newest == null || own.compareTo(Objects.requireNonNull(newest.number())) > 0)
                    && delta.verify(signer.key()) == Signatures.Result.GOOD;
            if (fits) {
                newest = delta;
            }
        }
        return Optional.ofNullable(newest);
    }

    private static boolean sameScope(@Nullable IssuingPoint a, @Nullable IssuingPoint b) {
        if (a == null || b == null) {
            return a == null && b == null;
        }
        return Arrays.equals(a.der(), b.der());
    }

    static String reasonName(int reason) {
        return switch (reason) {
            case 1 -> "key compromise";
            case 2 -> "CA compromise";
            case 3 -> "affiliation changed";
            case 4 -> "superseded";
            case 5 -> "cessation of operation";
            case 6 -> "on hold";
            case 9 -> "privilege withdrawn";
            case 10 -> "attribute authority compromise";
            default -> "no reason given";
        };
    }
}

package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.x509.ChainVerdict.Revocation;
import io.tlsfleet.tls.x509.ChainVerdict.RevocationStatus;
import io.tlsfleet.tls.x509.ChainVerdict.Staple;
import io.tlsfleet.tls.x509.ChainVerdict.StapleStatus;
import io.tlsfleet.tls.x509.ChainVerdict.Trust;
import io.tlsfleet.tls.x509.ChainVerdict.TrustStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Puts together what staples, OCSP responses and CRLs say of the certificates of a path. */
final class RevocationJudge {
    private final ChainQuestion question;
    private final CrlJudge crls;
    private final List<CertificateFacts> pool;
    private final PathFinder signerPaths;
    private final Signers signers;
    private final Map<List<CertificateFacts>, Optional<PathProblem>> judged = new HashMap<>();
    private final Map<CertificateFacts, Map<CertificateFacts, CrlJudge.Verdict>> byCrl = new HashMap<>();

    /** {@code signerPaths} finds paths for CRL signers: without a purpose, for a CRL signer is no TLS server. */
    RevocationJudge(ChainQuestion question, List<CertificateFacts> pool, PathFinder signerPaths, Signers signers) {
        this.question = question;
        this.crls = new CrlJudge(question.crls(), question.at(), question.requireRevocation());
        this.pool = pool;
        this.signerPaths = signerPaths;
        this.signers = signers;
    }

    /** The problem that revocation makes of a path, leaf first with the anchor last. */
    Optional<PathProblem> problem(List<CertificateFacts> path, TrustStore store) {
        return judged.computeIfAbsent(path, key -> compute(path, store));
    }

    private Optional<PathProblem> compute(List<CertificateFacts> path, TrustStore store) {
        if (crls.isEmpty()
                && question.ocspResponses().isEmpty()
                && question.staples().isEmpty()) {
            return Optional.empty();
        }
        boolean binding = question.requireRevocation()
                && path.subList(1, path.size()).stream().anyMatch(issuer -> crls.speaksFor(issuer.subject()));
        for (int i = 0; i + 1 < path.size(); i++) {
            CertificateFacts certificate = path.get(i);
            CertificateFacts issuer = path.get(i + 1);
            String name = certificate.subject().shortText();
            List<byte[]> responses = new ArrayList<>(question.ocspResponses());
            if (i == 0) {
                responses.addAll(question.staples().values());
            }
            boolean good = false;
            for (byte[] response : responses) {
                OcspJudge.Verdict verdict = OcspJudge.judge(response, certificate, List.of(issuer), question.at());
                if (verdict.status() == StapleStatus.REVOKED) {
                    return Optional.of(new PathProblem(
                            TrustStatus.REVOKED,
                            name + " is " + verdict.staple().reason()));
                }
                good |= verdict.status() == StapleStatus.GOOD;
            }
            if (crls.isEmpty()) {
                continue;
            }
            CrlJudge.Verdict verdict = byCrl(certificate, issuer, path, store);
            if (verdict.status() == CrlJudge.Status.REVOKED) {
                return Optional.of(new PathProblem(TrustStatus.REVOKED, name + " is " + verdict.reason()));
            }
            if (binding && !good && verdict.status() != CrlJudge.Status.GOOD) {
                return Optional.of(new PathProblem(
                        TrustStatus.UNKNOWN, "whether " + name + " is revoked cannot be told: " + verdict.reason()));
            }
        }
        return Optional.empty();
    }

    private CrlJudge.Verdict byCrl(
            CertificateFacts certificate, CertificateFacts issuer, List<CertificateFacts> path, TrustStore store) {
        return byCrl.computeIfAbsent(certificate, key -> new HashMap<>())
                .computeIfAbsent(
                        issuer,
                        key -> crls.judge(certificate, issuer, (name, onPath) -> {
                            List<CertificateFacts> candidates = new ArrayList<>();
                            if (onPath.subject().matches(name)) {
                                candidates.add(onPath);
                            }
                            path.stream()
                                    .skip(1)
                                    .filter(above -> above.subject().matches(name) && !candidates.contains(above))
                                    .forEach(candidates::add);
                            CertificateFacts anchor = path.getLast();
                            for (CertificateFacts other : pool) {
                                if (other.subject().matches(name)
                                        && !candidates.contains(other)
                                        && leadsTo(other, anchor, store)) {
                                    candidates.add(other);
                                }
                            }
                            return candidates;
                        }));
    }

    /** To the path's own anchor (section 6.3.3 (f)), or it is an anchor of the store itself; and not revoked. */
    private boolean leadsTo(CertificateFacts signer, CertificateFacts anchor, TrustStore store) {
        if (store.holding(signer) != null) {
            return true;
        }
        Trust trust = signerPaths.find(signer, store, path -> {
            boolean revoked = path.size() > 1
                    && crls.judge(
                                            signer,
                                            path.get(1),
                                            (name, issuer) -> path.stream()
                                                    .skip(1)
                                                    .filter(above ->
                                                            above.subject().matches(name))
                                                    .toList())
                                    .status()
                            == CrlJudge.Status.REVOKED;
            return path.getLast().equals(anchor) && !revoked
                    ? Optional.empty()
                    : Optional.of(new PathProblem(TrustStatus.UNTRUSTED, "another anchor, or revoked"));
        });
        return trust.status() == TrustStatus.TRUSTED;
    }

    /** Issuers of a certificate, those whose key made its signature first; others of the name when there is none. */
    List<CertificateFacts> issuers(CertificateFacts certificate) {
        List<CertificateFacts> named = new ArrayList<>();
        pool.stream()
                .filter(candidate -> candidate.subject().matches(certificate.issuer()))
                .forEach(named::add);
        question.stores()
                .forEach(store -> store.named(certificate.issuer()).stream()
                        .map(TrustStore.Anchor::certificate)
                        .filter(anchor -> !named.contains(anchor))
                        .forEach(named::add));
        List<CertificateFacts> verified = named.stream()
                .filter(candidate -> signers.signed(certificate, candidate))
                .toList();
        return verified.isEmpty() ? named : verified;
    }

    /** The staples of all protocols as one; the worst when they differ. SCT lists that came with good ones are added. */
    Staple staple(CertificateFacts leaf, List<byte[]> sctLists) {
        if (question.staples().isEmpty()) {
            boolean due =
                    !leaf.extensions().ocspUrls().isEmpty() || leaf.extensions().mustStaple();
            return new Staple(
                    due ? StapleStatus.ABSENT : StapleStatus.NOT_APPLICABLE, null, null, null, null, null, List.of());
        }
        List<CertificateFacts> issuers = issuers(leaf);
        Staple worst = null;
        List<String> protocols = new ArrayList<>();
        for (Map.Entry<String, byte[]> entry : new TreeMap<>(question.staples()).entrySet()) {
            OcspJudge.Verdict verdict = OcspJudge.judge(entry.getValue(), leaf, issuers, question.at());
            byte[] scts = verdict.sctList();
            if (scts != null && verdict.status() == StapleStatus.GOOD) {
                sctLists.add(scts);
            }
            protocols.add(entry.getKey());
            if (worst == null || rank(verdict.status()) > rank(worst.status())) {
                worst = verdict.staple();
            }
        }
        if (worst == null) {
            throw new IllegalStateException("staples without a staple");
        }
        return new Staple(
                worst.status(),
                worst.reason(),
                worst.thisUpdate(),
                worst.nextUpdate(),
                worst.producedAt(),
                worst.responder(),
                List.copyOf(protocols));
    }

    private static int rank(StapleStatus status) {
        return switch (status) {
            case NOT_APPLICABLE, ABSENT -> 0;
            case GOOD -> 1;
            case UNKNOWN_CERTIFICATE -> 2;
            case EXPIRED, NOT_YET_VALID -> 3;
            case WRONG_CERTIFICATE -> 4;
            case BAD_SIGNATURE -> 5;
            case MALFORMED -> 6;
            case REVOKED -> 7;
        };
    }

    /** The leaf's own revocation, or that of an issuer on the path that is used. */
    Revocation revocation(List<CertificateFacts> path, @Nullable TrustStore store, Staple staple) {
        Instant at = question.at();
        List<String> stale = new ArrayList<>();
        if (staple.status() == StapleStatus.REVOKED) {
            return new Revocation(
                    RevocationStatus.REVOKED, "ocsp-staple", at, staple.reason(), path.getFirst(), List.of());
        }
        RevocationStatus status = RevocationStatus.NOT_CHECKED;
        String via = null;
        String reason = null;
        for (int i = 0; i < path.size(); i++) {
            CertificateFacts certificate = path.get(i);
            if (i > 0 && i == path.size() - 1) {
                break;
            }
            List<CertificateFacts> issuers = i + 1 < path.size() ? List.of(path.get(i + 1)) : issuers(certificate);
            for (byte[] response : question.ocspResponses()) {
                OcspJudge.Verdict verdict = OcspJudge.judge(response, certificate, issuers, at);
                if (verdict.status() == StapleStatus.REVOKED) {
                    return new Revocation(
                            RevocationStatus.REVOKED,
                            "ocsp",
                            at,
                            verdict.staple().reason(),
                            certificate,
                            stale);
                }
                if (i == 0 && verdict.status() == StapleStatus.GOOD) {
                    status = RevocationStatus.NOT_REVOKED;
                    via = "ocsp";
                } else if (i == 0
                        && status == RevocationStatus.NOT_CHECKED
                        && verdict.status() != StapleStatus.WRONG_CERTIFICATE) {
                    status = RevocationStatus.UNKNOWN;
                    reason = verdict.staple().reason();
                }
            }
            if (!crls.isEmpty() && store != null && !issuers.isEmpty()) {
                CrlJudge.Verdict verdict = byCrl(certificate, issuers.getFirst(), path, store);
                if (verdict.stale()) {
                    stale.add(certificate.issuer().text());
                }
                if (verdict.status() == CrlJudge.Status.REVOKED) {
                    return new Revocation(RevocationStatus.REVOKED, "crl", at, verdict.reason(), certificate, stale);
                }
                if (i == 0 && status != RevocationStatus.NOT_REVOKED) {
                    boolean good = verdict.status() == CrlJudge.Status.GOOD;
                    status = good ? RevocationStatus.NOT_REVOKED : RevocationStatus.UNKNOWN;
                    via = good ? "crl" : via;
                    reason = good ? null : verdict.reason();
                }
            }
        }
        if (status != RevocationStatus.NOT_REVOKED && staple.status() == StapleStatus.GOOD) {
            return new Revocation(RevocationStatus.NOT_REVOKED, "ocsp-staple", at, null, null, stale);
        }
        return new Revocation(
                status, via, status == RevocationStatus.NOT_CHECKED ? null : at, reason, null, List.copyOf(stale));
    }
}

package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.x509.CertificateExtensions.AuthorityKeyId;
import io.tlsfleet.tls.x509.ChainVerdict.Completeness;
import io.tlsfleet.tls.x509.ChainVerdict.Flaw;
import io.tlsfleet.tls.x509.ChainVerdict.Hostname;
import io.tlsfleet.tls.x509.ChainVerdict.MissingIntermediate;
import io.tlsfleet.tls.x509.ChainVerdict.Order;
import io.tlsfleet.tls.x509.ChainVerdict.Revocation;
import io.tlsfleet.tls.x509.ChainVerdict.RevocationStatus;
import io.tlsfleet.tls.x509.ChainVerdict.Staple;
import io.tlsfleet.tls.x509.ChainVerdict.StapleStatus;
import io.tlsfleet.tls.x509.ChainVerdict.Transparency;
import io.tlsfleet.tls.x509.ChainVerdict.Trust;
import io.tlsfleet.tls.x509.ChainVerdict.TrustStatus;
import io.tlsfleet.tls.x509.ChainVerdict.WeakSignature;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Judges a served chain: bytes and an instant in, everything that is to be said of it out. Pure, bounded, never throws. */
public final class ChainJudge {
    /** Certificates of a chain that are shown and judged; the rest is counted. */
    static final int MAX_SHOWN = 20;

    /** Certificates that may stand in a path, sent and known together. */
    static final int MAX_POOL = 100;

    private ChainJudge() {}

    public static ChainVerdict judge(ChainQuestion question) {
        List<CertificateFacts> sent = question.sent().stream()
                .limit(MAX_POOL)
                .map(CertificateFacts::read)
                .toList();
        List<CertificateFacts> chain = sent.subList(0, Math.min(MAX_SHOWN, sent.size()));
        int unread = question.sent().size() - chain.size();
        if (chain.isEmpty()) {
            return empty(question);
        }
        CertificateFacts leaf = chain.getFirst();
        List<CertificateFacts> known = question.known().stream()
                .limit(MAX_POOL - sent.size())
                .map(CertificateFacts::read)
                .toList();
        List<CertificateFacts> pool = new ArrayList<>(sent);
        pool.addAll(known);

        Budget budget = new Budget();
        Signers signers = new Signers(budget);
        PathRules rules = new PathRules(question.at(), budget, CertificateExtensions.SERVER_AUTH);
        PathFinder finder = new PathFinder(pool, question.at(), rules, question.policy(), signers, budget);
        PathRules signerRules = new PathRules(question.at(), budget, null);
        PathFinder signerFinder =
                new PathFinder(pool, question.at(), signerRules, ChainQuestion.Policy.NONE, signers, budget);
        RevocationJudge revocation = new RevocationJudge(question, pool, signerFinder, signers);
        List<Trust> trust = question.stores().stream()
                .map(store -> finder.find(leaf, store, path -> revocation.problem(path, store)))
                .toList();
        ChainShape shape = ChainShape.of(sent, known, question.stores(), trust, signers);
        Optional<Trust> best = trust.stream()
                .filter(verdict -> !verdict.path().isEmpty())
                .min((a, b) -> Boolean.compare(a.status() != TrustStatus.TRUSTED, b.status() != TrustStatus.TRUSTED));
        List<CertificateFacts> path = best.map(Trust::path).orElse(List.of(leaf));
        List<byte[]> stapledScts = new ArrayList<>();
        Staple staple = revocation.staple(leaf, stapledScts);
        List<CertificateFacts> issuers = path.size() > 1 ? List.of(path.get(1)) : revocation.issuers(leaf);
        List<CertificateFacts> judged = distinct(best.isPresent() ? path : chain, leaf);
        return new ChainVerdict(
                leaf.key().type(),
                chain,
                unread,
                shape.completeness(),
                shape.order(),
                shape.unrelated(),
                shape.missing(),
                hostname(leaf, question.host()),
                trust,
                staple,
                revocation.revocation(path, best.map(Trust::store).orElse(null), staple),
                judged.stream().flatMap(c -> WeakKeys.of(c).stream()).toList(),
                weakSignatures(judged, best.map(Trust::store).orElse(null)),
                flaws(judged, leaf, best.isPresent() ? path : List.of()),
                new SctJudge(CtLogs.current(), question.at())
                        .judge(leaf, issuers.isEmpty() ? null : issuers.getFirst(), question.tlsScts(), stapledScts),
                Lifetimes.of(leaf));
    }

    private static List<CertificateFacts> distinct(List<CertificateFacts> certificates, CertificateFacts leaf) {
        List<CertificateFacts> distinct = new ArrayList<>(List.of(leaf));
        certificates.stream().filter(c -> !distinct.contains(c)).forEach(distinct::add);
        return distinct;
    }

    /** An anchor's signature protects nothing, and so does that of a root that nobody trusts. */
    private static List<WeakSignature> weakSignatures(List<CertificateFacts> judged, @Nullable TrustStore store) {
        return judged.stream()
                .filter(c -> Signatures.weak(c.signatureAlgorithm()))
                .filter(c -> store == null || store.holding(c) == null)
                .filter(c ->
                        judged.indexOf(c) == 0 || !c.selfIssued() || Signatures.of(c, c.key()) == Signatures.Result.BAD)
                .map(c -> new WeakSignature(
                        c, Signatures.digest(c.signatureAlgorithm()).orElse("")))
                .toList();
    }

    private static List<Flaw> flaws(List<CertificateFacts> judged, CertificateFacts leaf, List<CertificateFacts> path) {
        List<Flaw> flaws = new ArrayList<>();
        CertificateFacts anchor = path.isEmpty() ? null : path.getLast();
        for (int i = 0; i + 1 < path.size(); i++) {
            CertificateFacts child = path.get(i);
            CertificateFacts issuer = path.get(i + 1);
            AuthorityKeyId authority = child.extensions().authorityKeyId();
            byte[] named = authority == null ? null : authority.keyId();
            byte[] own = issuer.extensions().subjectKeyId();
            if (named != null && own != null && !Arrays.equals(named, own)) {
                flaws.add(new Flaw(
                        child,
                        new Defect(
                                Defect.Kind.AUTHORITY_KEY_ID_MISMATCH,
                                "authorityKeyIdentifier",
                                "names another key than that of "
                                        + issuer.subject().shortText()
                                        + ": browsers connect, what is built on OpenSSL finds no issuer")));
            }
        }
        for (CertificateFacts certificate : judged) {
            certificate.defects().forEach(defect -> flaws.add(new Flaw(certificate, defect)));
            Conformance.of(certificate, certificate.equals(leaf), certificate.equals(anchor))
                    .forEach(defect -> flaws.add(new Flaw(certificate, defect)));
        }
        return List.copyOf(flaws);
    }

    private static @Nullable Hostname hostname(CertificateFacts leaf, @Nullable String host) {
        return host == null ? null : HostName.judge(leaf, host);
    }

    private static ChainVerdict empty(ChainQuestion question) {
        return new ChainVerdict(
                "unknown",
                List.of(),
                0,
                Completeness.UNKNOWN,
                List.of(Order.CORRECT),
                List.of(),
                List.<MissingIntermediate>of(),
                null,
                question.stores().stream()
                        .map(store -> new Trust(store, TrustStatus.UNKNOWN, "no certificate was sent", List.of(), 0))
                        .toList(),
                new Staple(StapleStatus.NOT_APPLICABLE, null, null, null, null, null, List.of()),
                new Revocation(RevocationStatus.NOT_CHECKED, null, null, null, null, List.of()),
                List.of(),
                List.of(),
                List.of(),
                new Transparency(List.of(), 0, 0, 0, 0, true),
                null);
    }
}

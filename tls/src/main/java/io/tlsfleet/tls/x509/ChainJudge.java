package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.x509.ChainVerdict.Completeness;
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
import java.util.ArrayList;
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
        PathRules rules = new PathRules(question.at(), budget, CertificateExtensions.SERVER_AUTH);
        Signers signers = new Signers(budget);
        PathFinder finder = new PathFinder(pool, question.at(), rules, PolicyCheck.Inputs.NONE, signers, budget);
        List<Trust> trust = question.stores().stream()
                .map(store -> finder.find(leaf, store, path -> Optional.empty()))
                .toList();
        ChainShape shape = ChainShape.of(sent, known, question.stores(), trust, signers);
        return new ChainVerdict(
                leaf.key().type(),
                chain,
                unread,
                shape.completeness(),
                shape.order(),
                shape.missing(),
                hostname(leaf, question.host()),
                trust,
                new Staple(
                        question.staples().isEmpty()
                                        && leaf.extensions().ocspUrls().isEmpty()
                                ? StapleStatus.NOT_APPLICABLE
                                : StapleStatus.ABSENT,
                        null,
                        null,
                        null,
                        null,
                        null,
                        List.of()),
                new Revocation(RevocationStatus.NOT_CHECKED, null, null, null, null, List.of()),
                List.of(),
                List.of(),
                List.of(),
                new Transparency(List.of(), 0, 0, 0, true),
                null);
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
                new Transparency(List.of(), 0, 0, 0, true),
                null);
    }
}

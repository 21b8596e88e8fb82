package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.x509.ChainVerdict.Completeness;
import io.tlsfleet.tls.x509.ChainVerdict.MissingIntermediate;
import io.tlsfleet.tls.x509.ChainVerdict.Order;
import io.tlsfleet.tls.x509.ChainVerdict.Trust;
import io.tlsfleet.tls.x509.ChainVerdict.TrustStatus;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Whether what was sent is what RFC 8446 section 4.4.2 wants: leaf first, each certified by the next, nothing missing. */
record ChainShape(
        Completeness completeness,
        List<Order> order,
        List<CertificateFacts> unrelated,
        List<MissingIntermediate> missing) {
    private static final int MAX_HEIGHT = 32;

    static ChainShape of(
            List<CertificateFacts> sent,
            List<CertificateFacts> known,
            List<TrustStore> stores,
            List<Trust> trust,
            Signers signers) {
        CertificateFacts leaf = sent.getFirst();
        List<Trust> withPath = trust.stream()
                .filter(verdict -> !verdict.path().isEmpty())
                .sorted((a, b) -> Boolean.compare(b.status() == TrustStatus.TRUSTED, a.status() == TrustStatus.TRUSTED))
                .toList();
        List<MissingIntermediate> missing = new ArrayList<>();
        Completeness completeness;
        List<CertificateFacts> used;
        boolean broken = false;
        if (!withPath.isEmpty()) {
            used = complete(withPath, sent);
            for (CertificateFacts certificate : used.subList(1, Math.max(1, used.size() - 1))) {
                if (!sent.contains(certificate)) {
                    missing.add(new MissingIntermediate(certificate, "aia"));
                }
            }
            completeness = used.size() == 1 && signers.selfSigned(leaf)
                    ? Completeness.SELF_SIGNED
                    : missing.isEmpty() ? Completeness.COMPLETE : Completeness.MISSING_INTERMEDIATE;
        } else {
            used = ancestors(leaf, sent, known, signers);
            CertificateFacts end = used.getLast();
            for (CertificateFacts certificate : used.subList(1, used.size())) {
                if (!sent.contains(certificate) && !signers.selfSigned(certificate)) {
                    missing.add(new MissingIntermediate(certificate, "aia"));
                }
            }
            broken = !signers.selfSigned(end);
            completeness = withoutPath(leaf, used, missing, leadsOn(sent, used, stores, signers), signers);
        }
        Set<CertificateFacts> related = related(sent, used, stores, trust, signers);
        if (broken) {
            // above the gap there is no telling which of them the mended chain needs; a root of nobody's it never does
            sent.stream()
                    .filter(certificate -> certificate.ca()
                            && (!signers.signed(certificate, certificate)
                                    || stores.stream().anyMatch(store -> store.holding(certificate) != null)))
                    .forEach(related::add);
        }
        List<CertificateFacts> unrelated = new ArrayList<>();
        List<Order> order = order(sent, used, related, signers, unrelated);
        return new ChainShape(completeness, order, List.copyOf(unrelated), List.copyOf(missing));
    }

    /** Of the paths that lead to an anchor, one that needs nothing beyond what was sent, if there is one. */
    private static List<CertificateFacts> complete(List<Trust> withPath, List<CertificateFacts> sent) {
        for (Trust verdict : withPath) {
            List<CertificateFacts> path = verdict.path();
            if (sent.containsAll(path.subList(0, Math.max(1, path.size() - 1)))) {
                return path;
            }
        }
        return withPath.getFirst().path();
    }

    private static Completeness withoutPath(
            CertificateFacts leaf,
            List<CertificateFacts> used,
            List<MissingIntermediate> missing,
            boolean leadsOn,
            Signers signers) {
        CertificateFacts end = used.getLast();
        if (signers.selfSigned(leaf) && used.size() == 1) {
            return Completeness.SELF_SIGNED;
        }
        if (end.issuer().isEmpty() && end.subject().isEmpty()) {
            return Completeness.UNKNOWN;
        }
        if (!missing.isEmpty()) {
            return Completeness.MISSING_INTERMEDIATE;
        }
        if (signers.selfSigned(end)) {
            return Completeness.UNTRUSTED_ROOT;
        }
        // a leaf alone, or one whose issuer says where its own certificate lies: something was left out; a chain that
        // stops below a root may just as well be whole, with a root that nobody here knows
        boolean fetchable = !end.extensions().caIssuersUrls().isEmpty();
        return used.size() == 1 || fetchable || leadsOn
                ? Completeness.MISSING_INTERMEDIATE
                : Completeness.UNTRUSTED_ROOT;
    }

    /** Whether a CA certificate that nothing below leads to is a root itself or leads to an anchor: one between is missing. */
    private static boolean leadsOn(
            List<CertificateFacts> sent, List<CertificateFacts> used, List<TrustStore> stores, Signers signers) {
        Map<CertificateFacts, Boolean> reaches = new HashMap<>();
        return sent.stream()
                .filter(certificate -> certificate.ca() && !used.contains(certificate))
                .anyMatch(certificate ->
                        signers.selfSigned(certificate) || reaches(certificate, sent, stores, reaches, 0, signers));
    }

    /** From the leaf up by name and signature, through what was sent before what is known. */
    private static List<CertificateFacts> ancestors(
            CertificateFacts leaf, List<CertificateFacts> sent, List<CertificateFacts> known, Signers signers) {
        List<CertificateFacts> pool = new ArrayList<>(sent);
        pool.addAll(known);
        List<CertificateFacts> path = new ArrayList<>(List.of(leaf));
        boolean found = true;
        while (found && path.size() < MAX_HEIGHT && !signers.selfSigned(path.getLast())) {
            found = false;
            for (CertificateFacts candidate : pool) {
                CertificateFacts child = path.getLast();
                if (!path.contains(candidate)
                        && !child.issuer().isEmpty()
                        && candidate.subject().matches(child.issuer())
                        && signers.signature(child, candidate) != Signatures.Result.BAD) {
                    path.add(candidate);
                    found = true;
                    break;
                }
            }
        }
        return path;
    }

    private static List<Order> order(
            List<CertificateFacts> sent,
            List<CertificateFacts> used,
            Set<CertificateFacts> related,
            Signers signers,
            List<CertificateFacts> unrelated) {
        EnumSet<Order> order = EnumSet.noneOf(Order.class);
        int last = -1;
        for (CertificateFacts certificate : used) {
            int place = sent.indexOf(certificate);
            if (place >= 0) {
                if (place < last) {
                    order.add(Order.WRONG_ORDER);
                }
                last = Math.max(last, place);
            }
        }
        Set<CertificateFacts> seen = new HashSet<>();
        for (int i = 0; i < sent.size(); i++) {
            CertificateFacts certificate = sent.get(i);
            if (!seen.add(certificate) || !related.contains(certificate)) {
                order.add(Order.UNRELATED);
                unrelated.add(certificate);
            } else if (i > 0 && signers.signed(certificate, certificate)) {
                order.add(Order.INCLUDES_ROOT);
            }
        }
        return order.isEmpty() ? List.of(Order.CORRECT) : List.copyOf(order);
    }

    /**
     * Certificates on a path to an anchor of a store asked; where no path leads to one, those that stand above the leaf
     * at all.
     */
    private static Set<CertificateFacts> related(
            List<CertificateFacts> sent,
            List<CertificateFacts> used,
            List<TrustStore> stores,
            List<Trust> trust,
            Signers signers) {
        Set<CertificateFacts> related = new HashSet<>(used);
        related.add(sent.getFirst());
        trust.forEach(verdict -> related.addAll(verdict.path()));
        boolean anchored = trust.stream().anyMatch(verdict -> !verdict.path().isEmpty());
        Set<CertificateFacts> above = new HashSet<>();
        Map<CertificateFacts, Boolean> reaches = new HashMap<>();
        climb(sent.getFirst(), sent, above, signers);
        for (CertificateFacts certificate : above) {
            if (!anchored || reaches(certificate, sent, stores, reaches, 0, signers)) {
                related.add(certificate);
            }
        }
        return related;
    }

    private static void climb(
            CertificateFacts child, List<CertificateFacts> sent, Set<CertificateFacts> above, Signers signers) {
        for (CertificateFacts candidate : sent) {
            if (!above.contains(candidate) && signers.signed(child, candidate)) {
                above.add(candidate);
                climb(candidate, sent, above, signers);
            }
        }
    }

    private static boolean reaches(
            CertificateFacts certificate,
            List<CertificateFacts> sent,
            List<TrustStore> stores,
            Map<CertificateFacts, Boolean> known,
            int depth,
            Signers signers) {
        Boolean answer = known.get(certificate);
        if (answer != null) {
            return answer;
        }
        known.put(certificate, false);
        boolean found = stores.stream()
                .anyMatch(store -> store.holding(certificate) != null
                        || store.named(certificate.issuer()).stream()
                                .anyMatch(anchor -> signers.signed(certificate, anchor.certificate())));
        for (CertificateFacts candidate : sent) {
            found = found
                    || depth < MAX_HEIGHT
                            && !candidate.equals(certificate)
                            && signers.signed(certificate, candidate)
                            && reaches(candidate, sent, stores, known, depth + 1, signers);
        }
        known.put(certificate, found);
        return found;
    }
}

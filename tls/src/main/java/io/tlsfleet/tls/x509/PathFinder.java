package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.x509.ChainVerdict.Trust;
import io.tlsfleet.tls.x509.ChainVerdict.TrustStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All paths from a leaf to the anchors of one store, depth first and bounded. The first search follows only steps that
 * are right, so that it stays small among a hundred cross-signed issuers; when it finds nothing a second one follows
 * wrong steps too, to tell what is wrong with the path that comes nearest.
 */
final class PathFinder {
    private static final int MAX_DEPTH = 16;
    private static final int ENOUGH_PATHS = 8;
    private static final int STEPS_FOR_REASON = 1_000;

    private final Map<List<String>, List<CertificateFacts>> pool = new HashMap<>();
    private final Map<CertificateFacts, Integer> places = new LinkedHashMap<>();
    private final Signers signers;
    private final PathRules rules;
    private final Budget budget;
    private final Instant at;
    private final ChainQuestion.Policy policy;

    /** {@code certificates}: everything that may stand between leaf and anchor, those that were sent first. */
    PathFinder(
            List<CertificateFacts> certificates,
            Instant at,
            PathRules rules,
            ChainQuestion.Policy policy,
            Signers signers,
            Budget budget) {
        this.rules = rules;
        this.signers = signers;
        this.budget = budget;
        this.at = at;
        this.policy = policy;
        for (CertificateFacts certificate : certificates) {
            if (places.putIfAbsent(certificate, places.size()) == null) {
                pool.computeIfAbsent(certificate.subject().keys(), key -> new ArrayList<>())
                        .add(certificate);
            }
        }
    }

    /** {@code lastWord} looks at a whole path, leaf first, that has no other problem: revocation. */
    Trust find(
            CertificateFacts leaf, TrustStore store, Function<List<CertificateFacts>, Optional<PathProblem>> lastWord) {
        Search search = new Search(store, lastWord, true);
        search.start(leaf);
        if (!search.valid.isEmpty()) {
            return new Trust(store, TrustStatus.TRUSTED, null, search.valid.getFirst(), search.valid.size() - 1);
        }
        boolean exhausted = search.exhausted || signers.exhausted();
        search = new Search(store, lastWord, false);
        budget.grant(STEPS_FOR_REASON);
        search.start(leaf);
        if (search.nearest != null) {
            PathProblem worst = search.nearest.problem;
            return new Trust(store, worst.status(), worst.reason(), search.nearest.path, 0);
        }
        List<PathProblem> own = rules.leaf(leaf);
        Optional<PathProblem> malformed = own.stream()
                .filter(problem -> problem.status() == TrustStatus.MALFORMED)
                .findFirst();
        if (malformed.isPresent()) {
            return new Trust(store, TrustStatus.MALFORMED, malformed.get().reason(), List.of(), 0);
        }
        if (exhausted) {
            return new Trust(store, TrustStatus.UNKNOWN, "more paths and signatures than are tried", List.of(), 0);
        }
        return new Trust(store, TrustStatus.UNTRUSTED, search.deadEnd(leaf), List.of(), 0);
    }

    private record Failure(List<CertificateFacts> path, PathProblem problem, int problems) {}

    private final class Search {
        private final TrustStore store;
        private final Function<List<CertificateFacts>, Optional<PathProblem>> lastWord;
        private final boolean strict;
        private final List<CertificateFacts> path = new ArrayList<>();
        private final List<PathProblem> problems = new ArrayList<>();
        private final List<List<CertificateFacts>> valid = new ArrayList<>();
        private @Nullable Failure nearest;
        private @Nullable String forged;
        private @Nullable CertificateFacts top;
        private int height = 1;
        private boolean exhausted;

        Search(TrustStore store, Function<List<CertificateFacts>, Optional<PathProblem>> lastWord, boolean strict) {
            this.store = store;
            this.lastWord = lastWord;
            this.strict = strict;
        }

        void start(CertificateFacts leaf) {
            List<PathProblem> own = rules.leaf(leaf);
            if (strict && !own.isEmpty()) {
                return;
            }
            problems.addAll(own);
            path.add(leaf);
            top = leaf;
            TrustStore.Anchor anchor = store.holding(leaf);
            if (anchor != null) {
                complete(anchor);
            }
            climb();
        }

        private void climb() {
            CertificateFacts child = path.getLast();
            if (path.size() >= MAX_DEPTH || valid.size() >= ENOUGH_PATHS) {
                exhausted |= path.size() >= MAX_DEPTH && !signers.selfSigned(child);
                return;
            }
            if (child.issuer().isEmpty() && child.malformed()) {
                return;
            }
            for (TrustStore.Anchor anchor :
                    ordered(store.named(child.issuer()), child, TrustStore.Anchor::certificate)) {
                step(anchor.certificate(), anchor);
            }
            for (CertificateFacts issuer :
                    ordered(pool.getOrDefault(child.issuer().keys(), List.of()), child, Function.identity())) {
                if (store.holding(issuer) == null) {
                    step(issuer, null);
                }
            }
        }

        private void step(CertificateFacts issuer, TrustStore.@Nullable Anchor anchor) {
            CertificateFacts child = path.getLast();
            if (valid.size() >= ENOUGH_PATHS || looped(issuer)) {
                return;
            }
            if (!budget.step()) {
                exhausted = true;
                return;
            }
            List<PathProblem> found = rules.issuer(issuer, path, anchor != null);
            if (strict && !found.isEmpty()) {
                return;
            }
            Signatures.Result signature = signers.signature(child, issuer);
            if (signature == Signatures.Result.BAD) {
                forged = Signatures.misfits(child.signatureAlgorithm())
                        ? "the signature of " + child.subject().shortText() + " has parameters that "
                                + child.signatureAlgorithm().name() + " must not have"
                        : "the signature of " + child.subject().shortText() + " is not by the key of "
                                + issuer.subject().shortText();
                return;
            }
            if (signature == Signatures.Result.UNSUPPORTED) {
                if (strict) {
                    return;
                }
                found = new ArrayList<>(found);
                found.add(new PathProblem(
                        TrustStatus.UNKNOWN,
                        "the signature of " + child.subject().shortText() + " ("
                                + child.signatureAlgorithm().name() + ", key of "
                                + issuer.key().bits() + " bits) is not verified"));
            }
            int before = problems.size();
            problems.addAll(found);
            path.add(issuer);
            if (path.size() > height) {
                height = path.size();
                top = issuer;
            }
            if (anchor != null) {
                complete(anchor);
            } else {
                climb();
            }
            path.removeLast();
            while (problems.size() > before) {
                problems.removeLast();
            }
        }

        private boolean looped(CertificateFacts issuer) {
            if (path.contains(issuer)) {
                return true;
            }
            for (CertificateFacts above : path.subList(1, path.size())) {
                if (above.spkiSha256().equals(issuer.spkiSha256())
                        && above.subject().matches(issuer.subject())) {
                    return true;
                }
            }
            return false;
        }

        private void complete(TrustStore.Anchor anchor) {
            List<PathProblem> all = new ArrayList<>(problems);
            Instant distrusted = anchor.distrustAfter();
            Instant issued = path.getFirst().notBefore();
            if (distrusted != null && issued != null && issued.isAfter(distrusted)) {
                all.add(new PathProblem(
                        TrustStatus.UNTRUSTED,
                        store.name() + " does not trust certificates of "
                                + anchor.certificate().subject().shortText() + " issued after " + distrusted));
            }
            if (path.size() > 1) {
                PolicyCheck.violation(path, policy)
                        .ifPresent(violation -> all.add(new PathProblem(TrustStatus.UNTRUSTED, violation)));
            }
            if (all.isEmpty() || !strict) {
                lastWord.apply(List.copyOf(path)).ifPresent(all::add);
            }
            if (all.isEmpty()) {
                valid.add(List.copyOf(path));
                return;
            }
            PathProblem worst = all.stream()
                    .max(Comparator.comparingInt(PathProblem::weight))
                    .orElseThrow();
            Failure failure = new Failure(List.copyOf(path), worst, all.size());
            if (nearest == null || nearer(failure, nearest)) {
                nearest = failure;
            }
        }

        private boolean nearer(Failure a, Failure b) {
            int byWeight = Integer.compare(a.problem.weight(), b.problem.weight());
            return byWeight != 0 ? byWeight < 0 : a.problems < b.problems;
        }

        private String deadEnd(CertificateFacts leaf) {
            if (forged != null) {
                return forged;
            }
            CertificateFacts end = top == null ? leaf : top;
            if (signers.selfSigned(end)) {
                return end.equals(leaf)
                        ? "it is self-signed and not in the store " + store.name()
                        : "the root " + end.subject().shortText() + " is not in the store " + store.name();
            }
            return "no certificate of its issuer "
                    + DisplayText.safe(end.issuer().shortText()) + " is known";
        }
    }

    /** What a client tries first: a matching key id, valid now, the longest to live; as sent among equals. */
    private <T> List<T> ordered(List<T> candidates, CertificateFacts child, Function<T, CertificateFacts> certificate) {
        if (candidates.size() < 2) {
            return candidates;
        }
        return candidates.stream()
                .sorted(Comparator.<T>comparingInt(candidate -> keyIdRank(certificate.apply(candidate), child))
                        .thenComparingInt(candidate -> validNow(certificate.apply(candidate)) ? 0 : 1)
                        .thenComparingInt(
                                candidate -> places.getOrDefault(certificate.apply(candidate), Integer.MAX_VALUE)))
                .toList();
    }

    private static int keyIdRank(CertificateFacts issuer, CertificateFacts child) {
        CertificateExtensions.AuthorityKeyId wanted = child.extensions().authorityKeyId();
        byte[] keyId = wanted == null ? null : wanted.keyId();
        byte[] own = issuer.extensions().subjectKeyId();
        if (keyId == null || own == null) {
            return 1;
        }
        return Arrays.equals(keyId, own) ? 0 : 2;
    }

    private boolean validNow(CertificateFacts certificate) {
        Instant notBefore = certificate.notBefore();
        Instant notAfter = certificate.notAfter();
        return notBefore != null && notAfter != null && !at.isBefore(notBefore) && !at.isAfter(notAfter);
    }
}

package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.report.Severity;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.ChainVerdict;
import io.tlsfleet.tls.x509.ChainVerdict.Completeness;
import io.tlsfleet.tls.x509.ChainVerdict.Order;
import io.tlsfleet.tls.x509.ChainVerdict.TrustStatus;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/** What leads from a served certificate to a root: trust, completeness, order, transparency. */
final class ChainRules {
    private ChainRules() {}

    static void judge(Case c, Chain chain, Findings out) {
        chain.verdict().leaf().ifPresent(leaf -> {
            trust(c, chain.verdict(), leaf, out);
            order(c, chain.verdict(), out);
            transparency(c, chain.verdict(), leaf, out);
        });
    }

    /** The last of those that lead up from the leaf; what else was sent leads nowhere. */
    private static CertificateFacts top(List<CertificateFacts> sent) {
        List<CertificateFacts> others = new ArrayList<>(sent);
        CertificateFacts last = others.removeFirst();
        for (int i = 0; i < others.size(); i++) {
            if (last.maybeSignedBy(others.get(i))) {
                last = others.remove(i);
                i = -1;
            }
        }
        return last;
    }

    private static boolean namesake(ChainVerdict verdict, String missing) {
        return verdict.chain().stream().anyMatch(sent -> sent.subject().text().equals(missing));
    }

    private static void trust(Case c, ChainVerdict verdict, CertificateFacts leaf, Findings out) {
        String type = verdict.keyType();
        if (verdict.completeness() == Completeness.MISSING_INTERMEDIATE) {
            String missing = verdict.missingIntermediates().isEmpty()
                    ? top(verdict.chain()).issuer().text()
                    : verdict.missingIntermediates().stream()
                            .map(m -> m.certificate().subject().text())
                            .collect(Collectors.joining("; "));
            Findings.Draft draft = out.raise("certificate.chain-incomplete");
            if (verdict.missingIntermediates().isEmpty()) {
                draft.remedy("Append the certificate of \"" + missing + "\" to the certificate file, if it is an"
                        + " intermediate; if it is a root of your own, trust it for this site (--trust FILE; in the fleet"
                        + " POST /api/v1/trust-anchors).");
            }
            draft.subject(type)
                    .evidence(
                            "sent",
                            verdict.chain().stream()
                                    .map(CertificateFacts::sha256)
                                    .toList())
                    .evidence("missing", missing)
                    .cause("missing:" + missing)
                    .reproduce(shown(c, type))
                    .because("The server leaves out \"" + missing + "\""
                            + (namesake(verdict, missing) ? "; what it sends under that name did not sign it" : "")
                            + ". Clients that have not met it elsewhere fail.");
            if (verdict.best().map(best -> best.path().isEmpty()).orElse(true)) {
                return;
            }
        }
        if (verdict.trust().isEmpty() || verdict.trusted()) {
            return;
        }
        String stores =
                Words.all(verdict.trust().stream().map(t -> t.store().name()).toList());
        if (verdict.completeness() == Completeness.SELF_SIGNED && allUntrusted(verdict)) {
            out.raise("certificate.self-signed")
                    .subject(type)
                    .evidence("sha256", leaf.sha256())
                    .evidence("subject", leaf.subject().text())
                    .reproduce(shown(c, type))
                    .because(CertificateRules.shortName(leaf) + " is signed by its own key, and no store (" + stores
                            + ") holds it.");
            return;
        }
        verdict.best().ifPresent(best -> {
            if (!otherRule(best.status()) && !verdict.trust().stream().anyMatch(t -> otherRule(t.status()))) {
                CertificateFacts top = top(verdict.chain());
                CertificateFacts last = top.issuer().isEmpty() ? verdict.chain().getLast() : top;
                String root = last.selfIssued()
                        ? last.subject().text()
                        : last.issuer().text();
                String reason = best.reason();
                Findings.Draft draft = out.raise("certificate.untrusted");
                if (best.status() == TrustStatus.MALFORMED) {
                    draft.title("Certificate that clients cannot read")
                            .remedy(
                                    "Have the broken certificate issued anew, or copy it to the server again: whole, and"
                                            + " as its issuer made it.");
                }
                boolean anchored = !best.path().isEmpty();
                if (anchored && best.status() != TrustStatus.MALFORMED) {
                    draft.title("Chain that clients refuse")
                            .remedy(
                                    "The root is trusted and the chain is not: have the certificate that is named issued"
                                            + " anew by the rules, or use another CA.");
                }
                draft.subject(type)
                        .evidence(
                                "trust",
                                verdict.trust().stream()
                                        .map(t -> t.store().name() + ": "
                                                + t.status().word())
                                        .toList())
                        .evidence("root", root)
                        .cause(anchored ? "refused:" + reason : "untrusted:" + root)
                        .reproduce(shown(c, type))
                        .because(
                                best.status() == TrustStatus.UNTRUSTED && !anchored
                                        ? "The chain ends at \"" + root + "\", which no store (" + stores + ") holds."
                                        : "No store (" + stores + ") accepts the chain: "
                                                + (reason == null
                                                        ? best.status().word()
                                                        : reason) + ".");
            }
        });
    }

    private static String shown(Case c, String type) {
        return c.commands().openssl(c.leaf(type, "-showcerts"));
    }

    private static String order(Case c, ChainVerdict verdict) {
        return shown(c, verdict.keyType()) + " | grep -E ' [0-9]+ s:|   i:'";
    }

    private static boolean allUntrusted(ChainVerdict verdict) {
        return verdict.trust().stream().allMatch(t -> t.status() == TrustStatus.UNTRUSTED);
    }

    /** Statuses that a rule of their own reports, and what could not be told. */
    private static boolean otherRule(TrustStatus status) {
        return switch (status) {
            case TRUSTED, EXPIRED, NOT_YET_VALID, REVOKED, WEAK_SIGNATURE, UNKNOWN -> true;
            case UNTRUSTED, NAME_CONSTRAINT, PATH_LENGTH, MALFORMED -> false;
        };
    }

    private static void order(Case c, ChainVerdict verdict, Findings out) {
        if (verdict.order().equals(List.of(Order.CORRECT))) {
            return;
        }
        List<String> names = verdict.chain().stream()
                .map(certificate -> certificate.subject().shortText())
                .toList();
        if (verdict.order().contains(Order.WRONG_ORDER)) {
            out.raise("certificate.chain-wrong-order")
                    .subject(verdict.keyType())
                    .evidence("order", names)
                    .reproduce(order(c, verdict))
                    .because("The certificates come as " + Words.some(names, 6) + ".");
        }
        boolean unread = verdict.leaf().map(CertificateFacts::malformed).orElse(true);
        if (verdict.order().contains(Order.UNRELATED) && !unread) {
            List<String> unrelated = verdict.unrelated().stream()
                    .distinct()
                    .map(certificate -> certificate.subject().shortText()
                            + (Collections.frequency(verdict.chain(), certificate) > 1 ? " more than once" : ""))
                    .toList();
            out.raise("certificate.chain-unrelated")
                    .subject(verdict.keyType())
                    .evidence("order", names)
                    .reproduce(order(c, verdict))
                    .because("The server also sends " + Words.some(unrelated, 4) + ".");
        }
        if (verdict.order().contains(Order.INCLUDES_ROOT) && verdict.chain().size() > 1) {
            List<String> roots = verdict.chain().stream()
                    .filter(certificate -> certificate.signedBy(certificate))
                    .map(certificate -> certificate.subject().shortText())
                    .toList();
            out.raise("certificate.chain-includes-root")
                    .subject(verdict.keyType())
                    .evidence("order", names)
                    .reproduce(order(c, verdict))
                    .because("The server sends the root \"" + (roots.isEmpty() ? names.getLast() : roots.getLast())
                            + "\".");
        }
    }

    private static void transparency(Case c, ChainVerdict verdict, CertificateFacts leaf, Findings out) {
        ChainVerdict.Transparency ct = verdict.transparency();
        if (verdict.publiclyTrusted() && verdict.trusted() && ct.lacking()) {
            boolean retired = ct.valid() > 0 && ct.current() == 0;
            Findings.Draft draft = out.raise("certificate.sct-missing");
            if (retired) {
                draft.evidence("current", 0);
            }
            draft.subject(verdict.keyType())
                    .severity(Severity.MEDIUM)
                    .evidence("required", ct.required())
                    .evidence("valid", ct.valid())
                    .evidence("operators", ct.operators())
                    .evidence("sha256", leaf.sha256())
                    .reproduce(c.commands().openssl(c.leaf(verdict.keyType()))
                            + " | openssl x509 -noout -ext ct_precert_scts")
                    .because(ct.valid() + " valid proofs of " + ct.operators() + " operators; " + ct.required()
                            + " of two operators are required for a certificate of this lifetime"
                            + (retired ? ", and one by a log that is not retired: all of these are." : "."));
        }
    }
}

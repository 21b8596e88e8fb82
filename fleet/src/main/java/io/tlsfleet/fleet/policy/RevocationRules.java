package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.ChainVerdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What issuers say of certificates after they have signed them. */
final class RevocationRules {
    private RevocationRules() {}

    static void judge(Case c, Chain chain, Findings out) {
        chain.verdict().leaf().ifPresent(leaf -> {
            revoked(c, chain.verdict(), leaf, out);
            // what else is unknown of a chain, such as whether it comes without SNI, says nothing of its staple
            if (c.facts().coverage().stream()
                    .map(Observation.Coverage::fact)
                    .noneMatch(fact -> fact.equals("/certificates") || fact.endsWith("/ocspStaple"))) {
                staple(c, chain.verdict(), leaf, out);
            }
            sources(chain, out);
        });
    }

    private static void revoked(Case c, ChainVerdict verdict, CertificateFacts leaf, Findings out) {
        ChainVerdict.Revocation revocation = verdict.revocation();
        boolean byStaple = verdict.ocspStaple().status() == ChainVerdict.StapleStatus.REVOKED;
        if (revocation.status() != ChainVerdict.RevocationStatus.REVOKED && !byStaple) {
            return;
        }
        CertificateFacts subject = revocation.subject() == null ? leaf : revocation.subject();
        String via = revocation.via() == null ? "ocsp-staple" : revocation.via();
        String reason = revocation.reason();
        out.raise("certificate.revoked")
                .subject(verdict.keyType())
                .evidence("sha256", subject.sha256())
                .evidence("via", via)
                .cause("revoked:" + subject.sha256())
                .reproduce(proof(c, verdict, subject, via))
                .because(CertificateRules.shortName(subject) + " (serial " + subject.serialText()
                        + ") has been revoked by its issuer, by " + via
                        + (reason == null ? "" : " (" + reason + ")") + ".");
    }

    /** What the source that was believed says of it. */
    private static String proof(Case c, ChainVerdict verdict, CertificateFacts subject, String via) {
        String type = verdict.keyType();
        List<CertificateFacts> sent = verdict.chain();
        int place = sent.indexOf(subject);
        String number = c.commands().openssl(c.leaf(type)) + " | openssl x509 -noout -serial -issuer";
        return switch (via) {
            case "ocsp-staple" -> stapled(c, type) + " | grep -E 'Cert Status|Revocation (Time|Reason)'";
            case "crl" ->
                web(subject.extensions().crlUrls())
                        .map(url -> Commands.list(url, "-text") + " | grep -A4 'Serial Number: " + subject.serialText()
                                + "$'")
                        .orElse(number);
            default ->
                web(subject.extensions().ocspUrls())
                        .filter(url -> place >= 0 && place + 1 < sent.size())
                        .map(url -> c.commands().openssl(c.leaf(type, "-showcerts"))
                                + " 2>/dev/null | awk '/BEGIN CERT/{n++} n{print >\"c\" n \".pem\"}'; openssl ocsp -issuer c"
                                + (place + 2) + ".pem -cert c" + (place + 1) + ".pem -no_nonce -noverify -url "
                                + Commands.quoted(url))
                        .orElse(number);
        };
    }

    private static Optional<String> web(List<String> urls) {
        return urls.stream()
                .filter(url -> url.toLowerCase(Locale.ROOT).startsWith("http"))
                .findFirst();
    }

    private static void staple(Case c, ChainVerdict verdict, CertificateFacts leaf, Findings out) {
        ChainVerdict.Staple staple = verdict.ocspStaple();
        String type = verdict.keyType();
        switch (staple.status()) {
            case ABSENT, NOT_APPLICABLE -> {
                if (Target.isFile(c.facts().endpoint().host())) {
                    return; // nobody staples to a file
                }
                if (leaf.extensions().mustStaple()) {
                    out.raise("certificate.must-staple-without-staple")
                            .subject(type)
                            .evidence("sha256", leaf.sha256())
                            .reproduce(stapled(c, type) + " | grep 'OCSP response'")
                            .because("The certificate has the must-staple extension and nothing is stapled.");
                } else if (staple.status() == ChainVerdict.StapleStatus.ABSENT
                        && !leaf.extensions().ocspUrls().isEmpty()) {
                    out.raise("ocsp.staple-missing")
                            .subject(type)
                            .evidence("ocspUrls", leaf.extensions().ocspUrls())
                            .reproduce(stapled(c, type) + " | grep 'OCSP response'")
                            .because("The certificate names "
                                    + leaf.extensions().ocspUrls().getFirst() + " and nothing is stapled.");
                }
            }
            case EXPIRED ->
                out.raise("ocsp.staple-expired")
                        .subject(type)
                        .evidence("nextUpdate", String.valueOf(staple.nextUpdate()))
                        .reproduce(stapled(c, type))
                        .because("The stapled answer was good until "
                                + (staple.nextUpdate() == null
                                        ? "a time that it does not say"
                                        : Words.minute(staple.nextUpdate()))
                                + ".");
            case BAD_SIGNATURE, WRONG_CERTIFICATE, MALFORMED, UNKNOWN_CERTIFICATE, NOT_YET_VALID -> {
                String reason = staple.reason();
                out.raise("ocsp.staple-invalid")
                        .subject(type)
                        .evidence("status", staple.status().word())
                        .reproduce(stapled(c, type))
                        .because("The stapled answer does not hold: "
                                + (reason == null ? staple.status().word().replace('-', ' ') : reason) + ".");
            }
            case GOOD, REVOKED -> {
                // revoked has a rule of its own
            }
        }
    }

    private static String stapled(Case c, String type) {
        return c.commands().openssl(c.leaf(type, "-status"));
    }

    private static void sources(Chain chain, Findings out) {
        String type = chain.verdict().keyType();
        List<String> stale = chain.verdict().revocation().staleCrls();
        if (!stale.isEmpty()) {
            out.raise("revocation.crl-stale")
                    .subject(type)
                    .evidence("crls", stale)
                    .cause("crl:" + stale.getFirst())
                    .reproduce(chain.verdict().path().stream()
                            .filter(certificate ->
                                    stale.contains(certificate.issuer().text()))
                            .flatMap(certificate -> web(certificate.extensions().crlUrls()).stream())
                            .findFirst()
                            .map(url -> Commands.list(url, "-issuer -lastupdate -nextupdate"))
                            .orElse(null))
                    .because("Out of date: " + Words.some(stale, 3) + ".");
        }
        List<String> silent = new ArrayList<>();
        for (Observation.Fetched fetched : chain.served().fetched()) {
            String failure = fetched.failure();
            boolean source = fetched.kind().equals("crl") || fetched.kind().equals("ocsp");
            if (source && failure != null && ours(fetched.url(), failure)) {
                silent.add(fetched.url() + " (" + failure + ")");
            }
        }
        if (!silent.isEmpty()) {
            out.raise("revocation.responder-unreachable")
                    .subject(type)
                    .evidence("sources", silent)
                    .cause("responder:" + silent.getFirst())
                    .reproduce("curl -sS -o /dev/null -w '%{http_code}\\n' "
                            + Commands.quoted(silent.getFirst()
                                    .substring(0, silent.getFirst().indexOf(' '))))
                    .because("No answer from " + Words.some(silent, 3) + ".");
        }
    }

    /** {@code ldap:} is not supported here, and what our own gate or limits refused says nothing of the source. */
    private static boolean ours(String url, String failure) {
        return url.toLowerCase(Locale.ROOT).startsWith("http")
                && !failure.contains("blocked-by-policy")
                && !failure.contains("larger than")
                && !failure.endsWith(Observation.Fetched.ISSUER_UNKNOWN)
                && !failure.contains("interrupted");
    }
}

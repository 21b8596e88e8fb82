package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.ChainVerdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

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
                .reproduce(c.commands().openssl("-status") + " | grep -A3 'OCSP response'")
                .because(CertificateRules.shortName(subject) + " (serial " + subject.serialText()
                        + ") has been revoked by its issuer, by " + via
                        + (reason == null ? "" : " (" + reason + ")") + ".");
    }

    private static void staple(Case c, ChainVerdict verdict, CertificateFacts leaf, Findings out) {
        ChainVerdict.Staple staple = verdict.ocspStaple();
        String type = verdict.keyType();
        String command = c.commands().openssl("-status");
        switch (staple.status()) {
            case ABSENT, NOT_APPLICABLE -> {
                if (Target.isFile(c.facts().endpoint().host())) {
                    return; // nobody staples to a file
                }
                if (leaf.extensions().mustStaple()) {
                    out.raise("certificate.must-staple-without-staple")
                            .subject(type)
                            .evidence("sha256", leaf.sha256())
                            .reproduce(command + " | grep 'OCSP response'")
                            .because("The certificate has the must-staple extension and nothing is stapled.");
                } else if (staple.status() == ChainVerdict.StapleStatus.ABSENT
                        && !leaf.extensions().ocspUrls().isEmpty()) {
                    out.raise("ocsp.staple-missing")
                            .subject(type)
                            .evidence("ocspUrls", leaf.extensions().ocspUrls())
                            .reproduce(command + " | grep 'OCSP response'")
                            .because("The certificate names "
                                    + leaf.extensions().ocspUrls().getFirst() + " and nothing is stapled.");
                }
            }
            case EXPIRED ->
                out.raise("ocsp.staple-expired")
                        .subject(type)
                        .evidence("nextUpdate", String.valueOf(staple.nextUpdate()))
                        .reproduce(command)
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
                        .reproduce(command)
                        .because("The stapled answer does not hold: "
                                + (reason == null ? staple.status().word().replace('-', ' ') : reason) + ".");
            }
            case GOOD, REVOKED -> {
                // revoked has a rule of its own
            }
        }
    }

    private static void sources(Chain chain, Findings out) {
        String type = chain.verdict().keyType();
        List<String> stale = chain.verdict().revocation().staleCrls();
        if (!stale.isEmpty()) {
            out.raise("revocation.crl-stale")
                    .subject(type)
                    .evidence("crls", stale)
                    .cause("crl:" + stale.getFirst())
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

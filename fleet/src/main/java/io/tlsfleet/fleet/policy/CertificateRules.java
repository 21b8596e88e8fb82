package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.report.Severity;
import io.tlsfleet.tls.x509.CertificateExtensions;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.ChainVerdict;
import io.tlsfleet.tls.x509.Defect;
import io.tlsfleet.tls.x509.GeneralName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What a served certificate is, and what is wrong in it, whatever leads up to it. */
final class CertificateRules {
    private CertificateRules() {}

    static void judge(Case c, Chain chain, Findings out) {
        chain.verdict().leaf().ifPresent(leaf -> {
            String type = chain.verdict().keyType();
            name(c, chain.verdict(), leaf, out, type);
            weak(c, chain.verdict(), out, type);
            usage(c, chain.verdict(), leaf, out, type);
            lifetime(c, chain.verdict(), leaf, out, type);
            policy(c, leaf, out, type);
            flaws(c, chain.verdict(), out, type);
        });
    }

    /** Key type with curve or size, as policies name it: {@code ECDSA P-256}, {@code RSA 2048}, {@code Ed25519}. */
    static String keyText(CertificateFacts certificate) {
        String type = certificate.key().type();
        String curve = certificate.key().curve();
        if (curve != null) {
            return type + " " + curve;
        }
        return type.equals("RSA") || type.equals("DSA")
                ? type + " " + certificate.key().bits()
                : type;
    }

    static String shortName(CertificateFacts certificate) {
        String text = certificate.subject().shortText();
        return text.isEmpty() ? "certificate " + certificate.sha256().substring(0, 12) : "\"" + text + "\"";
    }

    private static void name(Case c, ChainVerdict verdict, CertificateFacts leaf, Findings out, String type) {
        String expected = c.memory().expectIdentity();
        if (expected != null) {
            List<String> names = names(leaf);
            if (!names.contains("URI:" + expected)) {
                out.raise("certificate.name-mismatch")
                        .subject(type)
                        .evidence("expected", expected)
                        .evidence("subjectAltNames", names)
                        .reproduce(names(c, type))
                        .because("The certificate does not have the identity " + expected + "; it has "
                                + Words.some(names, 4) + ".");
            }
            return;
        }
        ChainVerdict.Hostname hostname = verdict.hostname();
        if (hostname == null) {
            return;
        }
        if (hostname.mismatches()) {
            List<String> names = names(leaf);
            out.raise("certificate.name-mismatch")
                    .subject(type)
                    .evidence("name", c.name())
                    .evidence("subjectAltNames", names)
                    .evidence("sha256", leaf.sha256())
                    .reproduce(names(c, type))
                    .because("The certificate is not for " + c.name() + "; it names "
                            + Words.some(names, 4, leaf.extensions().altNamesOmitted()) + ".");
        }
        if (leaf.extensions().subjectAltNames() == null && hostname.known()) {
            out.raise("certificate.common-name-only")
                    .subject(type)
                    .evidence("subject", leaf.subject().text())
                    .evidence("sha256", leaf.sha256())
                    .reproduce(names(c, type))
                    .because("The certificate of " + leaf.subject().text() + " has no subject alternative name.");
        }
    }

    private static List<String> names(CertificateFacts leaf) {
        return leaf.extensions().altNames().stream().map(GeneralName::text).toList();
    }

    private static String names(Case c, String type) {
        return c.commands().openssl(c.leaf(type)) + " | openssl x509 -noout -subject -ext subjectAltName";
    }

    private static String usages(Case c, String type) {
        return c.commands().openssl(c.leaf(type)) + " | openssl x509 -noout -ext extendedKeyUsage";
    }

    private static String dates(Case c, String type) {
        return c.commands().openssl(c.leaf(type)) + " | openssl x509 -noout -dates";
    }

    private static void weak(Case c, ChainVerdict verdict, Findings out, String type) {
        if (!verdict.weakKeys().isEmpty()) {
            boolean known = verdict.weakKeys().stream().anyMatch(ChainVerdict.KeyWeakness::compromised);
            out.raise("certificate.weak-key")
                    .severity(known ? Severity.CRITICAL : Severity.HIGH)
                    .subject(type)
                    .evidence(
                            "keys",
                            verdict.weakKeys().stream()
                                    .map(weakness -> weakness.certificate().spkiSha256() + " " + weakness.kind())
                                    .toList())
                    .reproduce(c.commands().chain(c.leaf(type), "-text", "Subject:|Public-Key:|Exponent:"))
                    .because(Words.all(verdict.weakKeys().stream()
                                    .map(weakness -> shortName(weakness.certificate()) + ": " + weakness.detail())
                                    .toList())
                            + ".");
        }
        List<String> known = verdict.chain().stream()
                .filter(certificate -> c.memory().knownKeys().containsKey(certificate.spkiSha256()))
                .map(certificate ->
                        shortName(certificate) + ": " + c.memory().knownKeys().get(certificate.spkiSha256()))
                .toList();
        if (!known.isEmpty()) {
            out.raise("certificate.weak-key")
                    .severity(Severity.CRITICAL)
                    .subject(type + " known")
                    .evidence("keys", known)
                    .reproduce(c.commands().openssl(c.leaf(type))
                            + " | openssl x509 -noout -pubkey | openssl pkey -pubin -noout -text")
                    .because(Words.all(known) + ".");
        }
        if (!verdict.weakSignatures().isEmpty()) {
            out.raise("certificate.weak-signature")
                    .subject(type)
                    .evidence(
                            "certificates",
                            verdict.weakSignatures().stream()
                                    .map(weakness -> weakness.certificate().sha256())
                                    .toList())
                    .reproduce(c.commands().chain(c.leaf(type), "-text", "Subject:|Signature Algorithm"))
                    .because(Words.all(verdict.weakSignatures().stream()
                                    .map(w -> shortName(w.certificate()) + " is signed with " + w.digest() + " ("
                                            + w.certificate()
                                                    .signatureAlgorithm()
                                                    .name() + ")")
                                    .toList())
                            + ".");
        }
    }

    private static void usage(Case c, ChainVerdict verdict, CertificateFacts leaf, Findings out, String type) {
        List<String> usages = leaf.extensions().extendedKeyUsages();
        if (usages != null
                && !usages.contains(CertificateExtensions.SERVER_AUTH)
                && !usages.contains(CertificateExtensions.ANY_EXTENDED_KEY_USAGE)
                && leaf.extensions().keyUsableByServer()) {
            out.raise("certificate.eku-wrong")
                    .subject(type)
                    .evidence("extendedKeyUsages", leaf.extensions().extendedKeyUsageNames())
                    .reproduce(usages(c, type))
                    .because("The certificate is for "
                            + Words.all(leaf.extensions().extendedKeyUsageNames()) + ", not for serverAuth.");
        }
        if (!leaf.extensions().keyUsableByServer()) {
            out.raise("certificate.eku-wrong")
                    .subject(type)
                    .remedy("Issue the certificate with the key usage digitalSignature.")
                    .reproduce(c.commands().openssl(c.leaf(type)) + " | openssl x509 -noout -ext keyUsage")
                    .because("The key usage allows nothing that a TLS server does with its key: clients refuse the"
                            + " handshake.");
        }
        if (usages != null && usages.contains(CertificateExtensions.CLIENT_AUTH) && verdict.publiclyTrusted()) {
            out.raise("certificate.client-auth-eku-ending")
                    .subject(type)
                    .evidence("extendedKeyUsages", leaf.extensions().extendedKeyUsageNames())
                    .reproduce(usages(c, type))
                    .because("The certificate by " + leaf.issuer().shortText()
                            + " is for clientAuth too; public certificates issued from 2027-03-15 will not.");
        }
        List<String> wildcards = leaf.extensions().altNames().stream()
                .map(GeneralName::text)
                .filter(name -> name.startsWith("DNS:*."))
                .map(name -> name.substring(4))
                .toList();
        if (!wildcards.isEmpty()) {
            out.raise("certificate.wildcard")
                    .subject(type)
                    .evidence("names", wildcards)
                    .reproduce(c.commands().openssl(c.leaf(type)) + " | openssl x509 -noout -ext subjectAltName")
                    .because("The certificate is for " + Words.some(wildcards, 4) + ".");
        }
    }

    private static void lifetime(Case c, ChainVerdict verdict, CertificateFacts leaf, Findings out, String type) {
        ChainVerdict.Lifetime lifetime = verdict.lifetime();
        Instant from = leaf.notBefore();
        if (lifetime == null || from == null) {
            return;
        }
        Integer most = c.policy().certificates().maximumDays();
        if ((verdict.publiclyTrusted() || claimsBaseline(leaf)) && lifetime.tooLong()) {
            out.raise("certificate.lifetime-too-long")
                    .subject(type)
                    .evidence("days", lifetime.days())
                    .evidence("limitDays", lifetime.limitDays())
                    .reproduce(dates(c, type))
                    .because("Valid for " + lifetime.days() + " days; issued on " + Words.date(from)
                            + ", when the limit was " + lifetime.limitDays() + " days.");
        } else if (most != null && lifetime.days() > most) {
            out.raise("certificate.not-in-policy")
                    .subject(type + " lifetime")
                    .evidence("days", lifetime.days())
                    .reproduce(dates(c, type))
                    .because("Valid for " + lifetime.days() + " days; "
                            + c.policy().label() + " allows " + most + ".");
        }
    }

    /** Whether it says of itself that it was issued by the Baseline Requirements (section 7.1.6.1), EV ones included. */
    private static boolean claimsBaseline(CertificateFacts leaf) {
        List<String> policies = leaf.extensions().policies();
        return policies != null
                && policies.stream().anyMatch(oid -> oid.startsWith("2.23.140.1.2.") || oid.equals("2.23.140.1.1"));
    }

    private static void policy(Case c, CertificateFacts leaf, Findings out, String type) {
        List<String> problems = keyProblems(c.policy().certificates(), leaf);
        if (!problems.isEmpty()) {
            out.raise("certificate.not-in-policy")
                    .subject(type)
                    .evidence("key", keyText(leaf))
                    .evidence("signatureAlgorithm", leaf.signatureAlgorithm().name())
                    .reproduce(c.commands().openssl(c.leaf(type)) + " | openssl x509 -noout -text")
                    .because(Words.all(problems) + " (" + c.policy().label() + ").");
        }
    }

    /** What a policy has against the key and the signature of a leaf. */
    static List<String> keyProblems(Policy.Certificates policy, CertificateFacts leaf) {
        List<String> problems = new ArrayList<>();
        String key = keyText(leaf);
        int bits = leaf.key().bits();
        String algorithm = leaf.signatureAlgorithm().name();
        List<String> types = policy.keyTypes();
        Integer rsa = policy.minimumRsaBits();
        Integer ec = policy.minimumEcBits();
        List<String> signatures = policy.signatureAlgorithms();
        if (types != null && types.stream().noneMatch(pattern -> Globs.matches(pattern, key))) {
            problems.add("the key is " + key + ", allowed are " + Words.all(types));
        } else if (rsa != null && leaf.key().isRsa() && bits < rsa) {
            problems.add("the key is " + key + ", the least is RSA " + rsa);
        } else if (ec != null && leaf.key().type().equals("ECDSA") && bits < ec) {
            problems.add("the key is " + key + ", the least is " + ec + " bits");
        }
        if (signatures != null && signatures.stream().noneMatch(pattern -> Globs.matches(pattern, algorithm))) {
            problems.add("the signature is " + algorithm + ", allowed are " + Words.all(signatures));
        }
        return problems;
    }

    private static void flaws(Case c, ChainVerdict verdict, Findings out, String type) {
        Set<String> shown = new LinkedHashSet<>();
        List<ChainVerdict.Flaw> flaws = verdict.flaws().stream()
                .filter(flaw -> !settledInPublic(verdict, flaw))
                .toList();
        for (ChainVerdict.Flaw flaw : flaws) {
            shown.add(shortName(flaw.certificate()) + " " + flaw.defect().part() + ": "
                    + flaw.defect().detail());
        }
        if (!shown.isEmpty()) {
            out.raise("certificate.nonconforming")
                    .severity(verdict.publiclyTrusted() ? Severity.LOW : Severity.INFO)
                    .subject(type)
                    .evidence(
                            "defects",
                            flaws.stream()
                                    .map(flaw -> flaw.certificate().sha256() + " "
                                            + flaw.defect().kind())
                                    .distinct()
                                    .toList())
                    .reproduce(c.commands().chain(c.leaf(type), "-text", ""))
                    .because(Words.some(List.copyOf(shown), 4) + ".");
        }
    }

    /** A root that a public program took is as it is, and its CAs look after who may have a wildcard below a host of theirs. */
    private static boolean settledInPublic(ChainVerdict verdict, ChainVerdict.Flaw flaw) {
        return verdict.trust().stream()
                .filter(trust -> trust.store().publicTrust() && trust.status() == ChainVerdict.TrustStatus.TRUSTED)
                .anyMatch(trust -> flaw.defect().kind() == Defect.Kind.WILDCARD_OF_HOSTING
                        || trust.path().getLast().equals(flaw.certificate()));
    }
}

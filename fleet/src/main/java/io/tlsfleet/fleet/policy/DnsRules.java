package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.tls.x509.CertificateFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the name's records say beside what the server does. */
final class DnsRules {
    private static final Pattern CAA = Pattern.compile("\\d+\\s+(\\w+)\\s+\"?([^\";]*)[^\"]*\"?");

    private static final int HTTPS = 443;

    private DnsRules() {}

    static void judge(Case c, Findings out) {
        Observation.Dns dns = c.facts().dns();
        if (dns == null || c.nameless()) {
            return;
        }
        if (dns.caa().isEmpty()) {
            if (!c.unsure("/dns/caa")) {
                out.raise("dns.caa-missing")
                        .evidence("caa", dns.caa())
                        .reproduce("dig +short CAA " + Commands.quoted(c.name()))
                        .because("Neither " + c.name() + " nor a domain above it has a CAA record.");
            }
        } else {
            for (Chain chain : c.chains()) {
                forbidden(c, out, dns.caa(), chain);
            }
        }
        tlsa(c, out, dns);
        Observation.Dns.HttpsRecord https = dns.https();
        boolean ours = https != null && (c.facts().endpoint().port() == HTTPS || isOfPort(https));
        if (https != null && ours && https.ech() && c.feature("encryptedClientHello") == FactState.REFUSED) {
            out.raise("dns.ech-not-honoured")
                    .evidence("/dns/https/ech", true)
                    .evidence("/features/encryptedClientHello", FactState.REFUSED.word())
                    .reproduce("dig +short HTTPS " + Commands.quoted(c.name()))
                    .because("The HTTPS record of " + c.name()
                            + " has an ech parameter; the server refused the inner hello.");
        }
    }

    private static boolean isOfPort(Observation.Dns.HttpsRecord https) {
        return https.owner() != null && https.owner().startsWith("_");
    }

    private static void tlsa(Case c, Findings out, Observation.Dns dns) {
        if (dns.tlsa().isEmpty() || !Boolean.TRUE.equals(dns.authenticated())) {
            return;
        }
        boolean none = dns.tlsa().stream().allMatch(record -> Boolean.FALSE.equals(record.matches()));
        if (none) {
            mismatch(c, out, dns)
                    .because("None of the " + dns.tlsa().size() + " TLSA records at " + tlsaName(c)
                            + " matches the chain that is served, and DNSSEC vouches for them.");
            return;
        }
        for (Chain chain : c.chains()) {
            if (!chain.served().servedOn().isEmpty() && Dane.fitsNone(dns.tlsa(), chain.verdict())) {
                String keyType = chain.verdict().keyType();
                mismatch(c, out, dns)
                        .subject(keyType)
                        .because("The " + keyType + " chain matches none of the "
                                + dns.tlsa().size() + " TLSA records at " + tlsaName(c)
                                + ", though another chain does: clients that get it hang up.");
            }
        }
    }

    private static Findings.Draft mismatch(Case c, Findings out, Observation.Dns dns) {
        return out.raise("dns.tlsa-mismatch")
                .evidence("tlsa", dns.tlsa())
                .reproduce("dig +short TLSA " + Commands.quoted(tlsaName(c)));
    }

    private static String tlsaName(Case c) {
        return "_" + c.facts().endpoint().port() + "._tcp." + c.name();
    }

    /** Only for issuers whose CAA names are known; a record that we cannot read forbids nothing. */
    private static void forbidden(Case c, Findings out, List<String> caa, Chain chain) {
        Optional<CertificateFacts> leaf = chain.verdict().leaf();
        if (leaf.isEmpty() || !chain.verdict().publiclyTrusted()) {
            return;
        }
        String issuer = leaf.get().issuer().text();
        List<String> domains = ISSUERS.entrySet().stream()
                .filter(e -> issuer.contains("O=" + e.getKey()))
                .findFirst()
                .map(Map.Entry::getValue)
                .orElse(List.of());
        if (domains.isEmpty()) {
            return;
        }
        for (List<String> allowed : asked(c.name(), leaf.get(), caa)) {
            if (!allowed.isEmpty() && allowed.stream().noneMatch(domains::contains)) {
                out.raise("dns.caa-forbids-issuer")
                        .subject(chain.verdict().keyType())
                        .evidence("caa", caa)
                        .evidence("issuer", issuer)
                        .reproduce("dig +short CAA " + Commands.quoted(c.name()))
                        .because("The certificate is by " + issuer + ", whose CAA name is " + domains.getFirst()
                                + "; the records allow "
                                + Words.all(allowed.stream()
                                        .map(domain -> domain.isEmpty() ? "nobody" : domain)
                                        .toList())
                                + ".");
                return;
            }
        }
    }

    /** Who may issue, for the name and for the wildcards above it: others on the certificate have records of their own. */
    private static List<List<String>> asked(String name, CertificateFacts leaf, List<String> caa) {
        List<String> issue = values(caa, "issue");
        List<String> wild = values(caa, "issuewild");
        String below = "." + name.toLowerCase(Locale.ROOT);
        List<String> names = leaf.extensions().altNames().stream()
                .map(alt -> alt.text().toLowerCase(Locale.ROOT))
                .toList();
        boolean wildcard = names.stream()
                .anyMatch(alt -> alt.startsWith("dns:*.") && below.endsWith(alt.substring("dns:*".length())));
        boolean alone = wildcard && !names.contains("dns:" + below.substring(1));
        List<String> ofWildcards = wild.isEmpty() ? issue : wild;
        return alone ? List.of(ofWildcards) : wildcard ? List.of(issue, ofWildcards) : List.of(issue);
    }

    private static List<String> values(List<String> caa, String tag) {
        List<String> values = new ArrayList<>();
        for (String record : caa) {
            Matcher m = CAA.matcher(record);
            if (m.matches() && m.group(1).equalsIgnoreCase(tag)) {
                values.add(m.group(2).strip().toLowerCase(Locale.ROOT));
            }
        }
        return values;
    }

    /** Organisation in the issuer's name, and the domains that the CA's practice statement recognises. */
    private static final Map<String, List<String>> ISSUERS = Map.ofEntries(
            Map.entry("Let's Encrypt", List.of("letsencrypt.org")),
            Map.entry("Google Trust Services", List.of("pki.goog", "google.com")),
            Map.entry(
                    "DigiCert",
                    List.of(
                            "digicert.com",
                            "www.digicert.com",
                            "digicert.ne.jp",
                            "cybertrust.ne.jp",
                            "symantec.com",
                            "thawte.com",
                            "geotrust.com",
                            "rapidssl.com",
                            "amazon.com",
                            "quovadisglobal.com")),
            Map.entry(
                    "Sectigo",
                    List.of(
                            "sectigo.com",
                            "comodo.com",
                            "comodoca.com",
                            "usertrust.com",
                            "trust-provider.com",
                            "netsol.com",
                            "entrust.net",
                            "affirmtrust.com")),
            Map.entry("ZeroSSL", List.of("sectigo.com", "zerossl.com")),
            Map.entry("GlobalSign", List.of("globalsign.com")),
            Map.entry("Amazon", List.of("amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com")),
            Map.entry("Buypass", List.of("buypass.com", "buypass.no")),
            Map.entry("Actalis", List.of("actalis.it")),
            Map.entry("SSL Corporation", List.of("ssl.com")),
            Map.entry("Microsoft Corporation", List.of("microsoft.com", "digicert.com")));
}

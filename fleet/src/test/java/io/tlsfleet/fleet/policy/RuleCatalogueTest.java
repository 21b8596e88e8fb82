package io.tlsfleet.fleet.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * The catalogue that was promised, held against the rules that there are: ids are stable, and so is the severity that a
 * rule has when no policy says otherwise. A rule that goes, comes or changes its weight must be written down here too.
 */
class RuleCatalogueTest {
    private static final String PROMISED = """
            protocol.sslv2-accepted, critical
            protocol.sslv3-accepted, critical
            protocol.tls10-accepted, high
            protocol.tls11-accepted, high
            protocol.tls13-missing, medium
            protocol.tls12-missing-for-policy, low
            cipher.null, critical
            cipher.anonymous, critical
            cipher.export, critical
            cipher.rc4, high
            cipher.des, high
            cipher.rc2, high
            cipher.triple-des, medium
            cipher.no-forward-secrecy, medium
            cipher.cbc-with-tls10, low
            cipher.cbc, info
            cipher.not-in-policy, medium
            cipher.weak-first, medium
            kex.dh-weak, high
            kex.dh-common-prime, low
            kex.group-weak, medium
            kex.group-not-in-policy, low
            kex.post-quantum-missing, info
            kex.post-quantum-draft, low
            kex.post-quantum-not-preferred, info
            signature.sha1-accepted, low
            signature.md5-accepted, high
            handshake.insecure-renegotiation, high
            handshake.client-renegotiation, low
            handshake.compression, high
            handshake.no-extended-master-secret, low
            handshake.fallback-scsv-ignored, low
            handshake.early-data, low
            handshake.version-intolerant, medium
            handshake.large-hello-intolerant, medium
            handshake.split-hello-intolerant, medium
            handshake.grease-intolerant, medium
            resumption.ticket-key-not-rotated, medium
            resumption.ticket-key-shared, info
            resumption.ticket-lifetime-exceeds-rotation, low
            resumption.none, info
            certificate.expired, critical
            certificate.not-yet-valid, high
            certificate.expires-soon, by-stage
            certificate.intermediate-expires-first, medium
            certificate.name-mismatch, high
            certificate.common-name-only, high
            certificate.self-signed, high
            certificate.untrusted, high
            certificate.chain-incomplete, high
            certificate.chain-wrong-order, low
            certificate.chain-unrelated, low
            certificate.chain-includes-root, info
            certificate.weak-key, high
            certificate.weak-signature, high
            certificate.lifetime-too-long, medium
            certificate.revoked, critical
            revocation.crl-stale, medium
            revocation.responder-unreachable, low
            certificate.must-staple-without-staple, high
            ocsp.staple-missing, low
            ocsp.staple-invalid, high
            ocsp.staple-expired, high
            certificate.sct-missing, medium
            certificate.eku-wrong, high
            certificate.client-auth-eku-ending, info
            certificate.wildcard, info
            certificate.key-shared, info
            certificate.not-backdated, info
            certificate.renewed-not-served, medium
            certificate.inconsistent-addresses, medium
            vulnerability.heartbleed, critical
            vulnerability.ccs-injection, critical
            vulnerability.robot, critical
            vulnerability.ticketbleed, critical
            vulnerability.poodle-tls, high
            vulnerability.drown, critical
            vulnerability.freak, high
            vulnerability.logjam, high
            vulnerability.sweet32, medium
            vulnerability.crime, high
            vulnerability.beast, low
            vulnerability.raccoon, medium
            http.hsts-missing, medium
            http.hsts-short, low
            http.clock-skew, low
            http.redirect-to-plain, high
            http.mixed-content, low
            http.public-key-pins, info
            dns.caa-missing, info
            dns.caa-forbids-issuer, medium
            dns.tlsa-mismatch, high
            dns.ech-not-honoured, medium
            endpoint.unreachable, high
            endpoint.changed, info
            starttls.refused, medium
            """;

    /** Of our own: what a policy of one's own forbids or prefers, and what memory tells. */
    private static final Map<String, String> BESIDE = Map.ofEntries(
            Map.entry("protocol.not-in-policy", "medium"),
            Map.entry("signature.not-in-policy", "low"),
            Map.entry("certificate.not-in-policy", "medium"),
            Map.entry("policy.preference", "info"),
            Map.entry("certificate.nonconforming", "low"),
            Map.entry("certificate.renewal-overdue", "medium"),
            Map.entry("certificate.renewal-moved-earlier", "medium"),
            Map.entry("certificate.duplicate-serial", "medium"),
            Map.entry("vulnerability.starttls-injection", "high"),
            Map.entry("vulnerability.padding-oracle", "high"),
            Map.entry("endpoint.sites-differ", "medium"),
            Map.entry("endpoint.coverage-fell", "low"));

    @Test
    void everyPromisedRuleIsThereWithItsSeverity() {
        Map<String, String> promised = promised();
        assertThat(promised).hasSize(96);
        promised.forEach((id, severity) -> {
            Rule rule = Rules.find(id);
            assertThat(rule).as(id).isNotNull();
            if (!severity.equals("by-stage")) {
                assertThat(Rules.named(id).severity().word()).as(id).isEqualTo(severity);
            }
        });
    }

    @Test
    void thereIsNoneThatWasNotWrittenDown() {
        Map<String, String> known = new TreeMap<>(promised());
        known.putAll(BESIDE);
        assertThat(new TreeSet<>(Rules.all().stream().map(Rule::id).toList())).isEqualTo(new TreeSet<>(known.keySet()));
        BESIDE.forEach((id, severity) ->
                assertThat(Rules.named(id).severity().word()).as(id).isEqualTo(severity));
    }

    @Test
    void eachSaysWhatAPersonNeeds() {
        List<String> poor = new ArrayList<>();
        for (Rule rule : Rules.all()) {
            if (rule.title().isBlank()
                    || rule.why().length() < 30
                    || rule.remedy().length() < 10
                    || rule.references().isEmpty() && !byPolicy(rule)) {
                poor.add(rule.id());
            }
        }
        assertThat(poor).isEmpty();
    }

    /** These refer to the policy that they speak for. */
    private static boolean byPolicy(Rule rule) {
        return rule.id().endsWith("not-in-policy") || rule.id().equals("policy.preference");
    }

    private static Map<String, String> promised() {
        Map<String, String> promised = new TreeMap<>();
        PROMISED.lines().filter(line -> !line.isBlank()).forEach(line -> {
            int comma = line.indexOf(", ");
            promised.put(
                    line.substring(0, comma).strip(), line.substring(comma + 2).strip());
        });
        return promised;
    }
}

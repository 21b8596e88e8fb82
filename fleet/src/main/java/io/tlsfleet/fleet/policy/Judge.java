package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.change.Certainty;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.report.Finding;
import io.tlsfleet.fleet.report.Grade;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.tls.x509.ChainVerdict;
import io.tlsfleet.tls.x509.TrustStore;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns facts into a report. Pure: the same arguments give the same report, on any machine, at any time. Where several
 * policies raise the same finding the most severe one speaks.
 */
public final class Judge {
    private static final Comparator<Finding> WORST_FIRST =
            Comparator.comparing(Finding::severity).reversed();

    private Judge() {}

    public static Report judge(
            Observation seen, List<Policy> policies, List<TrustStore> stores, Memory memory, Instant at) {
        List<Chain> chains = Chain.judge(seen, stores, memory, at);
        Observation facts = Dane.matched(seen, chains);
        Map<String, Finding> findings = new LinkedHashMap<>();
        Map<String, Finding> waived = new LinkedHashMap<>();
        for (Policy policy : policies) {
            Case c = new Case(facts, policy, memory, at, chains);
            for (Finding finding : find(c)) {
                Finding.Waiver waiver = waiver(c, finding);
                Map<String, Finding> to = waiver == null ? findings : waived;
                to.merge(
                        finding.key(),
                        waiver == null ? finding : finding.waived(waiver),
                        (a, b) -> b.severity().compareTo(a.severity()) > 0 ? b : a);
            }
        }
        // what one policy waives and another raises is open, in that one's name
        waived.keySet().removeAll(findings.keySet());
        Case general = new Case(facts, Policies.BARE, memory, at, chains);
        List<Observation.Vulnerability> vulnerabilities = VulnerabilityRules.of(general);
        Map<String, Grade> grades = Grades.of(general, vulnerabilities == null ? List.of() : vulnerabilities);
        List<Finding> sorted = new ArrayList<>(findings.values());
        sorted.sort(WORST_FIRST);
        return new Report(
                Report.SCHEMA,
                facts.endpoint(),
                facts.scan(),
                new Report.Judged(
                        at,
                        policies.stream().map(Policy::label).toList(),
                        stores.stream().map(TrustStore::name).toList()),
                facts.negotiated(),
                Certainty.coverage(facts),
                facts.protocols(),
                facts.cipherSuites(),
                facts.groups(),
                facts.finiteFieldDh(),
                facts.signatureSchemes(),
                facts.served() == null
                        ? null
                        : chains.stream().map(Chain::entry).toList(),
                facts.alpn(),
                facts.sni(),
                facts.resumption(),
                facts.clientAuthentication(),
                facts.features(),
                facts.tolerance(),
                vulnerabilities,
                facts.fingerprints(),
                facts.timing(),
                facts.dns(),
                facts.quic(),
                facts.http(),
                sorted,
                waived.isEmpty() ? null : List.copyOf(waived.values()),
                grades,
                null);
    }

    /** What one chain alone gives under a policy: for certificates that nobody served. */
    public static List<Finding> chain(ChainVerdict verdict, Observation facts, Policy policy, Instant at) {
        Chain chain = new Chain(
                new Observation.ServedChain(List.of("TLSv1.3"), null, List.of(), Map.of(), List.of(), List.of()),
                verdict);
        Findings out = new Findings(policy);
        chain(new Case(facts, policy, Memory.NONE, at, List.of(chain)), chain, out);
        List<Finding> sorted = new ArrayList<>(out.found());
        sorted.sort(WORST_FIRST);
        return sorted;
    }

    private static List<Finding> find(Case c) {
        Findings out = new Findings(c.policy());
        ProtocolRules.judge(c, out);
        CipherRules.judge(c, out);
        KexRules.judge(c, out);
        HandshakeRules.judge(c, out);
        ResumptionRules.judge(c, out);
        for (Chain chain : c.chains()) {
            // what is served only to clients that send no name is judged where such a client is asked for
            if (!chain.served().servedOn().isEmpty()) {
                if (c.chains().size() > 1 && Target.isFile(c.facts().endpoint().host())) {
                    out.of(chain.served().servedOn().getFirst(), chain.verdict());
                }
                chain(c, chain, out);
            }
        }
        out.ofTheWhole();
        SerialRules.judge(c, out);
        VulnerabilityRules.judge(c, out);
        HttpRules.judge(c, out);
        DnsRules.judge(c, out);
        FleetRules.judge(c, out);
        PreferenceRules.judge(c, out);
        return out.found();
    }

    private static void chain(Case c, Chain chain, Findings out) {
        CertificateRules.judge(c, chain, out);
        ExpiryRules.judge(c, chain, out);
        ChainRules.judge(c, chain, out);
        RevocationRules.judge(c, chain, out);
    }

    private static Finding.@Nullable Waiver waiver(Case c, Finding finding) {
        LocalDate today = LocalDate.ofInstant(c.at(), ZoneOffset.UTC);
        String host = c.facts().endpoint().host();
        String endpoint = host + ":" + c.facts().endpoint().port();
        for (Policy.Waived waived : c.policy().waivers()) {
            if (Globs.matches(waived.rule(), finding.rule())
                    && (Globs.matches(waived.endpoint(), host) || Globs.matches(waived.endpoint(), endpoint))
                    && !today.isAfter(waived.until())) {
                return new Finding.Waiver(
                        waived.reason(),
                        waived.until().plusDays(1).atStartOfDay().toInstant(ZoneOffset.UTC));
            }
        }
        return null;
    }
}

package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.report.Finding;
import io.tlsfleet.fleet.report.Grade;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.tls.x509.TrustStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns facts into a report. Pure: the same arguments give the same report, on any machine, at any time. Where several
 * policies raise the same finding the most severe one speaks.
 */
public final class Judge {
    private static final Comparator<Finding> WORST_FIRST =
            Comparator.comparing(Finding::severity).reversed();

    private Judge() {}

    public static Report judge(
            Observation facts, List<Policy> policies, List<TrustStore> stores, Memory memory, Instant at) {
        List<Chain> chains = Chain.judge(facts, stores, memory, at);
        Map<String, Finding> findings = new LinkedHashMap<>();
        for (Policy policy : policies) {
            Findings out = new Findings(policy);
            Case c = new Case(facts, policy, memory, at, chains);
            ProtocolRules.judge(c, out);
            CipherRules.judge(c, out);
            for (Finding finding : out.found()) {
                findings.merge(finding.key(), finding, (a, b) -> b.severity().compareTo(a.severity()) > 0 ? b : a);
            }
        }
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
                facts.coverage(),
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
                facts.vulnerabilities(),
                facts.fingerprints(),
                facts.timing(),
                facts.dns(),
                facts.quic(),
                facts.http(),
                sorted,
                null,
                Map.<String, Grade>of());
    }
}

package io.tlsfleet.scanner.cli;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.policy.Judge;
import io.tlsfleet.fleet.policy.Policies;
import io.tlsfleet.fleet.report.CertificateEntries;
import io.tlsfleet.fleet.report.Finding;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.tls.x509.ChainJudge;
import io.tlsfleet.tls.x509.ChainQuestion;
import io.tlsfleet.tls.x509.ChainVerdict;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One chain, judged: what {@code explain} shows. {@code source} is a file or an endpoint; {@code servedOn} is empty
 * where nobody served it, and then nothing is said of what a server should have stapled.
 */
record Explanation(
        String source,
        ChainVerdict verdict,
        List<Finding> findings,
        Report.ServedCertificates certificate,
        @Nullable String host,
        Instant at) {

    static Explanation of(String source, ChainQuestion question, List<String> servedOn, boolean stapling) {
        ChainVerdict verdict = ChainJudge.judge(question);
        String host = question.host();
        Observation facts = bare(host == null ? source : host, question.at());
        List<Finding> findings = Judge.chain(verdict, facts, Policies.standard(), question.at()).stream()
                .filter(finding -> stapling || !ofStapling(finding.rule()))
                .toList();
        return new Explanation(
                source, verdict, findings, CertificateEntries.of(verdict, servedOn, null), host, question.at());
    }

    private static boolean ofStapling(String rule) {
        return rule.equals("ocsp.staple-missing") || rule.equals("certificate.must-staple-without-staple");
    }

    /** {@code trusted} if any store of those asked says so, else what the one says that comes nearest. */
    String status() {
        return verdict.best().map(trust -> trust.status().word()).orElse(ChainVerdict.TrustStatus.UNKNOWN.word());
    }

    @Nullable
    String reason() {
        return verdict.best().isEmpty()
                ? "no trust store was asked"
                : verdict.best().get().reason();
    }

    /** The certificates that were left out, PEM, in the order in which they belong behind what was sent. */
    String missing() {
        StringBuilder pem = new StringBuilder();
        verdict.missingIntermediates()
                .forEach(missing -> pem.append(missing.certificate().pem()));
        return pem.toString();
    }

    private static Observation bare(String host, Instant at) {
        return Observation.bare(
                new Observation.Endpoint(host, null, 443, host, null),
                new Observation.Scan(at, 0, Depth.CERTIFICATE, Outcome.COMPLETE, 0, 0, 0, 0, "tlsfleet", null, null));
    }
}

package io.tlsfleet.fleet.report;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A report for grep and awk: ASCII, one fact a line, the endpoint first on every line. */
final class PipeReport {
    private final String endpoint;
    private final StringBuilder out = new StringBuilder();

    private PipeReport(String endpoint) {
        this.endpoint = endpoint;
    }

    static String write(Report report) {
        PipeReport pipe = new PipeReport(Shown.ascii(Labels.endpoint(report.endpoint())));
        pipe.facts(report);
        return pipe.out.toString();
    }

    private void facts(Report r) {
        line("address", r.endpoint().address());
        line("sni", r.endpoint().sni());
        line("starttls", r.endpoint().starttls());
        line("outcome", r.scan().outcome().word());
        line("reason", r.scan().reason() == null ? null : r.scan().reason().word());
        line("detail", r.scan().detail());
        line("connections", String.valueOf(r.scan().connections()));
        line("duration-millis", String.valueOf(r.scan().durationMillis()));
        if (r.grades().get("ssllabs-2009r") instanceof Grade.SslLabs labs && labs.grade() != null) {
            line("grade", "ssllabs-2009r " + labs.grade() + (labs.atBest() ? " at best" : ""));
            labs.arithmetic().forEach(step -> line("grade-step", "ssllabs-2009r " + step));
        }
        if (r.grades().get("mozilla-6.0") instanceof Grade.MozillaLevel level) {
            line("grade", "mozilla-6.0 " + level.level());
            level.deviations().forEach(step -> line("grade-step", "mozilla-6.0 " + step));
        }
        for (Finding finding : r.findings()) {
            line("finding", finding.severity().word() + " " + finding.rule() + " " + finding.detail());
            line("fix", finding.rule() + " " + finding.remedy());
        }
        if (r.waived() != null) {
            r.waived().forEach(finding -> line("waived", finding.rule() + " " + finding.detail()));
        }
        for (Observation.Coverage coverage : r.coverage()) {
            line(
                    coverage.state().word(),
                    coverage.fact()
                            + (coverage.reason() == null
                                    ? ""
                                    : " " + coverage.reason().word()));
        }
        if (r.certificates() != null) {
            r.certificates().forEach(served -> certificate(r, served));
        }
        if (r.protocols() != null) {
            for (Map.Entry<String, FactState> protocol : r.protocols().entrySet()) {
                line("protocol", protocol.getKey() + " " + protocol.getValue().word());
            }
        }
        if (r.cipherSuites() != null) {
            r.cipherSuites().forEach((version, suites) -> {
                line("cipher-order", suites.order() == null ? null : version + " " + suites.order());
                suites.suites().forEach(suite -> line("cipher-suite", version + " " + suite.name()));
            });
        }
        if (r.groups() != null) {
            r.groups()
                    .forEach((version, groups) ->
                            groups.groups().forEach(group -> line("group", version + " " + group.name())));
        }
        if (r.fingerprints() != null) {
            line("jarm", r.fingerprints().jarm());
            r.fingerprints().ja3s().forEach(ja3s -> line("ja3s", ja3s.hello() + " " + ja3s.hash()));
        }
    }

    private void certificate(Report r, Report.ServedCertificates served) {
        if (served.chain().isEmpty()) {
            return;
        }
        Report.Certificate leaf = served.chain().getFirst();
        String type = served.keyType();
        line("certificate", type + " sha256 " + leaf.sha256());
        line("certificate", type + " subject " + leaf.subject());
        line("certificate", type + " issuer " + leaf.issuer());
        line("certificate", type + " not-after " + (leaf.notAfter() == null ? "unreadable" : leaf.notAfter()));
        line(
                "certificate",
                type + " "
                        + Labels.validity(
                                leaf.notBefore(), leaf.notAfter(), r.judged().at()));
        line("certificate", type + " completeness " + served.completeness());
        line("certificate", type + " staple " + served.ocspStaple().status());
        if (served.hostname() != null) {
            Boolean matches = served.hostname().matches();
            line(
                    "certificate",
                    type + " name " + (matches == null ? "unknown" : matches ? "matches" : "does-not-match"));
        }
        served.trust().forEach(trust -> line("trust", type + " " + trust.store() + " " + trust.status()));
    }

    private void line(String fact, @Nullable String value) {
        if (value != null) {
            out.append(endpoint)
                    .append(' ')
                    .append(fact)
                    .append(' ')
                    .append(Shown.ascii(value))
                    .append('\n');
        }
    }
}

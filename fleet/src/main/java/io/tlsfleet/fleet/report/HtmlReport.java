package io.tlsfleet.fleet.report;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** One page, no script, nothing loaded from anywhere; printable; one endpoint or many. */
final class HtmlReport {
    private final StringBuilder out = new StringBuilder();

    private HtmlReport() {}

    static String write(List<Report> reports) {
        HtmlReport html = new HtmlReport();
        html.page(reports);
        return html.out.toString();
    }

    private void page(List<Report> reports) {
        String title = reports.size() == 1
                ? "TLS report: " + Labels.endpoint(reports.getFirst().endpoint())
                : "TLS report: " + reports.size() + " endpoints";
        out.append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .append(
                        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n")
                .append("<title>")
                .append(Xml.text(title))
                .append("</title>\n<style>")
                .append(STYLE)
                .append("</style>\n</head>\n<body>\n<main>\n<h1>")
                .append(Xml.text(title))
                .append("</h1>\n");
        if (reports.size() > 1) {
            summary(reports);
        }
        int number = 0;
        for (Report report : reports) {
            endpoint(report, number++);
        }
        out.append("</main>\n</body>\n</html>\n");
    }

    private void summary(List<Report> reports) {
        out.append(
                        "<table><caption>Endpoints</caption><thead><tr><th scope=\"col\">Endpoint</th><th scope=\"col\">Outcome</th>")
                .append(
                        "<th scope=\"col\">Versions</th><th scope=\"col\">Grade</th><th scope=\"col\">Findings</th></tr></thead><tbody>\n");
        int number = 0;
        for (Report r : reports) {
            Map<Severity, Long> counts =
                    r.findings().stream().collect(Collectors.groupingBy(Finding::severity, Collectors.counting()));
            String findings = counts.entrySet().stream()
                    .sorted(Map.Entry.<Severity, Long>comparingByKey().reversed())
                    .map(e -> e.getValue() + " " + e.getKey().word())
                    .collect(Collectors.joining(", "));
            out.append("<tr><td><a href=\"#e")
                    .append(number++)
                    .append("\">")
                    .append(Xml.text(Labels.endpoint(r.endpoint())))
                    .append("</a></td><td>")
                    .append(Xml.text(r.scan().outcome().word()))
                    .append("</td><td>")
                    .append(Xml.text(Labels.accepted(r.protocols())))
                    .append("</td><td>")
                    .append(Xml.text(Labels.letter(r)))
                    .append("</td><td>")
                    .append(findings.isEmpty() ? "none" : Xml.text(findings))
                    .append("</td></tr>\n");
        }
        out.append("</tbody></table>\n");
    }

    private void endpoint(Report r, int number) {
        Observation.Endpoint e = r.endpoint();
        out.append("<section id=\"e")
                .append(number)
                .append("\">\n<h2>")
                .append(Xml.text(Labels.endpoint(e)))
                .append("</h2>\n<p>");
        out.append(Xml.text(String.join(
                " · ",
                List.of(
                        "address " + (e.address() == null ? "unknown" : e.address()),
                        "name " + (e.sni() == null ? "none sent" : e.sni()),
                        r.scan().outcome().word()
                                + (r.scan().reason() == null
                                        ? ""
                                        : ": " + r.scan().reason().word()),
                        "grade " + Labels.letter(r),
                        r.scan().connections() + " connections",
                        "scanned " + Labels.time(r.scan().startedAt()),
                        "policy " + String.join(", ", r.judged().policies())))));
        out.append("</p>\n");
        if (r.scan().detail() != null) {
            out.append("<p>").append(Xml.text(r.scan().detail())).append("</p>\n");
        }
        findings(r);
        unknown(r);
        certificates(r);
        suites(r);
        grades(r);
        out.append("</section>\n");
    }

    private void findings(Report r) {
        out.append("<h3>Findings</h3>\n");
        if (r.findings().isEmpty()) {
            out.append("<p>None.</p>\n");
        }
        for (Finding f : r.findings()) {
            out.append("<article class=\"")
                    .append(f.severity().word())
                    .append("\"><h4><span class=\"sev\">")
                    .append(f.severity().word())
                    .append("</span> ")
                    .append(Xml.text(f.title()))
                    .append(" <code>")
                    .append(Xml.text(f.rule()))
                    .append("</code></h4>\n<p>")
                    .append(Xml.text(f.detail()))
                    .append("</p><p>")
                    .append(Xml.text(f.why()))
                    .append("</p><p><strong>Fix:</strong> ")
                    .append(Xml.text(f.remedy()))
                    .append("</p>");
            if (f.reproduce() != null) {
                out.append("<pre>").append(Xml.text(f.reproduce())).append("</pre>");
            }
            if (!f.references().isEmpty()) {
                out.append("<p class=\"ref\">")
                        .append(Xml.text(String.join(" · ", f.references())))
                        .append("</p>");
            }
            out.append("</article>\n");
        }
        if (r.waived() != null && !r.waived().isEmpty()) {
            out.append("<p>Waived: ");
            out.append(r.waived().stream()
                    .map(f -> Xml.text(f.title())
                            + (f.waiver() == null
                                    ? ""
                                    : " (" + Xml.text(f.waiver().reason()) + ", until "
                                            + f.waiver().until() + ")"))
                    .collect(Collectors.joining("; ")));
            out.append("</p>\n");
        }
    }

    private void unknown(Report r) {
        List<Observation.Coverage> unknown = r.coverage().stream()
                .filter(c -> c.state() == FactState.UNKNOWN)
                .toList();
        if (!unknown.isEmpty()) {
            out.append("<h3>Could not be told</h3>\n<ul>");
            unknown.forEach(c -> out.append("<li>")
                    .append(Xml.text(Labels.fact(c.fact())
                            + (c.reason() == null ? "" : ": " + c.reason().word())))
                    .append("</li>"));
            out.append("</ul>\n");
        }
    }

    private void certificates(Report r) {
        if (r.certificates() == null || r.certificates().isEmpty()) {
            return;
        }
        out.append("<h3>Certificates</h3>\n");
        for (Report.ServedCertificates served : r.certificates()) {
            out.append("<p>")
                    .append(Xml.text(served.keyType() + " · " + served.completeness() + " · "
                            + served.trust().stream()
                                    .map(t -> t.store() + ": " + t.status())
                                    .collect(Collectors.joining(", "))
                            + " · staple " + served.ocspStaple().status()))
                    .append("</p>\n<table><thead><tr><th scope=\"col\">Subject</th><th scope=\"col\">Issuer</th>")
                    .append("<th scope=\"col\">Key</th><th scope=\"col\">Valid</th></tr></thead><tbody>\n");
            for (Report.Certificate c : served.chain()) {
                out.append("<tr><td>")
                        .append(Xml.text(c.subject()))
                        .append("</td><td>")
                        .append(Xml.text(c.issuer()))
                        .append("</td><td>")
                        .append(Xml.text(c.keyAlgorithm() + (c.keyBits() == null ? "" : " " + c.keyBits())))
                        .append("</td><td>")
                        .append(Xml.text(c.notBefore() + " to " + c.notAfter() + ", "
                                + Labels.validity(
                                        c.notBefore(), c.notAfter(), r.judged().at())))
                        .append("</td></tr>\n");
            }
            out.append("</tbody></table>\n");
        }
    }

    private void suites(Report r) {
        if (r.protocols() == null) {
            return;
        }
        out.append("<h3>Protocols and suites</h3>\n<table><tbody>\n");
        r.protocols().forEach((version, state) -> {
            Observation.Suites suites =
                    r.cipherSuites() == null ? null : r.cipherSuites().get(version);
            Observation.Groups groups = r.groups() == null ? null : r.groups().get(version);
            out.append("<tr><th scope=\"row\">")
                    .append(Xml.text(Labels.version(version)))
                    .append("</th><td>")
                    .append(state.word())
                    .append("</td><td>")
                    .append(
                            suites == null
                                    ? ""
                                    : suites.suites().stream()
                                            .map(s -> Xml.text(s.name()))
                                            .collect(Collectors.joining("<br>")))
                    .append("</td><td>")
                    .append(
                            groups == null
                                    ? ""
                                    : groups.groups().stream()
                                            .map(g -> Xml.text(g.name()))
                                            .collect(Collectors.joining("<br>")))
                    .append("</td></tr>\n");
        });
        out.append("</tbody></table>\n");
    }

    private void grades(Report r) {
        r.grades().forEach((guide, grade) -> {
            out.append("<h3>").append(Xml.text(guide)).append("</h3>\n<ul>");
            List<String> lines = switch (grade) {
                case Grade.SslLabs labs -> labs.arithmetic();
                case Grade.MozillaLevel level -> level.deviations();
            };
            String verdict = switch (grade) {
                case Grade.SslLabs labs ->
                    "Grade " + (labs.grade() == null ? "none" : labs.grade()) + (labs.atBest() ? " at best" : "");
                case Grade.MozillaLevel level -> "Level " + level.level() + (level.atBest() ? " at best" : "");
            };
            out.append("<li><strong>").append(Xml.text(verdict)).append("</strong></li>");
            lines.forEach(line -> out.append("<li>").append(Xml.text(line)).append("</li>"));
            out.append("</ul>\n");
        });
    }

    private static final String STYLE = """
            :root{color-scheme:light dark}
            body{font:15px/1.5 system-ui,sans-serif;margin:0}
            main{max-width:62rem;margin:auto;padding:1.5rem}
            table{border-collapse:collapse;width:100%;margin:.5rem 0}
            th,td{text-align:left;vertical-align:top;padding:.25rem .6rem;border-bottom:1px solid #8884;overflow-wrap:anywhere}
            article{border-left:.35rem solid #888;padding:.1rem .9rem;margin:.8rem 0}
            article.critical,article.high{border-color:#c62828}article.medium{border-color:#ef6c00}
            article.low{border-color:#1565c0}
            h4{margin:.4rem 0}.sev{text-transform:uppercase;font-size:.75em;border:1px solid;padding:0 .4em;border-radius:.3em}
            pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#8882;padding:.5rem}
            code{font-size:.8em;opacity:.8}.ref{font-size:.85em;opacity:.8}
            @media print{section{break-before:page}section:first-of-type{break-before:auto}article{break-inside:avoid}}
            """;
}

package io.tlsfleet.fleet.report;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import java.util.List;
import java.util.Locale;

/**
 * JUnit XML as CI servers read it: an endpoint is a suite, a finding a failed case, an unknown fact a skipped one; an
 * endpoint that could not be asked is an error. Findings that are information alone pass.
 */
final class JunitReport {
    private final StringBuilder out = new StringBuilder();
    private int tests;
    private int failures;
    private int errors;
    private int skipped;
    private final StringBuilder cases = new StringBuilder();

    private JunitReport() {}

    static String write(List<Report> reports) {
        StringBuilder suites = new StringBuilder();
        int tests = 0;
        int failures = 0;
        int errors = 0;
        for (Report report : reports) {
            JunitReport suite = new JunitReport();
            suite.suite(report);
            suites.append(suite.out);
            tests += suite.tests;
            failures += suite.failures;
            errors += suite.errors;
        }
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"tlsfleet\" tests=\"" + tests
                + "\" failures=\"" + failures + "\" errors=\"" + errors + "\">\n" + suites + "</testsuites>\n";
    }

    private void suite(Report r) {
        String name = Labels.endpoint(r.endpoint());
        Observation.Scan scan = r.scan();
        boolean reached = scan.outcome() == Outcome.COMPLETE || scan.outcome() == Outcome.PARTIAL;
        if (reached) {
            one(name, "scan", "");
        } else {
            errors++;
            String why = scan.outcome().word()
                    + (scan.reason() == null ? "" : ": " + scan.reason().word());
            one(
                    name,
                    "scan",
                    "<error type=\"" + scan.outcome().word() + "\" message=\"" + Xml.text(why) + "\">"
                            + Xml.text(scan.detail() == null ? why : scan.detail()) + "</error>");
        }
        for (Finding f : r.findings()) {
            String text = Xml.text(f.detail()) + "\n" + Xml.text("Why: " + f.why()) + "\n"
                    + Xml.text("Fix: " + f.remedy())
                    + (f.reproduce() == null ? "" : "\n" + Xml.text("Shown by: " + f.reproduce()));
            if (f.severity() == Severity.INFO) {
                one(name, f.key(), "<system-out>" + text + "</system-out>");
            } else {
                failures++;
                one(
                        name,
                        f.key(),
                        "<failure type=\"" + f.severity().word() + "\" message=\""
                                + Xml.text(f.title() + ": " + f.detail()) + "\">" + text + "</failure>");
            }
        }
        for (Observation.Coverage coverage : r.coverage()) {
            if (coverage.state() == FactState.UNKNOWN) {
                skipped++;
                one(
                        name,
                        coverage.fact(),
                        "<skipped message=\""
                                + Xml.text("unknown"
                                        + (coverage.reason() == null
                                                ? ""
                                                : ": " + coverage.reason().word()))
                                + "\"/>");
            }
        }
        out.append("  <testsuite name=\"")
                .append(Xml.text(name))
                .append("\" tests=\"")
                .append(tests)
                .append("\" failures=\"")
                .append(failures)
                .append("\" errors=\"")
                .append(errors)
                .append("\" skipped=\"")
                .append(skipped)
                .append("\" timestamp=\"")
                .append(String.valueOf(scan.startedAt()).replaceAll("(\\.\\d+)?Z$", ""))
                .append("\" time=\"")
                .append(String.format(Locale.ROOT, "%.3f", scan.durationMillis() / 1000.0))
                .append("\">\n")
                .append(cases)
                .append("  </testsuite>\n");
    }

    private void one(String endpoint, String name, String inside) {
        tests++;
        cases.append("    <testcase classname=\"")
                .append(Xml.text(endpoint))
                .append("\" name=\"")
                .append(Xml.text(name))
                .append(inside.isEmpty() ? "\"/>\n" : "\">" + inside + "</testcase>\n");
    }
}

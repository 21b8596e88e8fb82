package io.tlsfleet.fleet.report;

import io.tlsfleet.fleet.json.Json;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The forms a report can take, by the words of {@code --format}. */
public enum ReportFormat {
    TEXT,
    JSON,
    NDJSON,
    CSV,
    SARIF,
    JUNIT,
    HTML,
    PROM;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static ReportFormat of(String word) {
        for (ReportFormat format : values()) {
            if (format.word().equals(word)) {
                return format;
            }
        }
        throw new IllegalArgumentException("no format is called " + word + "; there are "
                + List.of(values()).stream().map(ReportFormat::word).collect(Collectors.joining(", ")));
    }

    /** Whether each report can be written as it completes. */
    public boolean streams() {
        return switch (this) {
            case TEXT, NDJSON, CSV -> true;
            case JSON, SARIF, JUNIT, HTML, PROM -> false;
        };
    }

    /** Begins a stream: CSV has a header. */
    public String head() {
        return this == CSV ? CsvReport.header() : "";
    }

    /** One report of a stream; text as for a pipe (a terminal asks {@link TextReport} itself). */
    public String one(Report report) {
        return switch (this) {
            case TEXT -> TextReport.pipe(report);
            case NDJSON -> Json.write(report) + "\n";
            case CSV -> CsvReport.lines(report);
            case JSON, SARIF, JUNIT, HTML, PROM -> all(List.of(report));
        };
    }

    /** All of it: JSON is one object for one report and an array for several. */
    public String all(List<Report> reports) {
        return switch (this) {
            case TEXT, NDJSON, CSV -> head() + reports.stream().map(this::one).collect(Collectors.joining());
            case JSON -> Json.pretty(reports.size() == 1 ? reports.getFirst() : reports) + "\n";
            case SARIF -> SarifReport.write(reports);
            case JUNIT -> JunitReport.write(reports);
            case HTML -> HtmlReport.write(reports);
            case PROM -> PrometheusReport.write(reports);
        };
    }
}

package io.tlsfleet.scanner.cli;

import io.tlsfleet.fleet.diagnosis.EndpointDiagnosis;
import io.tlsfleet.fleet.diagnosis.LogDiagnosis;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.fleet.target.FileFault;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** {@code tlsfleet diagnose}: why clients cannot connect, from a scan of one endpoint or from the lines of logs. */
@Command(
        name = "diagnose",
        customSynopsis = "tlsfleet diagnose [--format=text|json] ([OPTIONS OF SCAN] HOST:PORT | --log=FILE...)",
        description = "Why a handshake fails: scans HOST:PORT (with any option of scan), or counts the causes in logs.")
public final class DiagnoseCommand implements Callable<Integer> {
    private static final int DONE = 0;
    private static final int MAX_LINE = 1 << 16;

    @Option(
            names = "--log",
            paramLabel = "FILE",
            description =
                    "HAProxy, nginx, Apache, Postfix or OpenSSL lines, gzipped or not; - is standard input; repeatable")
    private List<String> logs = new ArrayList<>();

    @Option(
            names = "--format",
            paramLabel = "text|json",
            defaultValue = "text",
            description = "for a person or for a program (default text)")
    private String format = "text";

    @Unmatched
    private List<String> more = new ArrayList<>();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final InstantSource clock;
    private final String scanner;

    public DiagnoseCommand(InstantSource clock, String scanner) {
        this.clock = clock;
        this.scanner = scanner;
    }

    @Override
    public Integer call() {
        boolean json = format.equals("json");
        if (!json && !format.equals("text")) {
            throw usage("--format " + format + ": give text or json");
        }
        if (more.isEmpty() == logs.isEmpty()) {
            throw usage(more.isEmpty() ? "give HOST:PORT, or --log FILE" : "unknown argument " + more.getFirst());
        }
        if (logs.isEmpty()) {
            return endpoint(json);
        }
        LogDiagnosis diagnosis = new LogDiagnosis();
        for (String log : logs) {
            read(log, diagnosis);
        }
        LogDiagnosis.Result result = diagnosis.result();
        if (json) {
            out().println(Json.pretty(result));
        } else {
            show(result);
        }
        return DONE;
    }

    private int endpoint(boolean json) {
        StringWriter written = new StringWriter();
        List<String> arguments = new ArrayList<>(List.of("--format", "json"));
        if (more.stream().noneMatch(word -> word.startsWith("--depth"))) {
            arguments.addAll(List.of("--depth", "full")); // clocks and devices in between show there alone
        }
        arguments.addAll(more);
        ScanCommand scan = new ScanCommand(clock, scanner);
        CommandLine line = new CommandLine(scan.described(), new Plainly())
                .setOut(new PrintWriter(written))
                .setErr(spec.commandLine().getErr())
                .setParameterExceptionHandler((e, args) -> spec.commandLine()
                        .getParameterExceptionHandler()
                        .handleParseException(usage(e.getMessage()), args))
                .setExecutionExceptionHandler((e, command, parsed) -> {
                    throw e;
                });
        String[] words = arguments.toArray(String[]::new);
        try {
            line.parseArgs(words);
        } catch (ParameterException e) {
            throw usage(e.getMessage());
        }
        if (!scan.asksOne()) {
            throw usage("give one HOST:PORT");
        }
        int code = line.execute(words);
        String text = written.toString();
        if (text.isBlank()) {
            return code;
        }
        Report report = Json.read(text, Report.class);
        List<EndpointDiagnosis.Problem> problems = EndpointDiagnosis.of(report);
        if (json) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("endpoint", report.endpoint());
            answer.put("outcome", report.scan().outcome());
            answer.put("negotiated", report.negotiated());
            answer.put("causes", problems);
            out().println(Json.pretty(answer));
        } else {
            show(report, problems);
        }
        return code;
    }

    private void show(Report report, List<EndpointDiagnosis.Problem> problems) {
        String endpoint = report.endpoint().host() + ":" + report.endpoint().port();
        if (problems.isEmpty()) {
            out().println(endpoint + ": nothing stands in the way of a present-day client"
                    + (report.negotiated() == null
                            ? "."
                            : "; it gets " + report.negotiated().protocol() + " with "
                                    + report.negotiated().cipherSuite() + "."));
        }
        for (EndpointDiagnosis.Problem problem : problems) {
            out().println(endpoint + ": " + problem.cause() + " (fails for: " + problem.affects() + ")");
            out().println("  " + safe(problem.explanation()));
            out().println("  Fix: " + safe(problem.remedy()));
            if (!problem.seenAs().isEmpty()) {
                out().println("  Seen as: " + String.join(" | ", problem.seenAs()));
            }
        }
    }

    private void show(LogDiagnosis.Result result) {
        out().printf(Locale.ROOT, "%d failed handshakes in %d lines%n", result.failures(), result.lines());
        for (LogDiagnosis.Count cause : result.causes()) {
            out().printf(Locale.ROOT, "%n%6d  %4.1f %%  %s%n", cause.count(), cause.share() * 100, cause.cause());
            out().println("                " + cause.meaning());
            out().println("                Fix: " + cause.remedy());
            cause.examples().stream().limit(1).forEach(line -> out().println("                e.g. " + safe(line)));
        }
    }

    private void read(String log, LogDiagnosis diagnosis) {
        try (InputStream in = Inputs.open(log);
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            StringBuilder line = new StringBuilder();
            for (int c = lines.read(); c >= 0; c = lines.read()) {
                if (c == '\n') {
                    diagnosis.line(line.toString());
                    line.setLength(0);
                } else if (line.length() < MAX_LINE) {
                    line.append((char) c);
                }
            }
            if (!line.isEmpty()) {
                diagnosis.line(line.toString());
            }
        } catch (NoSuchFileException e) {
            throw usage("--log " + log + ": no such file");
        } catch (IOException e) {
            throw usage("--log " + log + ": " + FileFault.of(e));
        }
    }

    /** Log lines hold what strangers sent: nothing of it may reach a terminal as it is. */
    private static String safe(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            int type = Character.getType(c);
            if (type == Character.CONTROL || type == Character.FORMAT || type == Character.SURROGATE) {
                shown.append("\\u{").append(Integer.toHexString(c)).append('}');
            } else {
                shown.appendCodePoint(c);
            }
        });
        return shown.toString();
    }

    private ParameterException usage(@Nullable String message) {
        return new ParameterException(spec.commandLine(), String.valueOf(message));
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}

package io.tlsfleet.api.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.api.alertfile.AlertingFile;
import io.tlsfleet.api.alertfile.FileProblem;
import io.tlsfleet.api.alertfile.InvalidAlertingFile;
import io.tlsfleet.api.input.Text;
import io.tlsfleet.api.notify.Matcher;
import io.tlsfleet.api.notify.Routing;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.target.FileFault;
import io.tlsfleet.store.alert.RouteRow;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tlsfleet alerting check|test}: whether a file of receivers and routes is one, and whom it would tell. */
@Command(
        name = "alerting",
        description = "Checks a file of receivers and routes; shows the route that a finding takes through it.",
        mixinStandardHelpOptions = true)
public final class AlertingCommand implements Runnable {
    private static final int DONE = 0;
    private static final int NOBODY = 1;
    private static final int WRONG = 2;
    private static final List<String> SEVERITIES = List.of("info", "low", "medium", "high", "critical");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final Map<String, String> environment;

    public AlertingCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "say what to do: check FILE, or test FILE --finding rule=…,severity=…,owner=…");
    }

    @Command(name = "check", description = "whether a YAML file is one; every problem with line and column")
    int check(
            @Parameters(paramLabel = "FILE", description = "YAML with receivers and routes (docs/alerting.md)")
                    String file,
            @Option(names = "--format", defaultValue = "text", description = "text or json") String format) {
        boolean json = isJson(format);
        try {
            AlertingFile read = AlertingFile.parse(read(file), environment);
            out().println(
                            json
                                    ? Json.write(Map.of("file", file, "valid", true, "problems", List.of()))
                                    : file + ": " + count(read.receivers(), "receiver") + count(read.routes(), "route")
                                            + (read.silences().isEmpty() ? "" : count(read.silences(), "silence"))
                                            + (read.acknowledgements().isEmpty()
                                                    ? ""
                                                    : count(read.acknowledgements(), "acknowledgement"))
                                            + "all well");
            return DONE;
        } catch (InvalidAlertingFile e) {
            return problems(file, e, json);
        }
    }

    @Command(
            name = "test",
            description =
                    "the route that a finding takes: who is told, when, and why the other routes do not; exit 1 when nobody is")
    int test(
            @Parameters(paramLabel = "FILE", description = "YAML with receivers and routes (docs/alerting.md)")
                    String file,
            @Option(
                            names = "--finding",
                            required = true,
                            paramLabel = "LABELS",
                            description =
                                    "rule=…,severity=…,owner=…,site=…,tag.env=…; or a finding as JSON, or a file of it")
                    String finding,
            @Option(names = "--format", defaultValue = "text", description = "text or json") String format) {
        boolean json = isJson(format);
        AlertingFile read;
        try {
            read = AlertingFile.parse(read(file), environment);
        } catch (InvalidAlertingFile e) {
            return problems(file, e, json);
        }
        Map<String, String> labels = labels(finding);
        List<RouteRow> rows = new ArrayList<>();
        for (int i = 0; i < read.routes().size(); i++) {
            rows.add(new RouteRow(
                    i, 0, read.routes().get(i).matchers(), read.routes().get(i).settings()));
        }
        List<Integer> taken = new Routing(rows, List.of(), List.of())
                .taken(labels).stream().map(r -> (int) r.id()).toList();
        if (json) {
            out().println(Json.pretty(asJson(read, labels, taken)));
        } else {
            show(read, labels, taken);
        }
        boolean everybody = read.routes().isEmpty() && Routing.atLeast(labels.getOrDefault("severity", ""), "medium");
        return taken.isEmpty() && !everybody ? NOBODY : DONE;
    }

    private static String count(List<?> all, String what) {
        return all.size() + " " + what + (all.size() == 1 ? ", " : "s, ");
    }

    private void show(AlertingFile file, Map<String, String> labels, List<Integer> taken) {
        out().println("finding   " + text(labels));
        boolean over = false;
        for (int i = 0; i < file.routes().size(); i++) {
            AlertingFile.FileRoute route = file.routes().get(i);
            String name = "route " + (i + 1) + "   ";
            if (taken.contains(i)) {
                over = !route.settings().path("continue").asBoolean();
                out().println(name + "takes it: " + whoAndWhen(route)
                        + (over ? "" : "; the routes below are tried too"));
            } else {
                out().println(name
                        + (over ? "is not asked: a route above took it" : "lets it pass: " + objection(route, labels)));
                if (over) {
                    break;
                }
            }
        }
        if (file.routes().isEmpty()) {
            out().println("no routes: every receiver hears of medium and above");
        } else if (taken.isEmpty()) {
            out().println("nobody is told");
        }
        quiet(file, labels, out()::println);
    }

    private static void quiet(AlertingFile file, Map<String, String> labels, java.util.function.Consumer<String> say) {
        for (AlertingFile.FileSilence silence : file.silences()) {
            if (Routing.hold(silence.matchers(), labels)) {
                say.accept("silenced  from " + silence.startsAt() + " to " + silence.endsAt() + ": "
                        + Text.shown(silence.reason()));
            }
        }
        for (AlertingFile.FileAcknowledgement hand : file.acknowledgements()) {
            if (Routing.hold(hand.matchers(), labels)) {
                say.accept("in hand   until " + hand.until() + ": " + Text.shown(hand.reason()));
            }
        }
    }

    private static String whoAndWhen(AlertingFile.FileRoute route) {
        JsonNode s = route.settings();
        List<String> parts = new ArrayList<>();
        int after = s.path("afterSeconds").asInt();
        int wait = s.path("groupWaitSeconds").asInt(30);
        parts.add(
                route.receiver() + (after == 0 ? " after " + wait + " s (5 s if critical)" : " after " + span(after)));
        route.steps()
                .forEach(p -> parts.add(
                        "then " + p.receiver() + " after " + span(p.afterSeconds()) + " without acknowledgement"));
        if (s.path("groupBy").isArray()) {
            List<String> by = new ArrayList<>();
            s.path("groupBy").forEach(l -> by.add(l.asText()));
            parts.add("together by " + String.join(", ", by) + ", at most every "
                    + span(s.path("groupIntervalSeconds").asInt(300)));
        }
        if (s.path("repeatSeconds").asInt() > 0) {
            parts.add("again every " + span(s.path("repeatSeconds").asInt()));
        }
        if (s.path("quietHours").isObject()) {
            JsonNode q = s.path("quietHours");
            parts.add("below " + q.path("below").asText() + " not from "
                    + q.path("from").asText() + " to " + q.path("to").asText() + " "
                    + q.path("zone").asText());
        }
        return String.join("; ", parts);
    }

    private static String objection(AlertingFile.FileRoute route, Map<String, String> labels) {
        String least = route.settings().path("minSeverity").asText("medium");
        if (!Routing.atLeast(labels.getOrDefault("severity", "info"), least)) {
            return "its severity is below " + least;
        }
        return Matcher.list(route.matchers()).stream()
                .filter(m -> !m.matches(labels))
                .findFirst()
                .map(m -> m.name() + " is '" + Text.shown(labels.getOrDefault(m.name(), "")) + "', asked is "
                        + m.operator() + " " + m.value())
                .orElse("it matches");
    }

    private static ObjectNode asJson(AlertingFile file, Map<String, String> labels, List<Integer> taken) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        answer.set("labels", Json.tree(labels));
        var routes = answer.putArray("routes");
        var receivers = answer.putArray("receivers");
        answer.set(
                "silences",
                Json.tree(file.silences().stream()
                        .filter(s -> Routing.hold(s.matchers(), labels))
                        .toList()));
        answer.set(
                "acknowledgements",
                Json.tree(file.acknowledgements().stream()
                        .filter(a -> Routing.hold(a.matchers(), labels))
                        .toList()));
        for (int i : taken) {
            AlertingFile.FileRoute route = file.routes().get(i);
            ObjectNode one = routes.addObject().put("route", i + 1).put("receiver", route.receiver());
            one.set("matchers", route.matchers());
            one.set("settings", route.settings());
            one.set("steps", Json.tree(route.steps()));
            receivers
                    .addObject()
                    .put("receiver", route.receiver())
                    .put("afterSeconds", route.settings().path("afterSeconds").asInt());
            route.steps()
                    .forEach(s ->
                            receivers.addObject().put("receiver", s.receiver()).put("afterSeconds", s.afterSeconds()));
        }
        return answer;
    }

    /** {@code k=v,k=v}, a finding of a report or of the API as JSON, or a file of that. */
    private Map<String, String> labels(String finding) {
        String text = finding.strip();
        if (!text.startsWith("{") && !text.contains("=")) {
            text = read(text).strip();
        }
        Map<String, String> labels = new LinkedHashMap<>();
        if (text.startsWith("{")) {
            JsonNode json;
            try {
                json = Json.parse(text);
            } catch (RuntimeException e) {
                throw new ParameterException(spec.commandLine(), "--finding: no JSON object");
            }
            json.properties().forEach(e -> {
                if (e.getValue().isTextual() && Matcher.isLabel(e.getKey())) {
                    labels.put(e.getKey(), e.getValue().asText());
                }
            });
            Routing.tags(labels, json.path("tags"));
        } else {
            for (String pair : text.split(",", -1)) {
                int at = pair.indexOf('=');
                String name = at < 0 ? pair.strip() : pair.substring(0, at).strip();
                if (at < 0 || !Matcher.isLabel(name)) {
                    throw new ParameterException(
                            spec.commandLine(),
                            "--finding: '" + Text.shown(pair) + "' is no label like owner=web; there are "
                                    + Matcher.LABELS);
                }
                labels.put(name, pair.substring(at + 1).strip());
            }
            labels.computeIfAbsent(
                    "environment", e -> labels.getOrDefault("tag.env", labels.getOrDefault("tag.environment", "")));
        }
        if (!SEVERITIES.contains(labels.getOrDefault("severity", ""))) {
            throw new ParameterException(
                    spec.commandLine(), "--finding: severity is missing or none of " + String.join(", ", SEVERITIES));
        }
        return labels;
    }

    private int problems(String file, InvalidAlertingFile e, boolean json) {
        if (json) {
            out().println(Json.write(Map.of("file", file, "valid", false, "problems", e.problems())));
        } else {
            for (FileProblem p : e.problems()) {
                spec.commandLine()
                        .getErr()
                        .println(file + ":" + p.line() + ":" + p.column() + ": " + Text.shown(p.message()));
            }
            spec.commandLine().getErr().flush();
        }
        return WRONG;
    }

    private String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException | InvalidPathException e) {
            throw new ParameterException(spec.commandLine(), Text.shown(file) + " " + FileFault.of(e));
        }
    }

    private boolean isJson(String format) {
        if (!format.equals("text") && !format.equals("json")) {
            throw new ParameterException(spec.commandLine(), "--format is text or json, not " + Text.shown(format));
        }
        return format.equals("json");
    }

    private static String text(Map<String, String> labels) {
        List<String> parts = new ArrayList<>();
        labels.forEach((k, v) -> {
            if (!v.isEmpty()) {
                parts.add(k + "=" + Text.shown(v));
            }
        });
        return String.join(" ", parts);
    }

    private static String span(@Nullable Integer seconds) {
        int s = seconds == null ? 0 : seconds;
        return s % 86_400 == 0 && s > 0
                ? s / 86_400 + " d"
                : s % 3600 == 0 && s > 0 ? s / 3600 + " h" : s % 60 == 0 && s > 0 ? s / 60 + " min" : s + " s";
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}

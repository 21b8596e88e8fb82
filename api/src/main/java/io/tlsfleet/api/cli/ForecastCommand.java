package io.tlsfleet.api.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.fleet.json.Json;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tlsfleet forecast DATE}: the stored fleet judged as of a day to come, by its own policies or by another. */
@Command(
        name = "forecast",
        description =
                "What of the stored fleet fails on a day: expiries, announced lifetimes, distrust, another policy.")
public final class ForecastCommand implements Callable<Integer> {
    private static final Map<String, String> KINDS = Map.of(
            "appears", "will be found",
            "announced", "announced: the next one will not do",
            "unless-renewed", "ends by then, unless it is renewed",
            "vanishes", "will no longer be found");

    @Parameters(
            paramLabel = "DATE",
            description = "a day (2027-03-15, its first instant UTC) or an instant (2027-03-15T12:00:00Z)")
    private String date = "";

    @Option(names = "--policy", paramLabel = "NAME", description = "judged by this one instead of their own")
    private @Nullable String policy;

    @Option(names = "--owner", paramLabel = "NAME", description = "of this owner alone")
    private @Nullable String owner;

    @Option(names = "--tag", paramLabel = "K:V", description = "with this tag alone; repeatable")
    private List<String> tags = new ArrayList<>();

    @Option(names = "--format", paramLabel = "text|json", description = "default: ${DEFAULT-VALUE}")
    private String format = "text";

    @Mixin
    private ApiConnection api = new ApiConnection();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        CommandSpec own = Objects.requireNonNull(spec, "run by picocli");
        if (!Set.of("text", "json").contains(format)) {
            throw new ParameterException(own.commandLine(), "--format " + format + ": want text or json");
        }
        PrintWriter out = own.commandLine().getOut();
        try {
            ObjectNode all = pages();
            if (format.equals("json")) {
                out.println(Json.pretty(all));
            } else {
                text(all, out);
            }
            return 0;
        } catch (ApiConnection.Failed e) {
            own.commandLine().getErr().println("tlsfleet forecast: " + e.getMessage());
            return e.exitCode();
        }
    }

    /** The answer of all pages as if it were one. */
    private ObjectNode pages() throws ApiConnection.Failed, InterruptedException {
        Map<String, List<String>> query = new LinkedHashMap<>();
        query.put("at", List.of(date.contains("T") ? date : date + "T00:00:00Z"));
        if (policy != null) {
            query.put("policy", List.of(policy));
        }
        if (owner != null) {
            query.put("owner", List.of(owner));
        }
        query.put("tag", tags);
        ObjectNode all = JsonNodeFactory.instance.objectNode();
        Map<String, ObjectNode> groups = new LinkedHashMap<>();
        long endpoints = 0;
        String cursor;
        do {
            JsonNode page = api.get("/whatif", query);
            endpoints += page.path("endpoints").asLong();
            for (JsonNode group : page.path("byRule")) {
                ObjectNode known = groups.putIfAbsent(
                        group.path("kind").asText() + " " + group.path("rule").asText() + " "
                                + group.path("severity").asText(),
                        group.deepCopy());
                if (known != null) {
                    known.put(
                            "endpoints",
                            known.path("endpoints").asLong()
                                    + group.path("endpoints").asLong());
                }
            }
            all.set("at", page.get("at"));
            all.set("policy", page.get("policy"));
            cursor = page.path("nextCursor").textValue();
            query.put("cursor", cursor == null ? List.of() : List.of(cursor));
        } while (cursor != null);
        all.put("endpoints", endpoints);
        ArrayNode byRule = all.putArray("byRule");
        groups.values().forEach(byRule::add);
        return all;
    }

    private static void text(ObjectNode all, PrintWriter out) {
        out.println("On " + all.path("at").asText() + ", of "
                + all.path("endpoints").asLong() + " endpoints:");
        if (all.path("byRule").isEmpty()) {
            out.println("  nothing changes");
        }
        for (JsonNode group : all.path("byRule")) {
            String kind = group.path("kind").asText();
            out.println("  " + group.path("severity").asText() + " "
                    + group.path("rule").asText() + ": "
                    + group.path("endpoints").asLong() + " (" + KINDS.getOrDefault(kind, kind) + ")");
            int shown = 0;
            for (JsonNode example : group.path("examples")) {
                if (shown++ < 3) {
                    out.println("    " + example.path("endpoint").asText() + ": "
                            + example.path("detail").asText());
                }
            }
        }
    }
}

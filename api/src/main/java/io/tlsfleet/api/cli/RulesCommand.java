package io.tlsfleet.api.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.tlsfleet.api.input.Text;
import io.tlsfleet.fleet.json.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
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

/** {@code tlsfleet rules [FILE]}: the rules of scanning that are in force; or those of a file, and no others, put in force. */
@Command(
        name = "rules",
        description =
                "How often, how deep and with which identity targets are scanned that do not say so themselves: shown, or replaced by a file's.")
public final class RulesCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "FILE",
            arity = "0..1",
            description =
                    "a JSON array, or an object a line: host, owner, tag, site (whose), intervalSeconds, depth, expectIdentity (what)")
    private @Nullable String file;

    @Option(names = "--dry-run", description = "with FILE: only checked")
    private boolean dryRun;

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
            JsonNode rules = (file == null
                            ? api.get("/scan-rules", Map.of())
                            : api.put("/scan-rules?dryRun=" + dryRun, read(file)))
                    .path("items");
            if (format.equals("json")) {
                out.println(Json.pretty(rules));
            } else {
                rules.forEach(rule -> out.println(whose(rule) + ": " + what(rule)));
                out.println(rules.size()
                        + (rules.size() == 1 ? " rule" : " rules")
                        + (dryRun && file != null ? "; nothing was changed" : ""));
            }
            return 0;
        } catch (ApiConnection.Failed e) {
            own.commandLine().getErr().println("tlsfleet rules: " + e.getMessage());
            return e.exitCode();
        }
    }

    private static JsonNode read(String file) throws ApiConnection.Failed {
        String text;
        try {
            text = Files.readString(Path.of(file));
        } catch (NoSuchFileException | InvalidPathException e) {
            throw new ApiConnection.Failed(ApiConnection.BAD_INPUT, file + ": no such file");
        } catch (IOException e) {
            throw new ApiConnection.Failed(ApiConnection.BAD_INPUT, file + ": " + e.getMessage());
        }
        ArrayNode rules = JsonNodeFactory.instance.arrayNode();
        int line = 0;
        try {
            if (text.stripLeading().startsWith("[")) {
                return Json.parse(text);
            }
            for (String one : text.lines().toList()) {
                line++;
                if (!one.isBlank()) {
                    rules.add(Json.parse(one));
                }
            }
        } catch (RuntimeException e) {
            throw new ApiConnection.Failed(
                    ApiConnection.BAD_INPUT,
                    file + (line == 0 ? "" : ", line " + line)
                            + ": no JSON; want an array of rules, or an object a line");
        }
        return rules;
    }

    private static String whose(JsonNode rule) {
        List<String> parts = new ArrayList<>();
        for (String name : List.of("host", "owner", "tag", "site")) {
            if (rule.hasNonNull(name)) {
                parts.add(name + " " + Text.shown(rule.path(name).asText()));
            }
        }
        return parts.isEmpty() ? "every target" : String.join(" and ", parts);
    }

    private static String what(JsonNode rule) {
        List<String> parts = new ArrayList<>();
        if (rule.hasNonNull("intervalSeconds")) {
            parts.add("every " + rule.path("intervalSeconds").asInt() + " s");
        }
        if (rule.hasNonNull("depth")) {
            parts.add("depth " + rule.path("depth").asText());
        }
        if (rule.hasNonNull("expectIdentity")) {
            parts.add("expects " + Text.shown(rule.path("expectIdentity").asText()));
        }
        return String.join(", ", parts);
    }
}

package io.tlsfleet.api.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
import picocli.CommandLine.Spec;

/** {@code tlsfleet progress}: how far the scanning is, once or until it is done. */
@Command(name = "progress", description = "How far the scanning is: done, due, failing, rate, time left.")
public final class ProgressCommand implements Callable<Integer> {
    @Option(names = "--site", paramLabel = "NAME", description = "of this site alone")
    private @Nullable String site;

    @Option(names = "--owner", paramLabel = "NAME", description = "of this owner alone")
    private @Nullable String owner;

    @Option(names = "--tag", paramLabel = "K:V", description = "with this tag alone; repeatable")
    private List<String> tags = new ArrayList<>();

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "what was scanned from then on is done (default: a day ago)")
    private @Nullable String since;

    @Option(names = "--watch", description = "a line every two seconds until nothing is due or under way")
    private boolean watch;

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
            while (true) {
                JsonNode answer = api.get("/progress", query());
                out.println(format.equals("json") ? answer.toString() : text(answer));
                out.flush();
                if (!watch
                        || answer.path("due").asLong() + answer.path("underWay").asLong() == 0) {
                    return 0;
                }
                Thread.sleep(Duration.ofSeconds(2));
            }
        } catch (ApiConnection.Failed e) {
            own.commandLine().getErr().println("tlsfleet progress: " + e.getMessage());
            return e.exitCode();
        }
    }

    private Map<String, List<String>> query() {
        Map<String, List<String>> query = new LinkedHashMap<>();
        query.put("site", site == null ? List.of() : List.of(site));
        query.put("owner", owner == null ? List.of() : List.of(owner));
        query.put("since", since == null ? List.of() : List.of(since));
        query.put("tag", tags);
        return query;
    }

    private static String text(JsonNode seen) {
        long endpoints = seen.path("endpoints").asLong();
        long done = seen.path("done").asLong();
        String left = seen.path("etaSeconds").isNull()
                ? "time left not known"
                : Duration.ofSeconds(Math.round(seen.path("etaSeconds").asDouble()))
                                .toString()
                                .substring(2)
                                .toLowerCase(Locale.ROOT)
                        + " left";
        return String.format(
                Locale.ROOT,
                "%d of %d done (%d %%), %d due, %d under way, %d failing, %.1f/s, %s",
                done,
                endpoints,
                endpoints == 0 ? 100 : done * 100 / endpoints,
                seen.path("due").asLong(),
                seen.path("underWay").asLong(),
                seen.path("failing").asLong(),
                seen.path("scansPerSecond").asDouble(),
                left);
    }
}

package io.tlsfleet.api.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code tlsfleet progress}: how far the scanning is, once or until it is done. */
@Command(name = "progress", description = "How far the scanning is: done, due, failing, rate, time left.")
public final class ProgressCommand implements Callable<Integer> {
    private static final int BAD_INPUT = 2;
    private static final int AWAY = 3;

    @Option(names = "--api", paramLabel = "URL", description = "where tlsfleet listens (default: ${DEFAULT-VALUE})")
    private URI api = URI.create("http://127.0.0.1:8080");

    @Option(names = "--token-file", paramLabel = "FILE", description = "holds a token for the API; else TLSFLEET_TOKEN")
    private @Nullable Path tokenFile;

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

    @Spec
    private @Nullable CommandSpec spec;

    private final ObjectMapper json = new ObjectMapper();

    @Override
    public Integer call() throws InterruptedException {
        CommandSpec own = Objects.requireNonNull(spec, "run by picocli");
        if (!Set.of("text", "json").contains(format)) {
            throw new ParameterException(own.commandLine(), "--format " + format + ": want text or json");
        }
        PrintWriter out = own.commandLine().getOut();
        PrintWriter err = own.commandLine().getErr();
        try (HttpClient client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build()) {
            while (true) {
                HttpResponse<String> response = client.send(request(), HttpResponse.BodyHandlers.ofString());
                JsonNode answer = json.readTree(response.body());
                if (response.statusCode() != 200) {
                    err.println("tlsfleet progress: " + api + " answered " + response.statusCode() + ": "
                            + answer.path("detail").asText(answer.path("title").asText()));
                    return BAD_INPUT;
                }
                out.println(format.equals("json") ? answer.toString() : text(answer));
                out.flush();
                if (!watch
                        || answer.path("due").asLong() + answer.path("underWay").asLong() == 0) {
                    return 0;
                }
                Thread.sleep(Duration.ofSeconds(2));
            }
        } catch (IOException e) {
            err.println("tlsfleet progress: " + api + ": nothing answers there (" + e.getMessage() + ")");
            return AWAY;
        }
    }

    private HttpRequest request() throws IOException {
        List<String> asked = new ArrayList<>();
        add(asked, "site", site);
        add(asked, "owner", owner);
        add(asked, "since", since);
        tags.forEach(tag -> add(asked, "tag", tag));
        HttpRequest.Builder request = HttpRequest.newBuilder(api.resolve("/api/v1/progress?" + String.join("&", asked)))
                .timeout(Duration.ofSeconds(30));
        String token = tokenFile != null ? Files.readString(tokenFile).strip() : System.getenv("TLSFLEET_TOKEN");
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return request.build();
    }

    private static void add(List<String> asked, String name, @Nullable String value) {
        if (value != null) {
            asked.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
        }
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

package io.tlsfleet.api.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.api.sources.ConsulSource;
import io.tlsfleet.api.sources.Found;
import io.tlsfleet.api.sources.KubernetesSource;
import io.tlsfleet.api.sources.PrometheusSource;
import io.tlsfleet.api.sources.ZoneSource;
import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.fleet.target.FileFault;
import io.tlsfleet.fleet.target.InvalidTarget;
import io.tlsfleet.fleet.target.JsonTargets;
import io.tlsfleet.fleet.target.Target;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code tlsfleet import}: reads an inventory and hands its targets to the API, or shows them ({@code --dry-run}) as the
 * NDJSON that the API takes. What was passed over is said on standard error, each with its reason.
 */
@Command(name = "import", description = "Takes targets from csv, ndjson, prometheus, consul, kubernetes or a DNS zone.")
public final class ImportCommand implements Callable<Integer> {
    private static final int DONE = 0;
    private static final int BAD_INPUT = 2;
    private static final int AWAY = 3;
    private static final int ASKS = 1;
    private static final int INTERRUPTED = 130;
    private static final Pattern LENGTH = Pattern.compile("([0-9]{1,6})([smh])");
    private static final Set<String> KINDS = Set.of("csv", "ndjson", "prometheus", "consul", "kubernetes", "zone");
    private static final int MAX_SHOWN = 50;
    private static final int SLOWEST_BYTES_A_SECOND = 20_000;

    @Parameters(paramLabel = "FILE|URL", description = "where the targets are")
    private String source = "";

    @Option(
            names = "--from",
            required = true,
            paramLabel = "KIND",
            description = "csv, ndjson, prometheus, consul, kubernetes or zone")
    private String from = "";

    @Option(names = "--dry-run", description = "show what would be handed over, change nothing")
    private boolean dryRun;

    @Mixin
    private ApiConnection api = new ApiConnection();

    @Option(names = "--source-token-file", paramLabel = "FILE", description = "holds a token for Consul or Kubernetes")
    private @Nullable Path sourceTokenFile;

    @Option(
            names = "--source-ca",
            paramLabel = "FILE",
            description = "PEM of the authority of a Consul or Kubernetes API")
    private @Nullable Path sourceCa;

    @Option(names = "--with-secrets", description = "Kubernetes: note which certificate a Secret holds (tls.crt only)")
    private boolean withSecrets;

    @Option(
            names = "--blackbox",
            paramLabel = "FILE",
            description = "Prometheus: blackbox_exporter's configuration, for modules")
    private @Nullable Path blackbox;

    @Option(
            names = "--origin",
            paramLabel = "NAME",
            description = "zone: the zone's name where the file does not say it")
    private String origin = "";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "zone: ports of names with addresses (default: 443); repeatable")
    private List<Integer> ports = new ArrayList<>();

    @Option(names = "--tag", paramLabel = "K=V", description = "on every target that has no such tag; repeatable")
    private Map<String, String> tags = new LinkedHashMap<>();

    @Option(names = "--in-cluster", description = "Kubernetes: Services that are reached inside the cluster, too")
    private boolean inCluster;

    @Option(names = "--owner", paramLabel = "NAME", description = "of every target that names none")
    private @Nullable String owner;

    @Option(names = "--site", paramLabel = "NAME", description = "that scans every target that names none")
    private @Nullable String site;

    @Option(names = "--policy", paramLabel = "NAME", description = "that judges every target that names none")
    private @Nullable String policy;

    @Option(names = "--interval", paramLabel = "SECONDS", description = "between scans of every target that says none")
    private @Nullable Integer interval;

    @Option(names = "--depth", paramLabel = "certificate|standard|full", description = "of every target that says none")
    private @Nullable String depth;

    @Option(
            names = "--sync",
            paramLabel = "NAME",
            description =
                    "this is all of the source NAME: what it no longer names is retired; over a tenth stops and asks")
    private @Nullable String sync;

    @Option(names = "--retire-anyway", description = "with --sync: retire however many are gone")
    private boolean retireAnyway;

    @Option(names = "--every", paramLabel = "TIME", description = "with --sync: again and again, as 90s, 15m or 6h")
    private @Nullable String every;

    @Option(
            names = "--format",
            paramLabel = "text|json",
            defaultValue = "text",
            description = "of what is said in the end (default: text)")
    private String format = "text";

    @Spec
    private @Nullable CommandSpec spec;

    private final ObjectMapper json = new ObjectMapper();
    private final ObjectNode each = json.createObjectNode();

    @Override
    public Integer call() throws InterruptedException {
        if ((every != null || retireAnyway) && sync == null) {
            throw usage("--every and --retire-anyway go with --sync NAME");
        }
        checkKind();
        Duration pause = every == null ? null : length(every);
        Target options = options();
        int code = once(options);
        while (pause != null && code != INTERRUPTED) {
            Thread.sleep(pause);
            code = once(options);
        }
        return code;
    }

    /** An option of another kind of source would be without effect. */
    private void checkKind() {
        if (!KINDS.contains(from)) {
            throw usage("--from " + from + ": want csv, ndjson, prometheus, consul, kubernetes or zone");
        }
        if (!List.of("text", "json").contains(format)) {
            throw usage("--format " + format + ": want text or json");
        }
        checkKind("--source-token-file", sourceTokenFile != null, "consul", "kubernetes");
        checkKind("--source-ca", sourceCa != null, "consul", "kubernetes");
        checkKind("--with-secrets", withSecrets, "kubernetes");
        checkKind("--in-cluster", inCluster, "kubernetes");
        checkKind("--blackbox", blackbox != null, "prometheus");
        checkKind("--origin", !origin.isEmpty(), "zone");
        checkKind("--port", !ports.isEmpty(), "zone");
    }

    private void checkKind(String option, boolean given, String... kinds) {
        if (given && !List.of(kinds).contains(from)) {
            throw usage(option + " is for --from " + String.join(" or ", kinds) + ", not for " + from);
        }
    }

    private Duration length(String text) {
        Matcher matcher = LENGTH.matcher(text);
        long seconds = matcher.matches()
                ? Long.parseLong(matcher.group(1))
                        * switch (matcher.group(2)) {
                            case "s" -> 1;
                            case "m" -> 60;
                            default -> 3600;
                        }
                : 0;
        if (seconds == 0) {
            throw usage("--every " + text + ": want a time like 90s, 15m or 6h");
        }
        return Duration.ofSeconds(seconds);
    }

    /** What is said of every target, on one that is nowhere. */
    private Target options() {
        optional(each, "owner", owner);
        optional(each, "site", site);
        optional(each, "policy", policy);
        optional(each, "depth", depth);
        if (interval != null) {
            each.put("intervalSeconds", interval);
        }
        if (!tags.isEmpty()) {
            tags.forEach(each.putObject("tags")::put);
        }
        try {
            return JsonTargets.target(each.deepCopy().put("host", "each.invalid"));
        } catch (InvalidTarget e) {
            throw usage("of every target: " + e.getMessage());
        }
    }

    private int once(Target options) {
        try {
            if (from.equals("csv") || from.equals("ndjson")) {
                String type = from.equals("csv") ? "text/csv" : "application/x-ndjson";
                String query = each.isEmpty() ? "" : "&each=" + URLEncoder.encode(each.toString(), UTF_8);
                return hand(HttpRequest.BodyPublishers.ofFile(Path.of(source)), type, query);
            }
            Found found = read();
            complain(found);
            if (dryRun && sync == null) {
                found.targets().forEach(t -> out().println(line(t.or(options))));
                out().flush();
                err().println(found.targets().size() + " targets, "
                        + found.passedOver().size() + " passed over; nothing was changed");
                return DONE;
            }
            StringBuilder body = new StringBuilder();
            found.targets().forEach(t -> body.append(line(t.or(options))).append('\n'));
            return hand(HttpRequest.BodyPublishers.ofString(body.toString()), "application/x-ndjson", "");
        } catch (ApiConnection.Failed e) {
            err().println("tlsfleet import: " + e.getMessage());
            return e.exitCode();
        } catch (NoSuchFileException | java.io.FileNotFoundException e) {
            err().println("tlsfleet import: " + source + ": no such file (" + e.getMessage() + ")");
            return BAD_INPUT;
        } catch (SSLHandshakeException e) {
            err().println("tlsfleet import: " + api.untrusted(e));
            return BAD_INPUT;
        } catch (ConnectException e) {
            err().println("tlsfleet import: " + (e.getMessage() == null ? api.api() : e.getMessage())
                    + ": nothing answers there; is the address right, is it running?");
            return AWAY;
        } catch (IOException e) {
            boolean text = e instanceof java.nio.charset.CharacterCodingException;
            err().println("tlsfleet import: " + (text ? source + " " + FileFault.of(e) : e.getMessage()));
            return BAD_INPUT;
        }
    }

    private Found read() throws IOException, ApiConnection.Failed {
        return switch (from) {
            case "prometheus" -> PrometheusSource.read(Path.of(source), blackbox);
            case "zone" -> ZoneSource.read(Path.of(source), origin, ports.isEmpty() ? List.of(443) : ports);
            case "consul" -> ConsulSource.read(url(), token(sourceTokenFile), sourceCa, AddressGate.local());
            case "kubernetes" ->
                KubernetesSource.read(
                        url(),
                        token(sourceTokenFile),
                        sourceCa,
                        new KubernetesSource.Wanted(withSecrets, inCluster),
                        AddressGate.local());
            default -> throw new IllegalStateException(from);
        };
    }

    private int hand(HttpRequest.BodyPublisher body, String type, String options)
            throws IOException, ApiConnection.Failed {
        String query = "dryRun=" + dryRun + options + (sync == null ? "" : "&source=" + URLEncoder.encode(sync, UTF_8))
                + (retireAnyway ? "&retireAnyway=true" : "");
        Duration patience = patience(body.contentLength());
        HttpRequest request = api.request("/targets/import?" + query)
                .header("Content-Type", type)
                .timeout(patience)
                .POST(body)
                .build();
        try (HttpClient client = api.client()) {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            JsonNode answer = json.readTree(response.body());
            if (response.statusCode() != 200) {
                err().println("tlsfleet import: " + api.api() + " answered " + response.statusCode() + ": "
                        + answer.path("detail").asText(answer.path("title").asText())
                        + (response.statusCode() == 401 ? " (give --token-file; `up` names its admin token)" : "")
                        + (response.statusCode() == 409 && sync != null ? " (here: --retire-anyway)" : ""));
                return response.statusCode() == 409 && sync != null ? ASKS : BAD_INPUT;
            }
            return report(answer);
        } catch (HttpConnectTimeoutException e) {
            throw new ApiConnection.Failed(
                    AWAY, api.api() + ": nothing answers there; is the address right, is it running?");
        } catch (HttpTimeoutException e) {
            throw new ApiConnection.Failed(
                    AWAY, "no answer from " + api.api() + " within " + patience.toSeconds() + " s; is that the API?");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return INTERRUPTED;
        }
    }

    /** The API answers when it has taken the last line. */
    static Duration patience(long bytes) {
        return Duration.ofMinutes(2).plusSeconds(bytes / SLOWEST_BYTES_A_SECOND);
    }

    private int report(JsonNode answer) {
        if (format.equals("json")) {
            out().println(answer);
            out().flush();
            return answer.path("rejectedCount").asLong(answer.path("rejected").size()) == 0 ? DONE : BAD_INPUT;
        }
        JsonNode rejected = answer.path("rejected");
        int shown = 0;
        for (JsonNode line : rejected) {
            if (shown++ < MAX_SHOWN) {
                err().println("line " + line.path("line").asLong() + ": "
                        + line.path("reason").asText());
            }
        }
        long refused = answer.path("rejectedCount").asLong(rejected.size());
        out().println((dryRun ? "would add " : "added ") + answer.path("added").asLong() + ", updated "
                + answer.path("updated").asLong() + ", unchanged "
                + answer.path("unchanged").asLong()
                + (sync == null ? "" : ", retired " + answer.path("retired").asLong()) + ", rejected " + refused);
        out().flush();
        return refused == 0 ? DONE : BAD_INPUT;
    }

    private void complain(Found found) {
        found.passedOver().stream().limit(MAX_SHOWN).forEach(why -> err().println("passed over: " + why));
        if (found.passedOver().size() > MAX_SHOWN) {
            err().println("passed over: " + (found.passedOver().size() - MAX_SHOWN) + " more");
        }
    }

    private String line(Target target) {
        ObjectNode line = json.createObjectNode();
        line.put("host", target.host()).put("port", target.port());
        optional(line, "sni", target.sni());
        optional(line, "starttls", target.starttls());
        target.addresses().forEach(line.withArray("addresses")::add);
        target.tags().forEach(line.putObject("tags")::put);
        optional(line, "policy", target.policy());
        optional(line, "depth", target.depth() == null ? null : target.depth().word());
        if (target.intervalSeconds() != null) {
            line.put("intervalSeconds", target.intervalSeconds());
        }
        optional(line, "owner", target.owner());
        optional(line, "site", target.site());
        return line.toString();
    }

    private static void optional(ObjectNode line, String name, @Nullable String value) {
        if (value != null) {
            line.put(name, value);
        }
    }

    private URI url() {
        URI url = URI.create(source.contains("://") ? source : "http://" + source);
        if (url.getHost() == null) {
            throw usage(source + ": no URL with a host");
        }
        return url;
    }

    private static @Nullable String token(@Nullable Path file) throws ApiConnection.Failed {
        return file == null ? null : ApiConnection.token(file);
    }

    private ParameterException usage(String message) {
        return new ParameterException(
                Objects.requireNonNull(spec, "run by picocli").commandLine(), message);
    }

    private PrintWriter out() {
        return Objects.requireNonNull(spec, "run by picocli").commandLine().getOut();
    }

    private PrintWriter err() {
        return Objects.requireNonNull(spec, "run by picocli").commandLine().getErr();
    }
}

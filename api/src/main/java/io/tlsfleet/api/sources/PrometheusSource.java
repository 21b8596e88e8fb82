package io.tlsfleet.api.sources;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * A Prometheus configuration: {@code static_configs} and {@code file_sd_configs} of jobs that scrape over https or probe
 * through blackbox_exporter. A blackbox module gives the server name and STARTTLS. Labels become tags.
 */
public final class PrometheusSource {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Pattern LISTS = Pattern.compile(".*\\.(json|ya?ml)");

    private final Path configuration;
    private final Map<String, JsonNode> modules = new LinkedHashMap<>();
    private final Found found = new Found();

    private PrometheusSource(Path configuration) {
        this.configuration = configuration;
    }

    /** {@code blackbox}: blackbox_exporter's own configuration, null where there is none at hand. */
    public static Found read(Path configuration, @Nullable Path blackbox) throws IOException {
        PrometheusSource source = new PrometheusSource(configuration);
        if (blackbox != null) {
            yaml(blackbox).path("modules").properties().forEach(m -> source.modules.put(m.getKey(), m.getValue()));
        }
        for (JsonNode job : yaml(configuration).path("scrape_configs")) {
            source.job(job);
        }
        return source.found;
    }

    private void job(JsonNode job) {
        String name = job.path("job_name").asText("?");
        job.properties().forEach(member -> {
            if (member.getKey().endsWith("_sd_configs") && !member.getKey().equals("file_sd_configs")) {
                found.passOver("job " + name + ": " + member.getKey() + " are asked by Prometheus, not here");
            }
        });
        boolean probes = job.path("metrics_path").asText("").endsWith("/probe");
        Job scraped = new Job(
                name,
                probes,
                job.path("scheme").asText("http"),
                job.path("params").path("module").path(0).asText(""),
                job.path("tls_config").path("server_name").asText(null));
        for (JsonNode group : job.path("static_configs")) {
            group(scraped, group);
        }
        for (JsonNode config : job.path("file_sd_configs")) {
            for (JsonNode pattern : config.path("files")) {
                files(scraped, pattern.asText());
            }
        }
    }

    /**
     * {@code probes}: through blackbox_exporter, by that module unless labels say another; {@code serverName} is then the
     * exporter's own.
     */
    private record Job(
            String name,
            boolean probes,
            String scheme,
            String module,
            @Nullable String serverName) {}

    /** {@code tls}: probed over TLS; an address without a scheme is then taken for one that speaks it. */
    private record Way(
            boolean tls,
            @Nullable String serverName,
            @Nullable String starttls) {}

    /** Empty: not over TLS. */
    private Optional<Way> way(Job job, JsonNode labels) {
        if (!job.probes) {
            boolean https = labels.path("__scheme__").asText(job.scheme).equals("https");
            return https ? Optional.of(new Way(true, job.serverName, null)) : Optional.empty();
        }
        Way way = way(job.name, labels.path("__param_module").asText(job.module));
        return way.tls ? Optional.of(way) : Optional.empty();
    }

    private Way way(String job, String name) {
        JsonNode module = modules.get(name);
        if (module == null) {
            return new Way(true, null, null);
        }
        String prober = module.path("prober").asText();
        JsonNode settings = module.path(prober);
        String serverName = settings.path("tls_config").path("server_name").asText(null);
        return switch (prober) {
            case "http" -> new Way(true, serverName, null);
            case "grpc" -> new Way(settings.path("tls").asBoolean(), serverName, null);
            case "tcp" -> {
                String starttls = starttls(settings.path("query_response"));
                yield new Way(settings.path("tls").asBoolean() || starttls != null, serverName, starttls);
            }
            default -> {
                found.passOver("job " + job + ": module " + name + " probes by " + prober + ", not over TLS");
                yield new Way(false, null, null);
            }
        };
    }

    /** Which protocol a dialogue speaks before it says {@code starttls: true}. */
    private static @Nullable String starttls(JsonNode dialogue) {
        StringBuilder said = new StringBuilder();
        boolean turns = false;
        for (JsonNode step : dialogue) {
            said.append(step.path("send").asText(""))
                    .append('\n')
                    .append(step.path("expect").asText(""))
                    .append('\n');
            turns |= step.path("starttls").asBoolean();
        }
        if (!turns) {
            return null;
        }
        String text = said.toString().toUpperCase(java.util.Locale.ROOT);
        return text.contains("STLS")
                ? "pop3"
                : text.contains("LHLO")
                        ? "lmtp"
                        : text.contains("AUTH TLS") || text.contains("AUTH SSL")
                                ? "ftp" // whose greeting is 220, too
                                : text.contains("EHLO") || text.contains("HELO") || text.contains("220")
                                        ? "smtp"
                                        : text.contains("JABBER") ? "xmpp" : "imap";
    }

    private void files(Job job, String pattern) {
        if (!LISTS.matcher(pattern).matches()) {
            found.passOver("job " + job.name + ": " + pattern + " is neither .json nor .yml nor .yaml");
            return;
        }
        Path base =
                Optional.ofNullable(configuration.toAbsolutePath().getParent()).orElseThrow();
        Path path = base.resolve(pattern);
        Path folder = Optional.ofNullable(path.getParent()).orElse(base);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, String.valueOf(path.getFileName()))) {
            Iterator<Path> each = files.iterator();
            if (!each.hasNext()) {
                found.passOver("job " + job.name + ": " + pattern + " names no file");
            }
            while (each.hasNext()) {
                Path file = each.next();
                JsonNode groups = yaml(file);
                if (!groups.isArray()) {
                    found.passOver("job " + job.name + ": " + file + " holds no list of targets");
                }
                for (JsonNode group : groups) {
                    group(job, group);
                }
            }
        } catch (IOException e) {
            found.passOver("job " + job.name + ": " + pattern + ": " + e.getMessage());
        }
    }

    private void group(Job job, JsonNode group) {
        Way way = way(job, group.path("labels")).orElse(null);
        if (way == null) {
            return;
        }
        Map<String, String> tags = new LinkedHashMap<>();
        tags.put("job", job.name);
        group.path("labels").properties().forEach(l -> {
            if (!l.getKey().startsWith("__")) {
                tags.put(l.getKey(), l.getValue().asText());
            }
        });
        for (JsonNode target : group.path("targets")) {
            Optional<HostPort> at = HostPort.parse(target.asText(), 443);
            if (at.isEmpty()) {
                found.passOver("job " + job.name + ": target '" + target.asText() + "' is no host or URL");
            } else if (at.get().scheme().equals("http")) {
                found.passOver("job " + job.name + ": " + target.asText() + " is plain http");
            } else {
                found.add(at.get().host(), at.get().port(), way.serverName, way.starttls, java.util.List.of(), tags);
            }
        }
    }

    private static JsonNode yaml(Path file) throws IOException {
        try {
            LoaderOptions options = new LoaderOptions();
            options.setMaxAliasesForCollections(50);
            return MAPPER.valueToTree(new Yaml(new SafeConstructor(options)).<Object>load(Files.readString(file)));
        } catch (YAMLException e) {
            throw new IOException(
                    file + ": "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                    e);
        }
    }
}

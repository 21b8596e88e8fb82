package io.tlsfleet.scanner.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.target.FileFault;
import io.tlsfleet.fleet.target.InvalidTarget;
import io.tlsfleet.scanner.file.CertificateFile;
import io.tlsfleet.scanner.file.Unreadable;
import io.tlsfleet.tls.x509.ChainQuestion;
import io.tlsfleet.tls.x509.TrustStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tlsfleet explain}: certificates of files and endpoints, what each store says of them, what to mend. */
@Command(
        name = "explain",
        description =
                "Explains a certificate or chain: files of PEM, DER, PKCS#7, PKCS#12 or JKS (- is standard input), or HOST:PORT."
                        + " A leaf and its intermediates in several files are one chain.")
public final class ExplainCommand implements Callable<Integer> {
    private static final int DONE = 0;
    private static final int BAD_INPUT = 2;
    private static final int UNREACHABLE = 3;
    private static final List<String> ALL_STORES = List.of("mozilla", "java", "system");

    /** How the answer is written. */
    enum Format {
        TEXT,
        JSON
    }

    @Parameters(arity = "0..*", paramLabel = "FILE|HOST:PORT", description = "what to explain; - is standard input")
    private List<String> sources = new ArrayList<>();

    @Option(names = "--ndjson", paramLabel = "FILE", description = "judges a chain a line, without a network")
    private @Nullable String lines;

    @Mixin
    private TrustOptions trust = new TrustOptions();

    @Option(names = "--at", paramLabel = "INSTANT", description = "judges as of that time (2026-11-21T08:00:00Z)")
    private @Nullable Instant at;

    @Option(names = "--host", paramLabel = "NAME", description = "the name that the certificate should be for")
    private @Nullable String host;

    @Option(names = "--missing", description = "prints the certificates that are left out, PEM, and nothing else")
    private boolean missing;

    @Option(names = "--format", paramLabel = "text|json", description = "for a person or for a program (default text)")
    private Format format = Format.TEXT;

    @Option(names = "--no-network-fetch", description = "no requests for issuers, OCSP or CRLs")
    private boolean noNetworkFetch;

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description = "whose first line opens a PKCS#12 keystore; no private key in it is read")
    private @Nullable Path passwordFile;

    @Option(names = "--sni", paramLabel = "NAME|none", description = "server name for HOST:PORT")
    private @Nullable String sni;

    @Option(names = "--starttls", paramLabel = "PROTOCOL", description = "preamble for HOST:PORT")
    private @Nullable String starttls;

    @Option(names = "--connect-to", paramLabel = "HOST:PORT", description = "where HOST:PORT is dialled instead")
    private @Nullable String connectTo;

    @Spec
    private @Nullable CommandSpec spec;

    private final InstantSource clock;

    public ExplainCommand(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Integer call() {
        if (lines == null && sources.isEmpty()) {
            throw usage("nothing to explain: give a file, HOST:PORT, or --ndjson FILE");
        }
        Instant instant = at == null ? clock.instant() : at;
        if (lines != null) {
            return lines(lines, new ExplainLines(stores(List.of("mozilla")), at, clock.instant(), host));
        }
        List<TrustStore> stores = stores(ALL_STORES);
        List<Explanation> explanations = new ArrayList<>();
        int code = DONE;
        List<String> files = new ArrayList<>();
        for (String source : sources) {
            if (source.equals("-") || Files.exists(Path.of(source))) {
                files.add(source);
            } else if (source.contains("/") || source.endsWith(".pem") || source.endsWith(".crt")) {
                throw usage(source + ": no such file");
            } else {
                code = Math.max(code, endpoint(source, stores, instant, explanations));
            }
        }
        explanations.addAll(0, files(files, stores, instant));
        write(explanations);
        return code;
    }

    private void write(List<Explanation> explanations) {
        PrintWriter out = spec().commandLine().getOut();
        if (missing) {
            explanations.forEach(explanation -> out.print(explanation.missing()));
            out.flush();
            if (explanations.stream()
                    .allMatch(explanation -> explanation.missing().isEmpty())) {
                err("tlsfleet explain: no missing certificate is known"
                        + (noNetworkFetch ? " (and none was fetched: --no-network-fetch)" : ""));
            }
            return;
        }
        if (format == Format.JSON) {
            ArrayNode all = Json.mapper().createArrayNode();
            explanations.forEach(explanation -> all.add(json(explanation)));
            out.println(all.size() == 1 ? Json.pretty(all.get(0)) : Json.pretty(all));
        } else {
            boolean watched = Terminal.isOutput();
            int width = watched ? Terminal.width() : 0;
            explanations.forEach(explanation ->
                    out.println(watched ? ExplainText.shown(explanation, width) : ExplainText.plain(explanation)));
        }
        out.flush();
    }

    private static ObjectNode json(Explanation explanation) {
        ObjectNode object = Json.mapper().createObjectNode();
        object.put("source", explanation.source());
        object.put("status", explanation.status());
        object.put("reason", explanation.reason());
        ArrayNode clients = object.putArray("clients");
        ExplainClients.of(explanation)
                .forEach(answer -> clients.addObject()
                        .put("client", answer.client())
                        .put("connects", answer.error() == null)
                        .put("error", answer.error()));
        object.set("findings", Json.tree(explanation.findings()));
        object.set("certificate", Json.tree(explanation.certificate()));
        return object;
    }

    /** Leaf and intermediates from several files are one chain; a bundle of roots is one explanation each. */
    private List<Explanation> files(List<String> files, List<TrustStore> stores, Instant instant) {
        List<FileChains.Named> chains = new ArrayList<>();
        files.forEach(file -> file(file).forEach(entry -> chains.add(new FileChains.Named(file, entry.chain()))));
        List<Explanation> explanations = new ArrayList<>();
        for (FileChains.Named one : files.size() == 1 ? chains : FileChains.joined(chains)) {
            List<byte[]> chain = one.chain();
            ChainQuestion question = ChainQuestion.of(chain, stores, instant).withHost(host);
            Explanation explanation = Explanation.of(one.source(), question, List.of(), false);
            if (missing && !noNetworkFetch) {
                List<byte[]> issuers = ExplainEndpoint.issuers(chain, stores, clock);
                explanation = Explanation.of(one.source(), question.withKnown(issuers), List.of(), false);
            }
            explanations.add(explanation);
        }
        return explanations;
    }

    private List<CertificateFile.Entry> file(String source) {
        try {
            return CertificateFile.read(
                    source,
                    source.equals("-") ? System.in.readAllBytes() : Files.readAllBytes(Path.of(source)),
                    password());
        } catch (Unreadable e) {
            throw usage(e.message());
        } catch (IOException e) {
            throw usage(source + ": " + FileFault.of(e));
        }
    }

    private @Nullable String password() {
        if (passwordFile == null) {
            return null;
        }
        try {
            return Files.readString(passwordFile, StandardCharsets.UTF_8)
                    .lines()
                    .findFirst()
                    .orElse("");
        } catch (IOException e) {
            throw usage("--password-file " + passwordFile + ": " + FileFault.of(e));
        }
    }

    private int endpoint(String source, List<TrustStore> stores, Instant instant, List<Explanation> explanations) {
        try {
            ExplainEndpoint endpoint =
                    new ExplainEndpoint(source, sni, starttls, connectTo, host, !noNetworkFetch, clock);
            List<Explanation> found = endpoint.explain(stores, instant);
            explanations.addAll(found);
            if (found.isEmpty()) {
                err("tlsfleet explain: " + source + ": " + endpoint.failure());
                return UNREACHABLE;
            }
            return DONE;
        } catch (InvalidTarget e) {
            throw usage(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return UNREACHABLE;
        }
    }

    private int lines(String file, ExplainLines lines) {
        PrintWriter out = spec().commandLine().getOut();
        int number = 0;
        boolean failed = false;
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                file.equals("-") ? System.in : Files.newInputStream(Path.of(file)), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                number++;
                if (line.isBlank()) {
                    continue;
                }
                try {
                    out.println(lines.answer(line));
                } catch (IllegalArgumentException e) {
                    err("tlsfleet explain: %s line %d: %s".formatted(file, number, e.getMessage()));
                    failed = true;
                }
            }
        } catch (NoSuchFileException e) {
            throw usage("--ndjson " + file + ": no such file");
        } catch (IOException e) {
            throw usage("--ndjson " + file + ": " + FileFault.of(e));
        }
        out.flush();
        return failed ? BAD_INPUT : DONE;
    }

    private List<TrustStore> stores(List<String> otherwise) {
        try {
            return trust.onlyGiven() && lines != null ? trust.given() : trust.stores(otherwise, List.of());
        } catch (Stores.Unusable e) {
            throw usage(String.valueOf(e.getMessage()));
        }
    }

    private void err(String message) {
        spec().commandLine().getErr().println(message.replace("\u001b", "\\x1B").strip());
        spec().commandLine().getErr().flush();
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec().commandLine(), message);
    }

    private CommandSpec spec() {
        CommandSpec given = spec;
        if (given == null) {
            throw new IllegalStateException("not made by picocli");
        }
        return given;
    }
}

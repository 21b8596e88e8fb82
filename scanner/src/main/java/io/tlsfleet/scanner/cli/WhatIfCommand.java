package io.tlsfleet.scanner.cli;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.fleet.simulate.NegotiatedBy;
import io.tlsfleet.fleet.simulate.Proposal;
import io.tlsfleet.fleet.simulate.Selection;
import io.tlsfleet.fleet.simulate.ServerOffer;
import io.tlsfleet.fleet.target.Escaped;
import io.tlsfleet.fleet.target.FileFault;
import io.tlsfleet.tls.fingerprint.ClientFingerprint;
import io.tlsfleet.tls.fingerprint.ClientOffer;
import io.tlsfleet.tls.fingerprint.Fingerprinter;
import io.tlsfleet.tls.fingerprint.KnownClients;
import io.tlsfleet.tls.fingerprint.Transport;
import io.tlsfleet.tls.record.HandshakeMessage;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code tlsfleet whatif}: which clients would connect to a server as its report shows it, and as it would be after a
 * change. One value a client: {@code {"id", "connects", "version", "cipherSuite", "group", "reason"}}; to a person those
 * that fail first.
 */
@Command(
        name = "whatif",
        description = "Which clients would connect to the server of a report, as it is or after a change.")
public final class WhatIfCommand implements Callable<Integer> {
    private static final int DONE = 0;
    private static final int BAD_INPUT = 2;

    @Parameters(paramLabel = "REPORT", description = "a report in JSON, as scan --format json writes it")
    private String report = "";

    @Option(
            names = "--clients",
            paramLabel = "NDJSON",
            description = "lines {\"id\", \"hello\": hex}; - is standard input. Without it the clients that are known")
    private @Nullable String clients;

    @Option(
            names = "--proposal",
            paramLabel = "NAME",
            description =
                    "a change with a name: tls13-only, tls12-minimum, no-static-rsa, no-cbc, drop-p256-only, hybrid-only")
    private @Nullable String proposal;

    @Option(
            names = "--known-clients",
            paramLabel = "FILE",
            description = "names of clients beside those that ship: lines of a name, a tab and a JA4")
    private @Nullable String knownClients;

    @Option(names = "--min-version", paramLabel = "TLSv1.x", description = "nothing below this version")
    private @Nullable String minVersion;

    @Option(
            names = "--deny-suites",
            paramLabel = "GLOB",
            description = "without these suites, e.g. TLS_RSA_*; repeatable")
    private List<String> denySuites = new ArrayList<>();

    @Option(names = "--deny-groups", paramLabel = "GLOB", description = "without these groups; repeatable")
    private List<String> denyGroups = new ArrayList<>();

    @Option(names = "--only-groups", paramLabel = "GLOB", description = "with these groups alone; repeatable")
    private List<String> onlyGroups = new ArrayList<>();

    @Option(
            names = "--format",
            paramLabel = "text|json|ndjson",
            description = "for a person or for a program (default: text on a terminal, else ndjson)")
    private @Nullable String format;

    @Spec
    private @Nullable CommandSpec spec;

    private final List<ObjectNode> all = new ArrayList<>();
    private ListFormat written = ListFormat.NDJSON;

    private final ObjectMapper json =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
    private final Fingerprinter fingerprinter = new Fingerprinter();
    private KnownClients known = KnownClients.shipped();
    private boolean failed;

    @Override
    public Integer call() throws IOException {
        try {
            written = ListFormat.of(format);
        } catch (IllegalArgumentException e) {
            throw usage(String.valueOf(e.getMessage()));
        }
        NegotiatedBy server = new NegotiatedBy(changed(today()));
        nameMore();
        if (clients == null) {
            known.all().stream()
                    .filter(KnownClients.KnownClient::isProfiled)
                    .forEach(c -> print(line(c.name(), List.of(), server.choose(c.offer()))));
        } else {
            read(clients, server);
        }
        if (written == ListFormat.JSON) {
            out().println(json.writerWithDefaultPrettyPrinter().writeValueAsString(all));
        } else if (written == ListFormat.TEXT) {
            text();
        }
        out().flush();
        return failed ? BAD_INPUT : DONE;
    }

    private ServerOffer today() {
        try {
            List<ServerOffer> reports = Reports.read(Path.of(report), ServerOffer::of);
            if (reports.size() != 1) {
                throw usage(report + ": holds " + reports.size() + " reports, give one");
            }
            return reports.getFirst();
        } catch (Reports.Unusable e) {
            throw usage(report + ": " + e.getMessage());
        } catch (InvalidPathException e) {
            throw usage(report + ": " + FileFault.of(e));
        }
    }

    private void nameMore() {
        if (knownClients != null) {
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(Inputs.open(knownClients), StandardCharsets.UTF_8))) {
                known = known.and(KnownClients.read(knownClients, lines));
            } catch (IOException e) {
                throw usage("--known-clients " + knownClients + ": " + FileFault.of(e));
            } catch (IllegalArgumentException e) {
                throw usage("--known-clients: " + e.getMessage());
            }
        }
    }

    private ServerOffer changed(ServerOffer today) {
        ServerOffer offer = today;
        if (proposal != null) {
            Proposal.Applied applied = Proposal.named(proposal)
                    .orElseThrow(() -> usage("--proposal " + proposal + ": want one of "
                            + Proposal.SHIPPED.stream().map(Proposal::name).collect(Collectors.joining(", "))))
                    .to(today);
            applied.assumptions()
                    .forEach(a -> HelloLines.say(spec().commandLine().getErr(), "assumed: " + a));
            offer = applied.server();
        }
        Proposal own;
        try {
            own = new Proposal("own", "as asked", minVersion, denySuites, denyGroups, onlyGroups);
        } catch (IllegalArgumentException e) {
            throw usage("--min-version " + minVersion + ": want one of SSLv3, TLSv1.0, TLSv1.1, TLSv1.2, TLSv1.3");
        }
        return own.narrowed(offer);
    }

    private void read(String file, NegotiatedBy server) {
        try (InputStream in = Inputs.open(file)) {
            failed |= !HelloLines.read(
                    file,
                    in,
                    line -> print(client(line, server)),
                    spec().commandLine().getErr());
        } catch (IOException e) {
            throw usage(file + ": " + FileFault.of(e));
        }
    }

    private ObjectNode client(JsonNode wanted, NegotiatedBy server) throws MalformedMessage {
        HandshakeMessage message = HelloHex.read(wanted);
        if (message.type() != HandshakeMessage.CLIENT_HELLO) {
            throw new MalformedMessage("hello: is not a ClientHello");
        }
        ClientFingerprint print = fingerprinter.client(message.body(), Transport.TCP);
        Selection selection = server.choose(ClientOffer.of(message.body()));
        ObjectNode line = line(wanted.path("id").asText(), known.named(print.ja4()), selection);
        line.set("id", wanted.path("id").isMissingNode() ? json.nullNode() : wanted.get("id"));
        line.put("ja4", print.ja4());
        return line;
    }

    private ObjectNode line(String id, List<String> names, Selection selection) {
        ObjectNode line = json.createObjectNode();
        line.put("id", id);
        if (!names.isEmpty()) {
            names.forEach(line.withArray("clients")::add);
        }
        line.put("connects", selection.connects());
        line.put("version", selection.version());
        line.put("cipherSuite", selection.cipherSuite());
        line.put("group", selection.group());
        line.put("helloRetryRequest", selection.helloRetry());
        line.put("reason", selection.reason());
        return line;
    }

    private void print(ObjectNode line) {
        if (written == ListFormat.NDJSON) {
            out().println(line);
        } else {
            all.add(line);
        }
    }

    /** The verdict, then who fails and why, then what the others agree on. */
    private void text() {
        List<ObjectNode> failing =
                all.stream().filter(line -> !line.path("connects").asBoolean()).toList();
        out().println((all.size() - failing.size()) + " of " + all.size() + " clients connect"
                + (all.isEmpty() ? "" : failing.isEmpty() ? ", none fails" : ", " + failing.size() + " fail"));
        failing.forEach(line -> row("fails", line, line.path("reason").asText()));
        all.stream()
                .filter(line -> line.path("connects").asBoolean())
                .forEach(line -> row(
                        "connects",
                        line,
                        Stream.of("version", "cipherSuite", "group")
                                .filter(line::hasNonNull)
                                .map(name -> line.path(name).asText())
                                .collect(Collectors.joining("  "))));
    }

    private void row(String verdict, ObjectNode line, String what) {
        JsonNode names = line.path("clients");
        String name = line.path("id").asText()
                + (names.isEmpty() ? "" : " (" + names.path(0).asText() + ")");
        out().printf("  %-9s %-28s %s%n", verdict, Escaped.line(name), Escaped.line(what));
    }

    private PrintWriter out() {
        return spec().commandLine().getOut();
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec().commandLine(), message);
    }

    private CommandSpec spec() {
        return java.util.Objects.requireNonNull(spec, "run by picocli");
    }
}

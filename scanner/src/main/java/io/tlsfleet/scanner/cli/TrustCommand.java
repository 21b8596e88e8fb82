package io.tlsfleet.scanner.cli;

import io.tlsfleet.fleet.target.FileFault;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.CtLogs;
import io.tlsfleet.tls.x509.Pem;
import io.tlsfleet.tls.x509.StoreFile;
import io.tlsfleet.tls.x509.TrustStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tlsfleet trust}: stores out of what root programs publish, and what the stores hold. */
@Command(name = "trust", description = "Makes trust stores out of CCADB reports, and lists what a store holds.")
public final class TrustCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    private final InstantSource clock;

    public TrustCommand(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public void run() {
        throw usage("say what to do: import, import-logs, list");
    }

    @Command(
            name = "import",
            description = "writes a store file for --trust-store out of a CCADB report of included roots (CSV)")
    int importCsv(
            @Parameters(paramLabel = "FILE", description = "a CCADB report, CSV") Path file,
            @Option(names = "--name", paramLabel = "NAME", required = true, description = "what reports call the store")
                    String name,
            @Option(
                            names = "--program",
                            paramLabel = "mozilla|chrome|apple|microsoft",
                            description = "whose status counts, in a report with several")
                    @Nullable
                    String program,
            @Option(names = "--date", paramLabel = "DATE", description = "of the report; today where absent") @Nullable
                    LocalDate date,
            @Option(
                            names = "--certificates",
                            paramLabel = "FILE",
                            description =
                                    "where the report has fingerprints only (AllIncludedRootCerts): files with PEM,"
                                            + " such as AllCertificatePEMs; repeatable. The roots of Mozilla, the JDK and this"
                                            + " system are known")
                    List<Path> certificates,
            @Option(names = "--output", paramLabel = "FILE", description = "NAME.pem where absent") @Nullable
                    Path output) {
        if (!name.matches("[A-Za-z0-9._-]{1,40}")) {
            throw usage("--name " + name + ": letters, digits, dot, hyphen and underscore, at most 40");
        }
        Path to = output == null ? Path.of(name + ".pem") : output;
        try {
            CcadbCsv.Imported imported =
                    CcadbCsv.read(Files.readString(file, StandardCharsets.UTF_8), program, known(certificates));
            if (imported.anchors().isEmpty()) {
                throw usage(file + ": no root for TLS servers in it");
            }
            Path source = file.getFileName();
            TrustStore store = new TrustStore(
                    name,
                    true,
                    date == null ? LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC) : date,
                    "CCADB, " + (source == null ? file : source),
                    imported.anchors());
            Files.writeString(to, StoreFile.write(store));
            PrintWriter out = command().commandLine().getOut();
            out.printf(
                    "%s: %d roots in %s (left out: %d not for servers, %d not included, %d unreadable%s)%n",
                    name,
                    imported.anchors().size(),
                    to,
                    imported.notForServers(),
                    imported.notIncluded(),
                    imported.unreadable(),
                    imported.unknown() == 0
                            ? ""
                            : ", " + imported.unknown() + " whose certificate is not known here: give --certificates");
            out.flush();
            return 0;
        } catch (NoSuchFileException e) {
            throw usage(e.getFile() + ": no such file");
        } catch (IllegalArgumentException e) {
            throw usage(file + ": " + e.getMessage());
        } catch (IOException e) {
            throw usage(file + ": " + FileFault.of(e));
        }
    }

    /** By SHA-256: what the files hold, and the roots of the stores that are here. */
    private static Map<String, byte[]> known(@Nullable List<Path> files) throws IOException {
        Map<String, byte[]> known = new HashMap<>();
        for (Path file : files == null ? List.<Path>of() : files) {
            for (byte[] der : Pem.certificates(Files.readAllBytes(file))) {
                known.put(CertificateFacts.read(der).sha256(), der);
            }
        }
        try {
            for (TrustStore store : Stores.of(List.of("mozilla", "java", "system"), List.of())) {
                store.anchors()
                        .forEach(anchor -> known.put(
                                anchor.certificate().sha256(),
                                anchor.certificate().der()));
            }
        } catch (Stores.Unusable e) {
            throw new IOException(e.getMessage(), e);
        }
        return known;
    }

    @Command(
            name = "import-logs",
            description =
                    "writes a table for --ct-logs out of Google's or Apple's list of Certificate Transparency logs")
    int importLogs(
            @Parameters(paramLabel = "FILE", description = "the list, JSON of Google's or Apple's schema") Path file,
            @Option(
                            names = "--output",
                            paramLabel = "FILE",
                            defaultValue = "ct-logs.tsv",
                            description = "where the table goes (default: ${DEFAULT-VALUE})")
                    Path output) {
        try {
            String table = CtLogList.table(Files.readString(file, StandardCharsets.UTF_8));
            Files.writeString(output, table);
            CtLogs logs = CtLogs.read(table);
            PrintWriter out = command().commandLine().getOut();
            out.printf("%d logs in %s%s%n", logs.size(), output, logs.date() == null ? "" : ", of " + logs.date());
            out.flush();
            return 0;
        } catch (NoSuchFileException e) {
            throw usage(e.getFile() + ": no such file");
        } catch (IOException e) {
            throw usage(file + ": " + FileFault.of(e));
        } catch (IllegalArgumentException e) {
            throw usage(file + ": " + e.getMessage());
        }
    }

    @Command(name = "list", description = "the roots of a store: mozilla, java, system or a file")
    int list(
            @Parameters(
                            paramLabel = "STORE",
                            arity = "0..1",
                            defaultValue = "mozilla",
                            description = "mozilla, java, system or a file (default: ${DEFAULT-VALUE})")
                    String name) {
        PrintWriter out = command().commandLine().getOut();
        try {
            for (TrustStore store : Stores.of(List.of(name), List.of())) {
                out.printf(
                        "%s: %d roots, %s%s%n",
                        store.name(),
                        store.anchors().size(),
                        store.source(),
                        store.date() == null ? "" : ", " + store.date());
                for (TrustStore.Anchor anchor : store.anchors()) {
                    out.printf(
                            "%s  %s  %s%s%n",
                            anchor.certificate().sha256(),
                            String.valueOf(anchor.certificate().notAfter()).replaceFirst("T.*", ""),
                            anchor.certificate().subject().text(),
                            anchor.distrustAfter() == null
                                    ? ""
                                    : "  (not for what is issued after " + anchor.distrustAfter() + ")");
                }
            }
        } catch (Stores.Unusable e) {
            throw usage(String.valueOf(e.getMessage()));
        }
        out.flush();
        return 0;
    }

    private ParameterException usage(String message) {
        return new ParameterException(command().commandLine(), message);
    }

    private CommandSpec command() {
        CommandSpec given = spec;
        if (given == null) {
            throw new IllegalStateException("not made by picocli");
        }
        return given;
    }
}

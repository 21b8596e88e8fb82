package io.tlsfleet.scanner.cli;

import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.sensor.SensorLog;
import io.tlsfleet.fleet.sensor.Sightings;
import io.tlsfleet.fleet.target.Escaped;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code tlsfleet sensor}: adds up what Suricata, Zeek, HAProxy and nginx have logged of clients. One line of JSON for
 * each day, endpoint and fingerprint, without any address of a client; {@code POST /api/v1/clients} takes these lines.
 */
@Command(
        name = "sensor",
        description = "Counts client fingerprints in logs of Suricata, Zeek, HAProxy and nginx (- is standard input).")
public final class SensorCommand implements Callable<Integer> {
    private static final int DONE = 0;
    private static final int BAD_INPUT = 2;
    private static final int MAX_COMPLAINTS = 20;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "logs; - is standard input")
    private List<String> files = new ArrayList<>();

    @Option(
            names = "--format",
            paramLabel = "text|json|ndjson",
            description = "for a person or for a program (default: text on a terminal, else ndjson)")
    private @Nullable String format;

    @Spec
    private @Nullable CommandSpec spec;

    private final Sightings sightings = new Sightings();
    private int bad;

    @Override
    public Integer call() {
        CommandSpec running = Objects.requireNonNull(spec, "run by picocli");
        ListFormat written;
        try {
            written = ListFormat.of(format);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(running.commandLine(), String.valueOf(e.getMessage()), e);
        }
        for (String file : files) {
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(Inputs.open(file), StandardCharsets.UTF_8))) {
                read(file, lines);
            } catch (NoSuchFileException e) {
                complain(file + ": no such file");
            } catch (IOException e) {
                complain(file + ": " + e.getMessage());
            }
        }
        print(written, running.commandLine().getOut());
        if (bad > MAX_COMPLAINTS) {
            running.commandLine()
                    .getErr()
                    .println("tlsfleet: " + (bad - MAX_COMPLAINTS) + " more lines could not be read");
        }
        return bad == 0 ? DONE : BAD_INPUT;
    }

    private void print(ListFormat written, PrintWriter out) {
        switch (written) {
            case NDJSON -> sightings.all().forEach(s -> out.println(Json.write(s)));
            case JSON -> out.println(Json.pretty(sightings.all()));
            case TEXT -> {
                out.printf("%-10s %8s  %-6s %-36s %s%n", "DAY", "COUNT", "KIND", "FINGERPRINT", "ENDPOINT");
                sightings
                        .all()
                        .forEach(s -> out.printf(
                                "%-10s %8d  %-6s %-36s %s%n",
                                s.day(), s.count(), s.kind(), s.fingerprint(), Escaped.line(s.endpoint())));
            }
        }
        out.flush();
    }

    private void read(String file, BufferedReader lines) throws IOException {
        SensorLog log = new SensorLog();
        int number = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            number++;
            try {
                log.read(line).forEach(sightings::add);
            } catch (IllegalArgumentException e) {
                complain("%s line %d: %s".formatted(file, number, e.getMessage()));
            }
        }
    }

    private void complain(String message) {
        if (++bad <= MAX_COMPLAINTS) {
            Objects.requireNonNull(spec, "run by picocli")
                    .commandLine()
                    .getErr()
                    .println("tlsfleet: " + message);
        }
    }
}

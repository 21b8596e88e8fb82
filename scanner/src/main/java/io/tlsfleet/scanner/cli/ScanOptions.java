package io.tlsfleet.scanner.cli;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.report.Severity;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** The options of {@code tlsfleet scan}, as the contract names them; what they mean together is {@link ScanCommand}'s. */
final class ScanOptions {
    @Parameters(paramLabel = "TARGET", description = "host, host:port or [v6]:port")
    List<String> targets = new ArrayList<>();

    @Option(
            names = "--targets",
            paramLabel = "FILE",
            description = "one target a line, with its own options; - is standard input")
    @Nullable
    String targetsFile;

    @Option(
            names = "--depth",
            defaultValue = "standard",
            converter = Words.class,
            description = "certificate, standard, full or verify")
    String depth = "standard";

    @Option(names = "--baseline", paramLabel = "REPORT", description = "with --depth verify: the earlier report, JSON")
    @Nullable
    Path baseline;

    @Option(names = "--sni", paramLabel = "NAME", description = "server name to send, or none")
    @Nullable
    String sni;

    @Option(names = "--starttls", paramLabel = "PROTOCOL")
    @Nullable
    String starttls;

    @Option(
            names = "--connect-to",
            paramLabel = "HOST:PORT",
            description = "where to connect when it is not the target's name")
    @Nullable
    String connectTo;

    @Option(names = "--all-addresses", description = "one report for each address of a name")
    boolean allAddresses;

    @Option(names = "-4", description = "IPv4 only")
    boolean ipv4;

    @Option(names = "-6", description = "IPv6 only")
    boolean ipv6;

    @Option(names = "--resolver", paramLabel = "ADDRESS[:PORT]")
    @Nullable
    String resolver;

    @Option(names = "--source-address", paramLabel = "ADDRESS")
    @Nullable
    String sourceAddress;

    @Option(names = "--alpn", paramLabel = "NAME", description = "asked for beside the usual ones; repeatable")
    List<String> alpn = new ArrayList<>();

    @Option(names = "--client-cert", paramLabel = "PEM")
    @Nullable
    Path clientCertificate;

    @Option(names = "--client-key", paramLabel = "PEM")
    @Nullable
    Path clientKey;

    @Option(names = "--trust", paramLabel = "PEM", description = "anchors of your own, the store 'given'; repeatable")
    List<Path> trust = new ArrayList<>();

    @Option(
            names = "--trust-store",
            paramLabel = "mozilla|java|FILE",
            description = "repeatable; mozilla if none is named")
    List<String> trustStores = new ArrayList<>();

    @Option(names = "--policy", paramLabel = "NAME", description = "repeatable; public-web if none is named")
    List<String> policies = new ArrayList<>();

    @Option(names = "--fingerprints", paramLabel = "ja4plus")
    @Nullable
    String fingerprints;

    @Option(
            names = "--format",
            defaultValue = "text",
            converter = Formats.class,
            description = "text, json, ndjson, csv, sarif, junit, html or prom")
    Format format = Format.TEXT;

    @Option(names = "--output", paramLabel = "FILE")
    @Nullable
    Path output;

    @Option(names = "--concurrency", defaultValue = "200", description = "endpoints at once")
    int concurrency;

    @Option(names = "--max-connections-per-host", defaultValue = "4")
    int connectionsPerHost;

    @Option(names = "--rate", defaultValue = "50", description = "connections a second to a host")
    double rate;

    @Option(names = "--proxy", paramLabel = "URL", description = "http://host:port (CONNECT) or socks5://host:port")
    @Nullable
    String proxy;

    @Option(names = "--connect-timeout", defaultValue = "5s", converter = Durations.class)
    Duration connectTimeout = Duration.ofSeconds(5);

    @Option(names = "--read-timeout", defaultValue = "5s", converter = Durations.class)
    Duration readTimeout = Duration.ofSeconds(5);

    @Option(names = "--deadline", defaultValue = "60s", converter = Durations.class, description = "for one endpoint")
    Duration deadline = Duration.ofSeconds(60);

    @Option(
            names = "--fail-on",
            defaultValue = "never",
            converter = FailOn.class,
            description = "info, low, medium, high, critical or never")
    String failOn = "never";

    @Option(names = "--attacks", description = "allow the probes that send more than a hello")
    boolean attacks;

    @Option(
            names = "--at",
            paramLabel = "INSTANT",
            converter = Instants.class,
            description = "judge as of that time (2026-11-21T08:00:00Z)")
    @Nullable
    Instant at;

    @Option(
            names = "--no-network-fetch",
            description = "no requests for issuers, OCSP or CRLs; of DNS only what --resolver is named for")
    boolean noNetworkFetch;

    /** The forms a report is written in. */
    enum Format {
        TEXT,
        JSON,
        NDJSON,
        CSV,
        SARIF,
        JUNIT,
        HTML,
        PROM;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static final class Formats implements ITypeConverter<Format> {
        @Override
        public Format convert(String word) {
            return Arrays.stream(Format.values())
                    .filter(f -> f.word().equals(word))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException("'" + word + "' is no format; there are "
                            + Arrays.stream(Format.values()).map(Format::word).collect(Collectors.joining(", "))));
        }
    }

    static final class Words implements ITypeConverter<String> {
        @Override
        public String convert(String word) {
            return Arrays.stream(Depth.values())
                    .map(Depth::word)
                    .filter(d -> d.equals(word))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException("'" + word + "' is no depth; there are "
                            + Arrays.stream(Depth.values()).map(Depth::word).collect(Collectors.joining(", "))));
        }
    }

    static final class FailOn implements ITypeConverter<String> {
        @Override
        public String convert(String word) {
            if (!word.equals("never")) {
                try {
                    Severity.of(word);
                } catch (IllegalArgumentException e) {
                    throw new TypeConversionException(
                            "'" + word + "' is no severity; there are info, low, medium, high, critical, never");
                }
            }
            return word;
        }
    }

    /** {@code 500ms}, {@code 5s}, {@code 2m}; a bare number is seconds. */
    static final class Durations implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            Duration duration = read(text);
            if (duration.isZero()) {
                throw new TypeConversionException("'" + text + "' is no time at all");
            }
            return duration;
        }

        private static Duration read(String text) {
            if (!text.matches("[0-9]{1,9}(\\.[0-9]{1,3})?(ms|s|m)?")) {
                throw new TypeConversionException("'" + text + "' is no duration: write 500ms, 5s or 2m");
            }
            String number = text.replaceAll("[a-z]", "");
            double unit = text.endsWith("ms") ? 1 : text.endsWith("m") ? 60_000 : 1000;
            return Duration.ofMillis(Math.round(Double.parseDouble(number) * unit));
        }
    }

    static final class Instants implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String text) {
            try {
                return Instant.parse(text);
            } catch (DateTimeParseException e) {
                throw new TypeConversionException("'" + text + "' is no instant: write 2026-11-21T08:00:00Z");
            }
        }
    }
}

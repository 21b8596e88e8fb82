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
import picocli.CommandLine.Mixin;
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
            paramLabel = "DEPTH",
            defaultValue = "standard",
            converter = Words.class,
            description = "certificate, standard, full or verify (default standard)")
    String depth = "standard";

    @Option(names = "--baseline", paramLabel = "REPORT", description = "with --depth verify: the earlier report, JSON")
    @Nullable
    Path baseline;

    @Option(names = "--sni", paramLabel = "NAME", description = "server name to send, or none")
    @Nullable
    String sni;

    @Option(
            names = "--starttls",
            paramLabel = "PROTOCOL",
            description = "speak this first and ask it for TLS: smtp, imap, pop3, ldap, postgres, xmpp, …")
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

    @Option(
            names = "--resolver",
            paramLabel = "ADDRESS[:PORT]",
            description = "the DNS server to ask; the system's where none is named")
    @Nullable
    String resolver;

    @Option(names = "--source-address", paramLabel = "ADDRESS", description = "connect from this address of ours")
    @Nullable
    String sourceAddress;

    @Option(names = "--alpn", paramLabel = "NAME", description = "asked for beside the usual ones; repeatable")
    List<String> alpn = new ArrayList<>();

    @Option(
            names = "--client-cert",
            paramLabel = "PEM",
            description = "certificate chain to show where one is asked for")
    @Nullable
    Path clientCertificate;

    @Option(names = "--client-key", paramLabel = "PEM", description = "its private key")
    @Nullable
    Path clientKey;

    @Mixin
    TrustOptions trust = new TrustOptions();

    @Option(names = "--policy", paramLabel = "NAME", description = "repeatable; public-web if none is named")
    List<String> policies = new ArrayList<>();

    @Option(
            names = "--fingerprints",
            paramLabel = "ja4plus",
            description = "JA4S and JA4X too, where the plugin is there")
    @Nullable
    String fingerprints;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "text",
            converter = Formats.class,
            description = "text, json, ndjson, csv, sarif, junit, html or prom (default text)")
    Format format = Format.TEXT;

    @Option(names = "--output", paramLabel = "FILE", description = "write the report there, not to standard output")
    @Nullable
    Path output;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            defaultValue = "200",
            description = "endpoints at once (default 200)")
    int concurrency;

    @Option(
            names = "--max-connections-per-host",
            paramLabel = "N",
            defaultValue = "4",
            description = "open at once to one address (default 4)")
    int connectionsPerHost;

    @Option(
            names = "--rate",
            paramLabel = "PER_SECOND",
            defaultValue = "50",
            description = "connections a second to a host (default 50)")
    double rate;

    @Option(names = "--proxy", paramLabel = "URL", description = "http://host:port (CONNECT) or socks5://host:port")
    @Nullable
    String proxy;

    @Option(
            names = "--connect-timeout",
            paramLabel = "TIME",
            defaultValue = "5s",
            converter = Durations.class,
            description = "for TCP to connect: 500ms, 5s or 2m (default 5s)")
    Duration connectTimeout = Duration.ofSeconds(5);

    @Option(
            names = "--read-timeout",
            paramLabel = "TIME",
            defaultValue = "5s",
            converter = Durations.class,
            description = "for each answer to come whole (default 5s)")
    Duration readTimeout = Duration.ofSeconds(5);

    @Option(
            names = "--deadline",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = Durations.class,
            description = "for one endpoint (default 60s)")
    Duration deadline = Duration.ofSeconds(60);

    @Option(
            names = "--fail-on",
            paramLabel = "SEVERITY",
            defaultValue = "never",
            converter = FailOn.class,
            description = "info, low, medium, high, critical or never (default never)")
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

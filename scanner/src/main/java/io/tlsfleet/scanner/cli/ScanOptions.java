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
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.TypeConversionException;

/** The options of {@code tlsfleet scan}, as the contract names them; what they mean together is {@link ScanCommand}'s. */
final class ScanOptions {
    List<String> targets = new ArrayList<>();

    @Nullable
    String targetsFile;

    String depth = "standard";

    @Nullable
    Path baseline;

    @Nullable
    String sni;

    @Nullable
    String starttls;

    @Nullable
    String connectTo;

    boolean allAddresses;

    boolean ipv4;

    boolean ipv6;

    @Nullable
    String resolver;

    @Nullable
    String sourceAddress;

    List<String> alpn = new ArrayList<>();

    @Nullable
    Path clientCertificate;

    @Nullable
    Path clientKey;

    TrustOptions trust = new TrustOptions();

    List<String> policies = new ArrayList<>();

    @Nullable
    String fingerprints;

    Format format = Format.TEXT;

    @Nullable
    Path output;

    int concurrency;

    int connectionsPerHost;

    double rate;

    @Nullable
    String proxy;

    Duration connectTimeout = Duration.ofSeconds(5);

    Duration readTimeout = Duration.ofSeconds(5);

    Duration deadline = Duration.ofSeconds(60);

    String failOn = "never";

    boolean attacks;

    @Nullable
    Instant at;

    boolean noNetworkFetch;

    void describe(CommandSpec spec) {
        Described described = new Described(spec)
                .rest("TARGET", "host, host:port or [v6]:port", String.class, v -> targets = v)
                .one(
                        "--targets",
                        "FILE",
                        "one target a line, with its own options; - is standard input",
                        String.class,
                        v -> targetsFile = v)
                .one(
                        "--depth",
                        "DEPTH",
                        "certificate, standard, full or verify (default standard)",
                        String.class,
                        new Words(),
                        "standard",
                        v -> depth = v)
                .one(
                        "--baseline",
                        "REPORT",
                        "with --depth verify: the earlier report, JSON",
                        Path.class,
                        v -> baseline = v)
                .one("--sni", "NAME", "server name to send, or none", String.class, v -> sni = v)
                .one(
                        "--starttls",
                        "PROTOCOL",
                        "speak this first and ask it for TLS: smtp, imap, pop3, ldap, postgres, xmpp, …",
                        String.class,
                        v -> starttls = v)
                .one(
                        "--connect-to",
                        "HOST:PORT",
                        "where to connect when it is not the target's name",
                        String.class,
                        v -> connectTo = v)
                .flag("--all-addresses", "one report for each address of a name", v -> allAddresses = v)
                .flag("-4", "IPv4 only", v -> ipv4 = v)
                .flag("-6", "IPv6 only", v -> ipv6 = v)
                .one(
                        "--resolver",
                        "ADDRESS[:PORT]",
                        "the DNS server to ask; the system's where none is named",
                        String.class,
                        v -> resolver = v)
                .one(
                        "--source-address",
                        "ADDRESS",
                        "connect from this address of ours",
                        String.class,
                        v -> sourceAddress = v)
                .many("--alpn", "NAME", "asked for beside the usual ones; repeatable", String.class, v -> alpn = v)
                .one(
                        "--client-cert",
                        "PEM",
                        "certificate chain to show where one is asked for",
                        Path.class,
                        v -> clientCertificate = v)
                .one("--client-key", "PEM", "its private key", Path.class, v -> clientKey = v)
                .many("--policy", "NAME", "repeatable; public-web if none is named", String.class, v -> policies = v)
                .one(
                        "--fingerprints",
                        "ja4plus",
                        "JA4S and JA4X too, where the plugin is there",
                        String.class,
                        v -> fingerprints = v)
                .one(
                        "--format",
                        "FORMAT",
                        "text, json, ndjson, csv, sarif, junit, html or prom (default text)",
                        Format.class,
                        new Formats(),
                        "text",
                        v -> format = v)
                .one("--output", "FILE", "write the report there, not to standard output", Path.class, v -> output = v)
                .one("--concurrency", "N", "endpoints at once (default 200)", int.class, "200", v -> concurrency = v)
                .one(
                        "--max-connections-per-host",
                        "N",
                        "open at once to one address (default 4)",
                        int.class,
                        "4",
                        v -> connectionsPerHost = v)
                .one(
                        "--rate",
                        "PER_SECOND",
                        "connections a second to a host (default 50)",
                        double.class,
                        "50",
                        v -> rate = v)
                .one("--proxy", "URL", "http://host:port (CONNECT) or socks5://host:port", String.class, v -> proxy = v)
                .one(
                        "--connect-timeout",
                        "TIME",
                        "for TCP to connect: 500ms, 5s or 2m (default 5s)",
                        Duration.class,
                        new Durations(),
                        "5s",
                        v -> connectTimeout = v)
                .one(
                        "--read-timeout",
                        "TIME",
                        "for each answer to come whole (default 5s)",
                        Duration.class,
                        new Durations(),
                        "5s",
                        v -> readTimeout = v)
                .one(
                        "--deadline",
                        "TIME",
                        "for one endpoint (default 60s)",
                        Duration.class,
                        new Durations(),
                        "60s",
                        v -> deadline = v)
                .one(
                        "--fail-on",
                        "SEVERITY",
                        "info, low, medium, high, critical or never (default never)",
                        String.class,
                        new FailOn(),
                        "never",
                        v -> failOn = v)
                .flag("--attacks", "allow the probes that send more than a hello", v -> attacks = v)
                .one(
                        "--at",
                        "INSTANT",
                        "judge as of that time (2026-11-21T08:00:00Z)",
                        Instant.class,
                        new Instants(),
                        null,
                        v -> at = v)
                .flag(
                        "--no-network-fetch",
                        "no requests for issuers, OCSP or CRLs; of DNS only what --resolver is named for",
                        v -> noNetworkFetch = v);
        trust.describe(described);
    }

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

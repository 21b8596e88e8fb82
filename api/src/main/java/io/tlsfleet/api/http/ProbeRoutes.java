package io.tlsfleet.api.http;

import io.tlsfleet.api.auth.Access;
import io.tlsfleet.api.metrics.Exposition;
import io.tlsfleet.api.metrics.ProbeAnswer;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.fleet.target.InvalidTarget;
import io.tlsfleet.fleet.target.StarttlsProtocol;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.fleet.target.TargetLines;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.ingest.Judging;
import io.tlsfleet.store.ingest.Latest;
import io.tlsfleet.store.inventory.Targets;
import io.tlsfleet.store.query.Endpoints;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code /probe}, for scrape configurations written for blackbox_exporter: {@code target} is HOST:PORT or an https URL. A
 * module whose name speaks of STARTTLS names the protocol ({@code smtp_starttls}), one that speaks of {@code insecure} takes
 * any certificate, all others verify.
 */
final class ProbeRoutes {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration MARGIN = Duration.ofMillis(500);
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private final Database database;
    private final Judging judging;
    private final InstantSource clock;

    ProbeRoutes(Database database, Judging judging, InstantSource clock) {
        this.database = database;
        this.judging = judging;
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(Route.get("/probe", Access.OPEN, this::probe));
    }

    private Answer probe(Exchange exchange) {
        String text = exchange.query("target");
        if (text == null) {
            throw Problem.invalid("target", "target is missing: HOST:PORT");
        }
        String module = Optional.ofNullable(exchange.query("module")).orElse("").toLowerCase(Locale.ROOT);
        boolean page = text.regionMatches(true, 0, "https://", 0, 8);
        TargetLines.HostPort place = place(text, page);
        String starttls = starttls(module);
        int port = place.port() != 0 || Target.isFile(place.host()) ? place.port() : Target.DEFAULT_PORT;
        String site = exchange.query("site");
        List<Endpoints.Endpoint> named = new Endpoints(database.sql())
                .named(place.host(), port, exchange.query("sni"), starttls).stream()
                        .filter(e -> site == null || e.site().equals(site))
                        .toList();
        if (named.isEmpty()) {
            throw Problem.of(
                    404,
                    "Not found",
                    "target",
                    place.host() + ":" + port + (starttls == null ? "" : " with STARTTLS " + starttls)
                            + " is no target of the inventory: add it with POST /api/v1/targets");
        }
        long endpoint = named.getFirst().id();
        if (exchange.queryFlag("live")) {
            scanNow(endpoint, patience(exchange.header("X-Prometheus-Scrape-Timeout-Seconds")));
        }
        Optional<Report> report = new Latest(database.sql())
                .of(endpoint, null, null)
                .map(seen -> judging.judge(seen.target(), seen.observation(), seen.memory(), clock.instant())
                        .report());
        ProbeAnswer.Manner manner =
                new ProbeAnswer.Manner(page || module.startsWith("http"), module.contains("insecure"));
        return Answer.text(Exposition.CONTENT_TYPE, ProbeAnswer.text(report, manner, clock.instant()));
    }

    private static TargetLines.HostPort place(String text, boolean page) {
        String place = page ? text.substring("https://".length()).split("[/?#]", 2)[0] : text;
        if (place.contains("://")) {
            throw Problem.invalid("target", "'" + text + "' is no TLS: give HOST:PORT or an https:// URL");
        }
        try {
            return TargetLines.place(place);
        } catch (InvalidTarget e) {
            throw Problem.invalid("target", String.valueOf(e.getMessage()));
        }
    }

    /** Of "smtp", "smtp_starttls", "starttls-imap". */
    private static @Nullable String starttls(String module) {
        Optional<StarttlsProtocol> whole = StarttlsProtocol.named(module);
        if (whole.isPresent()) {
            return whole.get().word();
        }
        if (module.contains("starttls")) {
            for (String part : module.split("[_.-]", -1)) {
                Optional<StarttlsProtocol> named = StarttlsProtocol.named(part);
                if (named.isPresent()) {
                    return named.get().word();
                }
            }
        }
        return null;
    }

    private static Duration patience(@Nullable String header) {
        if (header == null) {
            return PATIENCE;
        }
        try {
            Duration told = Duration.ofMillis(Math.round(1000 * Double.parseDouble(header)));
            Duration left = told.minus(MARGIN);
            return left.isNegative() ? Duration.ZERO : left.compareTo(LONGEST) > 0 ? LONGEST : left;
        } catch (NumberFormatException e) {
            throw Problem.invalid("X-Prometheus-Scrape-Timeout-Seconds", "the scrape timeout is no number of seconds");
        }
    }

    /** Asks a worker of the target's site, as anybody may, and waits for its word. */
    private void scanNow(long endpoint, Duration patience) {
        Targets targets = new Targets(database.sql());
        targets.requestScan(endpoint, Depth.CERTIFICATE, "probe");
        long end = System.nanoTime() + patience.toNanos();
        while (targets.isScanRequested(endpoint)) {
            if (System.nanoTime() >= end) {
                throw Problem.of(
                        504,
                        "Not scanned in time",
                        "live",
                        "no worker of its site has scanned it within " + patience.toMillis()
                                + " ms; the request stands, and without live=1 the last result is answered");
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw Problem.unavailable("stopping", 5);
            }
        }
    }
}

package io.tlsfleet.api.renewal;

import io.tlsfleet.api.notify.Outgoing;
import io.tlsfleet.api.notify.Reach;
import io.tlsfleet.api.notify.Unanswered;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.DatabaseAway;
import io.tlsfleet.store.ingest.Ingest;
import io.tlsfleet.store.ingest.RenewalWindows;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks, one after the other and at most two hundred a minute, and has the endpoints judged again whose certificate's window
 * moved or ended. Several processes share the work by claims in the database.
 */
public final class RenewalWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RenewalWatch.class);
    private static final Duration ROUND = Duration.ofMinutes(1);
    private static final int A_ROUND = 200;
    private static final Duration DIRECTORY_KEPT = Duration.ofDays(1);
    private static final Duration UNREACHABLE = Duration.ofHours(1);
    private static final Map<String, String> JSON = Map.of("Accept", "application/json", "User-Agent", "tlsfleet");

    private final Database database;
    private final Ingest ingest;
    private final List<AcmeIssuer> issuers;
    private final InstantSource clock;
    private final Map<AcmeIssuer, Outgoing> ways = new HashMap<>();
    private final Map<String, Directory> directories = new HashMap<>();
    private final Thread thread;
    private volatile boolean closing;

    /** {@code renewalInfo} empty: there is none, or it could not be had, until then. */
    private record Directory(Optional<String> renewalInfo, String why, Instant until) {}

    /** {@code reach}: for the issuers that nobody gave; its anchors for all without authorities of their own. */
    public RenewalWatch(
            Vertx vertx, Database database, Ingest ingest, Reach reach, List<AcmeIssuer> issuers, InstantSource clock) {
        this.database = database;
        this.ingest = ingest;
        this.issuers = List.copyOf(issuers);
        this.clock = clock;
        for (AcmeIssuer issuer : issuers) {
            Reach there = issuer.own() ? new Reach(AddressGate.local(), reach.anchors()) : reach;
            ways.put(issuer, new Outgoing(vertx, there, clock, issuer.authorities()));
        }
        this.thread = Thread.ofVirtual().name("renewal-watch").unstarted(this::run);
    }

    public RenewalWatch start() {
        thread.start();
        return this;
    }

    @Override
    public void close() {
        closing = true;
        thread.interrupt();
        try {
            if (thread.getState() != Thread.State.NEW) {
                thread.join(Duration.ofSeconds(5));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ways.values().forEach(Outgoing::close);
    }

    private void run() {
        while (!closing) {
            try {
                round();
            } catch (DatabaseAway e) {
                LOG.info("renewal information waits for the database: {}", e.getMessage());
            } catch (RuntimeException e) {
                if (!closing) {
                    LOG.error("renewal information: this round failed", e);
                }
            }
            LockSupport.parkNanos(ROUND.toNanos());
        }
    }

    /** All that is due now; answers how many were asked for. */
    public int round() {
        RenewalWindows windows = new RenewalWindows(database.sql());
        List<Long> moved = new ArrayList<>();
        List<RenewalWindows.Due> due =
                windows.claim(issuers.stream().map(AcmeIssuer::name).toList(), A_ROUND);
        for (RenewalWindows.Due one : due) {
            if (closing) {
                break;
            }
            if (ask(windows, one)) {
                moved.addAll(windows.servedBy(one.sha256()));
            }
        }
        List<Long> endpoints = moved.stream().distinct().sorted().toList();
        for (int from = 0; from < endpoints.size(); from += A_ROUND) {
            ingest.judgeAgain(endpoints.subList(from, Math.min(endpoints.size(), from + A_ROUND)));
        }
        return due.size();
    }

    /** Whether what is known of it is something else than before. */
    private boolean ask(RenewalWindows windows, RenewalWindows.Due due) {
        CertificateFacts leaf = CertificateFacts.read(due.der());
        Optional<AcmeIssuer> issuer = issuers.stream()
                .filter(i -> leaf.issuer().text().contains(i.name()))
                .findFirst();
        Instant now = clock.instant();
        Optional<String> id = RenewalInfo.id(leaf);
        if (issuer.isEmpty() || id.isEmpty()) {
            windows.failed(
                    due.sha256(),
                    now.plus(DIRECTORY_KEPT),
                    "the certificate has no authority key identifier to ask by");
            return false;
        }
        Directory directory = directory(issuer.get(), now);
        if (directory.renewalInfo.isEmpty()) {
            windows.failed(due.sha256(), directory.until, directory.why);
            return false;
        }
        String base = directory.renewalInfo.get();
        try {
            Outgoing.Reply reply = way(issuer.get()).get(base + (base.endsWith("/") ? "" : "/") + id.get(), JSON);
            Instant next = now.plus(RenewalInfo.wait(reply.retryAfter(), now));
            if (reply.status() != 200) {
                windows.failed(due.sha256(), next, "HTTP " + reply.status() + " from " + base);
                return false;
            }
            RenewalInfo info = RenewalInfo.read(reply.body());
            return windows.told(due.sha256(), info.start(), info.end(), info.explanation(), next);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (IllegalArgumentException e) {
            windows.failed(due.sha256(), now.plus(RenewalInfo.USUAL), base + ": " + e.getMessage());
        } catch (Exception e) {
            windows.failed(due.sha256(), now.plus(UNREACHABLE), base + ": " + Unanswered.words(e));
        }
        return false;
    }

    private Directory directory(AcmeIssuer issuer, Instant now) {
        Directory known = directories.get(issuer.directory());
        if (known == null || now.isAfter(known.until)) {
            known = look(issuer, now);
            directories.put(issuer.directory(), known);
        }
        return known;
    }

    private Directory look(AcmeIssuer issuer, Instant now) {
        try {
            Outgoing.Reply reply = way(issuer).get(issuer.directory(), JSON);
            if (reply.status() != 200) {
                throw new IOException("HTTP " + reply.status());
            }
            String url = Json.parse(new String(reply.body(), StandardCharsets.UTF_8))
                    .path("renewalInfo")
                    .textValue();
            return url == null || !url.startsWith("https://")
                    ? new Directory(
                            Optional.empty(),
                            issuer.directory() + " offers no renewal information",
                            now.plus(DIRECTORY_KEPT))
                    : new Directory(Optional.of(url), "", now.plus(DIRECTORY_KEPT));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Directory(Optional.empty(), "interrupted", now);
        } catch (Exception e) {
            String why = issuer.directory() + ": " + Unanswered.words(e);
            LOG.info("no ACME directory for {}, asked again in an hour: {}", issuer.name(), why);
            return new Directory(Optional.empty(), why, now.plus(UNREACHABLE));
        }
    }

    private Outgoing way(AcmeIssuer issuer) {
        return java.util.Objects.requireNonNull(ways.get(issuer));
    }
}

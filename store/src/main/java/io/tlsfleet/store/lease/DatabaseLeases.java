package io.tlsfleet.store.lease;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.lease.LeaseSource;
import io.tlsfleet.fleet.lease.Presence;
import io.tlsfleet.fleet.lease.SiteLink;
import io.tlsfleet.fleet.lease.SiteRules;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.content.Observations;
import io.tlsfleet.store.content.ScanRows;
import io.tlsfleet.store.ingest.Ingest;
import io.tlsfleet.store.inventory.TargetRows;
import io.tlsfleet.store.site.Sites;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The leases of one site, straight from the database. Results are judged and kept on the way in. */
public final class DatabaseLeases implements LeaseSource {
    private static final Logger LOG = LoggerFactory.getLogger(DatabaseLeases.class);

    /** How many batches are looked at in one call when all that is due is to be left alone. */
    private static final int MOST_ROUNDS = 20;

    private static final Executor VIRTUAL = Executors.newVirtualThreadPerTaskExecutor();

    /** As many as a worker scans of one endpoint. */
    private static final int MOST_ADDRESSES = 16;

    private final Database database;
    private final Ingest ingest;
    private final String site;
    private final LeaseSettings settings;
    private final LeaseTable table;
    private final Rulebook rules;
    private volatile int siteId;
    private volatile IntConsumer takenOver = count -> {};

    /** For whoever holds no part of the address space: it is given what no worker holds. */
    public DatabaseLeases(Database database, Ingest ingest, String site, LeaseSettings settings) {
        this(database, ingest, site, "", settings);
    }

    public DatabaseLeases(Database database, Ingest ingest, String site, String worker, LeaseSettings settings) {
        this.database = database;
        this.ingest = ingest;
        this.site = site;
        this.settings = settings;
        this.table = new LeaseTable(database, settings.length(), worker);
        this.rules = new Rulebook(database, worker);
    }

    /** Told how many leases had run out at whoever held them before, such as a worker that was killed. */
    public void tellTakenOver(IntConsumer told) {
        takenOver = told;
    }

    @Override
    public CompletionStage<List<Lease>> lease(int lane, int limit) {
        return later(() -> {
            Rulebook.Rules now = rules.of(siteId());
            for (int round = 0; round < MOST_ROUNDS; round++) {
                List<LeaseTable.Taken> taken = table.take(siteId(), lane, limit, now.share(), now.isQuiet());
                takenOver.accept(
                        (int) taken.stream().filter(LeaseTable.Taken::late).count());
                List<Lease> leases = leasesOrBack(taken, now);
                if (!leases.isEmpty() || taken.isEmpty()) {
                    return leases;
                }
            }
            return List.of();
        });
    }

    @Override
    public CompletionStage<List<UUID>> renew(List<UUID> tokens) {
        return later(() -> tokens.isEmpty() ? tokens : table.renew(siteId(), tokens));
    }

    @Override
    public CompletionStage<List<Boolean>> complete(List<Completed> results) {
        return later(() -> results.isEmpty() ? List.of() : ingest.complete(siteId(), results));
    }

    @Override
    public CompletionStage<Void> release(List<UUID> tokens) {
        return later(() -> {
            if (!tokens.isEmpty()) {
                table.release(siteId(), tokens);
            }
            return null;
        });
    }

    /** What the same worker shares with the others of its site. */
    public SiteLink link(String worker) {
        Sites sites = new Sites(database.sql());
        return new SiteLink() {
            @Override
            public CompletionStage<SiteRules> report(Presence presence) {
                return later(() -> sites.report(siteId(), worker, presence));
            }

            @Override
            public CompletionStage<List<Integer>> hold(List<Integer> shards) {
                return later(() -> shards.isEmpty() ? shards : sites.hold(siteId(), worker, shards, HOLD_SECONDS));
            }

            @Override
            public CompletionStage<Void> letGo(List<Integer> shards) {
                return later(() -> {
                    sites.letGo(siteId(), worker, shards);
                    return null;
                });
            }

            @Override
            public CompletionStage<Void> defer(List<Deferred> leases) {
                return later(() -> {
                    if (!leases.isEmpty()) {
                        table.defer(siteId(), leases);
                    }
                    return null;
                });
            }

            @Override
            public CompletionStage<Void> leave() {
                return later(() -> {
                    sites.leave(siteId(), worker);
                    return null;
                });
            }
        };
    }

    private static <T extends @Nullable Object> CompletionStage<T> later(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, VIRTUAL);
    }

    private int siteId() {
        int known = siteId;
        if (known == 0) {
            known = database.sql()
                    .row("SELECT id FROM site WHERE name = $1", site)
                    .map(row -> Columns.integer(row, "id"))
                    .orElseThrow(() -> new IllegalStateException("there is no site '" + site + "'"));
            siteId = known;
        }
        return known;
    }

    /** What we cannot make a lease of is no fault of the endpoints: it does not count towards their quarantine. */
    private List<Lease> leasesOrBack(List<LeaseTable.Taken> taken, Rulebook.Rules now) {
        try {
            return leases(taken, now);
        } catch (RuntimeException e) {
            table.release(siteId(), taken.stream().map(LeaseTable.Taken::token).toList());
            throw e;
        }
    }

    private List<Lease> leases(List<LeaseTable.Taken> taken, Rulebook.Rules now) {
        if (taken.isEmpty()) {
            return List.of();
        }
        Map<Long, Row> targets = new HashMap<>();
        for (Row row : database.sql()
                .rows(
                        "SELECT " + TargetRows.COLUMNS + ", t.claimed, t.attacks::text AS attacks, now() AS now"
                                + " FROM target t JOIN site ON site.id = t.site_id WHERE t.id = ANY ($1)",
                        taken.stream().map(LeaseTable.Taken::endpoint).toList())) {
            targets.put(Columns.number(row, "id"), row);
        }
        Map<Long, List<Observation>> baselines = settings.verify() ? baselines(taken, targets) : Map.of();
        List<Lease> leases = new ArrayList<>(taken.size());
        List<UUID> leftAlone = new ArrayList<>();
        List<Instant> until = new ArrayList<>();
        for (LeaseTable.Taken one : taken) {
            Row row = targets.get(one.endpoint());
            if (row == null) {
                continue; // deleted since
            }
            Target target = TargetRows.target(row);
            Optional<Instant> later = now.leftAloneUntil(target, one.wanted() != null);
            if (later.isPresent()) {
                leftAlone.add(one.token());
                until.add(later.get());
                continue;
            }
            List<Observation> known = baselines.getOrDefault(one.endpoint(), List.of());
            leases.add(new Lease(
                    one.endpoint(),
                    one.token(),
                    one.until(),
                    target,
                    depth(one, target, row, !known.isEmpty()),
                    one.lane(),
                    known,
                    attacks(Columns.jsonOrNull(row, "attacks"), Columns.instant(row, "now"))));
        }
        if (!leftAlone.isEmpty()) {
            table.postpone(siteId(), leftAlone, until);
        }
        return leases;
    }

    private Depth depth(LeaseTable.Taken one, Target target, Row row, boolean known) {
        if (!Columns.flag(row, "claimed") || target.tags().containsKey("fragile")) {
            return Depth.CERTIFICATE;
        }
        Depth own = target.depth() == null ? Depth.STANDARD : target.depth();
        String wanted = one.wanted();
        if (wanted != null) {
            return wanted.isEmpty() ? own : Depth.valueOf(wanted.toUpperCase(java.util.Locale.ROOT));
        }
        return known ? Depth.VERIFY : own;
    }

    /** Of those that a verification will do for. */
    private Map<Long, List<Observation>> baselines(List<LeaseTable.Taken> taken, Map<Long, Row> targets) {
        List<Long> ids = new ArrayList<>();
        for (LeaseTable.Taken one : taken) {
            Row row = targets.get(one.endpoint());
            Instant whole = one.fullAt();
            if (row == null || one.wanted() != null || whole == null) {
                continue;
            }
            boolean fresh = whole.plus(settings.wholeEvery()).isAfter(Columns.instant(row, "now"));
            if (fresh && TargetRows.target(row).depth() != Depth.CERTIFICATE) {
                ids.add(one.endpoint());
            }
        }
        if (ids.isEmpty()) {
            return Map.of();
        }
        List<Observations.Frame> frames = new ArrayList<>();
        List<Long> of = new ArrayList<>();
        for (Row row : database.sql()
                .rows(
                        "SELECT a.endpoint_id, " + ScanRows.COLUMNS
                                + " FROM unnest($1::bigint[]) AS e(id) JOIN target t ON t.id = e.id CROSS JOIN LATERAL ("
                                + " SELECT * FROM address WHERE endpoint_id = e.id AND observation_id IS NOT NULL"
                                + " AND outcome IN ('complete', 'partial') AND depth <> 'certificate' ORDER BY last_at DESC LIMIT $2) a",
                        ids,
                        MOST_ADDRESSES)) {
            of.add(Columns.number(row, "endpoint_id"));
            frames.add(ScanRows.frame(row));
        }
        Map<Long, List<Observation>> baselines = new HashMap<>();
        try {
            List<Observation> read = Observations.read(database.sql(), frames);
            for (int i = 0; i < of.size(); i++) {
                baselines.computeIfAbsent(of.get(i), id -> new ArrayList<>()).add(read.get(i));
            }
        } catch (RuntimeException e) {
            for (int i = 0; i < of.size(); i++) {
                Observation one = readable(of.get(i), frames.get(i));
                if (one != null) {
                    baselines
                            .computeIfAbsent(of.get(i), id -> new ArrayList<>())
                            .add(one);
                }
            }
        }
        return baselines;
    }

    /** Null where the record cannot be read, as one of a newer version cannot: that endpoint is scanned whole. */
    private @Nullable Observation readable(long endpoint, Observations.Frame frame) {
        try {
            return Observations.read(database.sql(), List.of(frame)).getFirst();
        } catch (RuntimeException e) {
            LOG.warn("the last observation of endpoint {} cannot be read, it is scanned whole", endpoint, e);
            return null;
        }
    }

    private static List<String> attacks(@Nullable JsonNode authorisation, Instant now) {
        if (authorisation == null || !authorisation.hasNonNull("until")) {
            return List.of();
        }
        if (!Json.read(authorisation.get("until"), Instant.class).isAfter(now)) {
            return List.of();
        }
        List<String> probes = new ArrayList<>();
        authorisation.path("probes").forEach(p -> probes.add(p.asText()));
        return probes;
    }
}

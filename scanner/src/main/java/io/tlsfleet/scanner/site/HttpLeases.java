package io.tlsfleet.scanner.site;

import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.lease.LeaseSource;
import io.tlsfleet.fleet.lease.Presence;
import io.tlsfleet.fleet.lease.SiteLink;
import io.tlsfleet.fleet.lease.SiteRules;
import io.tlsfleet.fleet.lease.SiteWire;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The leases of one site from the API over HTTPS. Results that the API cannot take now go to the spool and are handed in before
 * anything new is leased: their leases are still theirs if nobody else took them meanwhile.
 */
public final class HttpLeases implements LeaseSource, SiteLink, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpLeases.class);
    private static final Executor VIRTUAL = Executors.newVirtualThreadPerTaskExecutor();
    private static final int REQUEST_CHARS = 1_500_000;
    private static final int UNAUTHORIZED = 401;

    private final ApiClient client;
    private final Spool spool;
    private final String worker;
    private final ReentrantLock draining = new ReentrantLock();

    /** Where the API is, how to get there, and where results wait: at most {@code spoolBytes} of them. */
    public record Settings(
            URI api,
            Credential credential,
            @Nullable Path ca,
            @Nullable URI proxy,
            String worker,
            Path spool,
            long spoolBytes) {}

    public HttpLeases(Settings settings, InstantSource clock) throws IOException {
        this.client = new ApiClient(settings.api(), settings.credential(), settings.ca(), settings.proxy());
        this.spool = new Spool(settings.spool(), settings.spoolBytes(), clock);
        this.worker = settings.worker();
    }

    @Override
    public CompletionStage<List<Lease>> lease(int lane, int limit) {
        return later(() -> {
            drain();
            return client.post(
                            "leases", Json.write(new SiteWire.LeaseRequest(worker, lane, limit)), SiteWire.Leases.class)
                    .leases();
        });
    }

    @Override
    public CompletionStage<List<UUID>> renew(List<UUID> tokens) {
        return later(() -> tokens.isEmpty()
                ? tokens
                : client.post("leases/renew", Json.write(new SiteWire.Tokens(tokens)), SiteWire.Tokens.class)
                        .tokens());
    }

    /** What cannot be handed in now is on the disk when this answers, and counts as taken: the spool answers for it. */
    @Override
    public CompletionStage<List<Boolean>> complete(List<Completed> results) {
        return later(() -> {
            List<String> lines = results.stream().map(Json::write).toList();
            try {
                if (spool.isEmpty()) {
                    return send(lines);
                }
            } catch (ApiAway e) {
                LOG.warn("{} results go to the spool: {}", lines.size(), e.getMessage());
            } catch (IOException e) {
                throw new ApiAway("the spool cannot be read: " + e.getMessage());
            }
            keep(lines);
            return lines.stream().map(line -> true).toList();
        });
    }

    @Override
    public CompletionStage<Void> release(List<UUID> tokens) {
        return later(() -> {
            if (!tokens.isEmpty()) {
                client.post("leases/release", Json.write(new SiteWire.Tokens(tokens)));
            }
            return null;
        });
    }

    @Override
    public CompletionStage<SiteRules> report(Presence presence) {
        return later(() -> {
            SiteRules rules =
                    client.post("presence", Json.write(new SiteWire.Report(worker, presence)), SiteRules.class);
            drain();
            return rules;
        });
    }

    @Override
    public CompletionStage<List<Integer>> hold(List<Integer> shards) {
        return later(() -> shards.isEmpty()
                ? shards
                : client.post("holds", Json.write(new SiteWire.Holds(worker, shards, null)), SiteWire.Shards.class)
                        .shards());
    }

    @Override
    public CompletionStage<Void> letGo(List<Integer> shards) {
        return later(() -> {
            client.post("holds", Json.write(new SiteWire.Holds(worker, List.of(), shards)), SiteWire.Shards.class);
            return null;
        });
    }

    @Override
    public CompletionStage<Void> defer(List<Deferred> leases) {
        return later(() -> {
            if (!leases.isEmpty()) {
                client.post("leases/defer", Json.write(new SiteWire.Deferrals(worker, leases)));
            }
            return null;
        });
    }

    @Override
    public CompletionStage<Void> leave() {
        return later(() -> {
            client.post("farewell", Json.write(new SiteWire.Farewell(worker)));
            return null;
        });
    }

    private void keep(List<String> lines) {
        try {
            spool.add(lines);
        } catch (IOException e) {
            // the worker keeps them in memory and stops leasing
            throw new ApiAway(String.valueOf(e.getMessage()));
        }
    }

    /** Hands in what waits, oldest first; ends with {@link ApiAway} where the API does. One at a time, others go on. */
    private void drain() {
        draining.lock();
        try {
            for (Path file : spool.files()) {
                List<String> lines = spool.read(file);
                List<Boolean> taken = send(lines);
                spool.remove(file);
                LOG.info(
                        "{} results of the spool were handed in, {} of them in time",
                        lines.size(),
                        taken.stream().filter(t -> t).count());
            }
        } catch (IOException e) {
            throw new ApiAway("the spool cannot be read: " + e.getMessage());
        } finally {
            draining.unlock();
        }
    }

    /** In requests of a size that the API takes. */
    private List<Boolean> send(List<String> lines) {
        List<Boolean> taken = new ArrayList<>();
        for (int from = 0; from < lines.size(); ) {
            int to = from + 1;
            int size = lines.get(from).length();
            while (to < lines.size() && size + lines.get(to).length() < REQUEST_CHARS) {
                size += lines.get(to++).length();
            }
            taken.addAll(sendOnce(lines.subList(from, to)));
            from = to;
        }
        return taken;
    }

    /** What the API will not have is singled out; a token that it does not know may be mended, so then everything waits. */
    private List<Boolean> sendOnce(List<String> lines) {
        try {
            return client.post("results", "{\"results\":[" + String.join(",", lines) + "]}", SiteWire.Taken.class)
                    .taken();
        } catch (ApiRefused e) {
            if (e.status() == UNAUTHORIZED) {
                throw new ApiAway(String.valueOf(e.getMessage()));
            }
            if (lines.size() == 1) {
                LOG.error("a result is refused and dropped: {}", e.getMessage());
                return List.of(false);
            }
            int half = lines.size() / 2;
            List<Boolean> taken = new ArrayList<>(sendOnce(lines.subList(0, half)));
            taken.addAll(sendOnce(lines.subList(half, lines.size())));
            return taken;
        }
    }

    private static <T extends @Nullable Object> CompletionStage<T> later(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, VIRTUAL);
    }

    @Override
    public void close() {
        client.close();
    }
}

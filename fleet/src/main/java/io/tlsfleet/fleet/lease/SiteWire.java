package io.tlsfleet.fleet.lease;

import io.tlsfleet.fleet.lease.LeaseSource.Completed;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a worker of a remote site and the API say to each other, as JSON members. Which site it is says the token; the worker's
 * own name travels along, since one token may serve several.
 */
public final class SiteWire {
    public static final String PATH = "/api/v1/site/";

    private SiteWire() {}

    public record LeaseRequest(String worker, int lane, int limit) {
        public LeaseRequest {
            Objects.requireNonNull(worker);
        }
    }

    public record Leases(List<Lease> leases) {
        public Leases {
            leases = List.copyOf(leases);
        }
    }

    public record Tokens(List<UUID> tokens) {
        public Tokens {
            tokens = List.copyOf(tokens);
        }
    }

    public record Results(List<Completed> results) {
        public Results {
            results = List.copyOf(results);
        }
    }

    public record Taken(List<Boolean> taken) {
        public Taken {
            taken = List.copyOf(taken);
        }
    }

    public record Report(String worker, Presence presence) {
        public Report {
            Objects.requireNonNull(worker);
            Objects.requireNonNull(presence);
        }
    }

    /** {@code letGo}: held no longer; null says the same as none. */
    public record Holds(
            String worker, List<Integer> shards, @Nullable List<Integer> letGo) {
        public Holds {
            Objects.requireNonNull(worker);
            shards = List.copyOf(shards);
            letGo = letGo == null ? List.of() : List.copyOf(letGo);
        }
    }

    public record Shards(List<Integer> shards) {
        public Shards {
            shards = List.copyOf(shards);
        }
    }

    public record Deferrals(String worker, List<SiteLink.Deferred> leases) {
        public Deferrals {
            Objects.requireNonNull(worker);
            leases = List.copyOf(leases);
        }
    }

    public record Farewell(String worker) {
        public Farewell {
            Objects.requireNonNull(worker);
        }
    }
}

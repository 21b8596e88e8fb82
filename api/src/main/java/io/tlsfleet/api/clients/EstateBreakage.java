package io.tlsfleet.api.clients;

import io.tlsfleet.fleet.simulate.Proposal;
import io.tlsfleet.fleet.simulate.SeenClient;
import io.tlsfleet.fleet.simulate.ServerOffer;
import io.tlsfleet.store.ingest.Latest;
import io.tlsfleet.store.sensor.ClientCounts;
import io.tlsfleet.store.sensor.ClientCounts.Client;
import io.tlsfleet.tls.fingerprint.KnownClients;
import io.tlsfleet.tls.fingerprint.KnownClients.KnownClient;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** The same change on many servers: which clients would be lost, where and how often. */
public final class EstateBreakage {
    private static final int MOST_PLACES = 50;

    private final KnownClients known;
    private final Proposal proposal;
    private final Map<String, Client> shown;

    /** {@code shown}: the clients that were seen often enough, by fingerprint; no other is told. */
    public EstateBreakage(KnownClients known, Proposal proposal, Map<String, Client> shown) {
        this.known = known;
        this.proposal = proposal;
        this.shown = Map.copyOf(shown);
    }

    /** {@code count} of connections at the servers asked; of these {@code breaks} would fail, {@code unknown} may; null is 1 to 4. */
    public record Line(
            String kind,
            String fingerprint,
            List<String> names,
            long count,
            @Nullable Long breaks,
            @Nullable Long unknown,
            List<Place> places) {}

    /** Null for what is too small to be told. */
    private static @Nullable Long told(long count) {
        return count > 0 && count < ClientCounts.LEAST_SHOWN ? null : (Long) count;
    }

    /** Where a client would be lost; a small count is not told. */
    public record Place(long id, String name, long count) {}

    private static final class Sum {
        private long count;
        private long breaks;
        private long unknown;
        private final List<Place> places = new ArrayList<>();
    }

    /** By fingerprint, the most to be lost first. */
    public Map<String, Line> over(List<Latest.Seen> scans, LongFunction<List<ClientCounts.AtEndpoint>> clientsOf) {
        Map<String, Sum> sums = new LinkedHashMap<>();
        for (Latest.Seen scan : scans) {
            List<ClientCounts.AtEndpoint> here = clientsOf.apply(scan.endpoint());
            if (!here.isEmpty()) {
                one(scan, here, sums);
            }
        }
        Map<String, Line> lines = new LinkedHashMap<>();
        List<Map.Entry<String, Sum>> worstFirst = new ArrayList<>(sums.entrySet());
        worstFirst.sort(Comparator.<Map.Entry<String, Sum>>comparingLong(e -> e.getValue().breaks)
                .thenComparingLong(e -> e.getValue().count)
                .reversed());
        worstFirst.forEach(entry -> {
            String fingerprint = entry.getKey();
            Sum sum = entry.getValue();
            Client client = shown.get(fingerprint);
            if (client != null && sum.count >= ClientCounts.LEAST_SHOWN) {
                lines.put(
                        fingerprint,
                        new Line(
                                client.kind(),
                                fingerprint,
                                Breakage.named(known, client.kind(), fingerprint).stream()
                                        .map(KnownClient::name)
                                        .toList(),
                                sum.count,
                                told(sum.breaks),
                                told(sum.unknown),
                                sum.places.stream()
                                        .sorted(Comparator.comparingLong(Place::count)
                                                .reversed())
                                        .limit(MOST_PLACES)
                                        .toList()));
            }
        });
        return lines;
    }

    private void one(Latest.Seen scan, List<ClientCounts.AtEndpoint> here, Map<String, Sum> sums) {
        ServerOffer today = ServerOffer.of(scan.observation());
        ServerOffer then = proposal.to(today).server();
        for (ClientCounts.AtEndpoint seen : here) {
            Client client = shown.get(seen.fingerprint());
            if (client == null) {
                continue;
            }
            Sum sum = sums.computeIfAbsent(seen.fingerprint(), f -> new Sum());
            SeenClient simulated = SeenClient.of(
                    client.kind(),
                    client.fingerprint(),
                    client.profile(),
                    Breakage.named(known, client.kind(), client.fingerprint()));
            String outcome = Breakage.outcome(simulated.with(today), simulated.with(then));
            sum.count += seen.count();
            if (outcome.equals("breaks")) {
                sum.breaks += seen.count();
                if (seen.count() >= ClientCounts.LEAST_SHOWN) {
                    sum.places.add(new Place(
                            scan.endpoint(),
                            scan.target().host() + ":" + scan.target().port(),
                            seen.count()));
                }
            } else if (outcome.equals("unknown")) {
                sum.unknown += seen.count();
            }
        }
    }
}

package io.tlsfleet.scanner.worker;

import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.target.AddressShard;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.fleet.target.TargetLines;
import io.tlsfleet.scanner.connect.Destination;
import io.tlsfleet.scanner.fetch.ObservationFetch;
import io.tlsfleet.scanner.resolve.Resolver;
import io.tlsfleet.scanner.resolve.Unresolved;
import io.tlsfleet.scanner.scan.Lanes;
import io.tlsfleet.scanner.scan.Question;
import io.tlsfleet.scanner.scan.Scan;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A lease's target resolved, every address of it scanned, its chains completed where the site fetches. */
public final class LeasedScan implements EndpointScan {
    private static final int MAX_ADDRESSES = 16;

    private final Scan scan;
    private final Lanes lanes;
    private final Resolver resolver;
    private final @Nullable ObservationFetch chains;
    private final Territory territory;
    private final Bookings bookings;
    private final Owners owners;

    /** Told whose address is about to be dialled, for the caps of owners. */
    @FunctionalInterface
    public interface Owners {
        void belongs(InetAddress address, @Nullable String owner);
    }

    /** {@code lanes}: so many at once, not counting those who keep us waiting. {@code chains} null: the site asks nobody else. */
    public LeasedScan(
            Scan scan,
            Lanes lanes,
            Resolver resolver,
            @Nullable ObservationFetch chains,
            Territory territory,
            Bookings bookings,
            Owners owners) {
        this.scan = scan;
        this.lanes = lanes;
        this.resolver = resolver;
        this.chains = chains;
        this.territory = territory;
        this.bookings = bookings;
        this.owners = owners;
    }

    @Override
    public List<Observation> scan(Lease lease) throws InterruptedException, NotNow {
        Target target = lease.target();
        String serverName = serverName(target);
        List<Destination> destinations;
        try {
            destinations = destinations(target);
        } catch (Unresolved e) {
            return List.of(scan.unresolved(
                    new Observation.Endpoint(target.host(), null, target.port(), serverName, target.starttls()),
                    lease.depth(),
                    String.valueOf(e.getMessage())));
        }
        Set<Integer> shards = new LinkedHashSet<>();
        destinations.forEach(d -> shards.add(AddressShard.of(d.address())));
        try (Bookings.Stay _ = bookings.enter(destinations.getFirst().address(), target.owner(), lease.depth())) {
            territory.enter(shards);
            try {
                return scan(lease, serverName, destinations);
            } finally {
                territory.leave(shards);
            }
        }
    }

    private List<Observation> scan(Lease lease, @Nullable String serverName, List<Destination> destinations)
            throws InterruptedException {
        Target target = lease.target();
        List<Observation> seen = new ArrayList<>();
        for (Destination destination : destinations) {
            owners.belongs(destination.address(), target.owner());
            Question question = new Question(
                    target.host(),
                    destination,
                    target.port(),
                    serverName,
                    target.starttls(),
                    lease.depth(),
                    List.of(),
                    Set.copyOf(lease.allowedAttacks()));
            Observation baseline = baseline(lease, destination);
            Observation one;
            if (baseline != null) {
                one = ownWord(
                        baseline,
                        lanes.run(place -> scan.verify(question, baseline, whole(lease), place))
                                .observation());
            } else {
                Question asked = lease.depth() == Depth.VERIFY ? question.at(whole(lease)) : question;
                one = lanes.run(place -> scan.scan(asked, place));
            }
            seen.add(chains == null ? one : chains.complete(one, lease.target()));
        }
        return seen;
    }

    /**
     * What a verification carries over was asked of this endpoint before: only what stood on another name's word then still
     * does. So what is unchanged is the same observation, and no new line of its history.
     */
    private static Observation ownWord(Observation baseline, Observation verified) {
        if (verified.scan().depth() != Depth.VERIFY) {
            return verified;
        }
        Set<String> borrowed = baseline.coverage().stream()
                .filter(line -> Boolean.TRUE.equals(line.inferred()))
                .map(Observation.Coverage::fact)
                .collect(Collectors.toSet());
        return verified.withCoverage(verified.coverage().stream()
                .filter(line -> !Boolean.TRUE.equals(line.inferred()) || borrowed.contains(line.fact()))
                .toList());
    }

    /** What a verification stands on: a whole observation of the same address; null where there is none. */
    private static @Nullable Observation baseline(Lease lease, Destination destination) {
        Observation last = lease.baseline(destination.host());
        return lease.depth() == Depth.VERIFY
                        && last != null
                        && last.scan().outcome() == Outcome.COMPLETE
                        && last.protocols() != null
                ? last
                : null;
    }

    /** How deep the endpoint is asked when it is asked for everything. */
    private static Depth whole(Lease lease) {
        Depth own = lease.target().depth();
        return own == null || own == Depth.VERIFY ? Depth.STANDARD : own;
    }

    private List<Destination> destinations(Target target) throws Unresolved, InterruptedException {
        List<Destination> found = new ArrayList<>();
        List<String> places = target.addresses().isEmpty() ? List.of(target.host()) : target.addresses();
        for (String place : places) {
            TargetLines.HostPort where = TargetLines.hostPort(place);
            int port = where.port() == 0 ? target.port() : where.port();
            for (InetAddress address : resolver.addresses(where.host())) {
                found.add(new Destination(address, port));
            }
        }
        return found.subList(0, Math.min(MAX_ADDRESSES, found.size()));
    }

    private static @Nullable String serverName(Target target) {
        String sni = target.sni();
        if (sni != null) {
            return sni.equals(Target.NO_SNI) ? null : sni;
        }
        return Resolver.isLiteral(target.host()) ? null : target.host();
    }
}

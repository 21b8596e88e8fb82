package io.tlsfleet.launcher.work;

import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.fleet.target.TargetLines;
import io.tlsfleet.scanner.connect.Destination;
import io.tlsfleet.scanner.resolve.Resolver;
import io.tlsfleet.scanner.resolve.Unresolved;
import io.tlsfleet.scanner.scan.Question;
import io.tlsfleet.scanner.scan.Scan;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** From a lease to what is asked: its addresses, pinned or resolved, and the name to send. */
public final class EndpointScanning implements Worker.Scanning {
    private static final int MOST_ADDRESSES = 8;

    private final Scan scan;
    private final Resolver resolver;

    public EndpointScanning(Scan scan, Resolver resolver) {
        this.scan = scan;
        this.resolver = resolver;
    }

    @Override
    public List<Observation> scan(Lease lease) throws InterruptedException {
        Target target = lease.target();
        String serverName = serverName(target);
        List<Destination> destinations;
        try {
            destinations = destinations(target);
        } catch (Unresolved e) {
            var endpoint = new Observation.Endpoint(target.host(), null, target.port(), serverName, target.starttls());
            return List.of(scan.unresolved(endpoint, lease.depth(), String.valueOf(e.getMessage())));
        }
        List<Observation> observations = new ArrayList<>();
        for (Destination destination : destinations) {
            observations.add(scan.scan(new Question(
                    target.host(),
                    destination,
                    target.port(),
                    serverName,
                    target.starttls(),
                    lease.depth(),
                    List.of(),
                    Set.copyOf(lease.allowedAttacks()))));
        }
        return observations;
    }

    private List<Destination> destinations(Target target) throws Unresolved, InterruptedException {
        List<Destination> destinations = new ArrayList<>();
        List<String> places = target.addresses().isEmpty() ? List.of(target.host()) : target.addresses();
        for (String place : places) {
            boolean pinned = !target.addresses().isEmpty();
            var where = pinned ? TargetLines.hostPort(place) : null;
            int port = where == null || where.port() == 0 ? target.port() : where.port();
            for (InetAddress address : resolver.addresses(where == null ? place : where.host())) {
                destinations.add(new Destination(address, port));
            }
        }
        return destinations.subList(0, Math.min(MOST_ADDRESSES, destinations.size()));
    }

    private static @Nullable String serverName(Target target) {
        String sni = target.sni();
        if (sni != null) {
            return sni.equals(Target.NO_SNI) ? null : sni;
        }
        String host = target.host();
        if (Resolver.isLiteral(host)) {
            return null;
        }
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }
}

package io.tlsfleet.scanner.scan;

import io.netty.channel.EventLoopGroup;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.scanner.connect.Connector;
import io.tlsfleet.scanner.connect.Destination;
import io.tlsfleet.scanner.connect.EventLoops;
import io.tlsfleet.scanner.connect.Limits;
import io.tlsfleet.scanner.connect.Politeness;
import io.tlsfleet.scanner.connect.Route;
import io.tlsfleet.scanner.resolve.NameRecords;
import io.tlsfleet.tls.keys.KeyShares;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A scanner on loopback for tests. */
final class Rig implements AutoCloseable {
    private final EventLoopGroup loops = EventLoops.start();
    private final Connector connector;
    private final Scan scan;

    Rig() {
        this(new Politeness(4, 1000, 1000, 0), Limits.STANDARD, Duration.ofSeconds(60));
    }

    /** With a resolver to ask about the names. */
    Rig(NameRecords records) {
        this(new Politeness(4, 1000, 1000, 0), Limits.STANDARD, Duration.ofSeconds(60), records);
    }

    Rig(Politeness politeness, Limits limits, Duration deadline) {
        this(politeness, limits, deadline, null);
    }

    /** With fingerprints beyond the usual ones. */
    Rig(Extras extras) {
        this(new Politeness(4, 1000, 1000, 0), Limits.STANDARD, Duration.ofSeconds(60), null, extras);
    }

    private Rig(Politeness politeness, Limits limits, Duration deadline, @Nullable NameRecords records) {
        this(politeness, limits, deadline, records, Extras.NONE);
    }

    /** By way of a proxy. */
    Rig(Route route) {
        this(new Politeness(4, 1000, 1000, 0), Limits.STANDARD, Duration.ofSeconds(60), null, Extras.NONE, route);
    }

    private Rig(Politeness politeness, Limits limits, Duration deadline, @Nullable NameRecords records, Extras extras) {
        this(politeness, limits, deadline, records, extras, Route.DIRECT);
    }

    private Rig(
            Politeness politeness,
            Limits limits,
            Duration deadline,
            @Nullable NameRecords records,
            Extras extras,
            Route route) {
        connector = new Connector(loops, AddressGate.local(), politeness, route);
        scan = new Scan(
                connector,
                new KeyShares(new SecureRandom()),
                new SecureRandom(),
                InstantSource.system(),
                new Scan.Settings(limits, deadline, "test", extras),
                records);
    }

    /** The command line's manners with one second of patience, so that tests of silence are short. */
    static Rig impatient() {
        Duration second = Duration.ofSeconds(1);
        return new Rig(Politeness.COMMAND_LINE, Limits.of(second, second), Duration.ofSeconds(30));
    }

    Observation scan(int port, Depth depth) {
        return scan(port, depth, "localhost");
    }

    Observation scan(int port, Depth depth, @Nullable String serverName) {
        return scan(port, depth, serverName, null);
    }

    Observation scan(int port, Depth depth, @Nullable String serverName, @Nullable String starttls) {
        return scan.scan(new Question(
                "localhost",
                new Destination(InetAddress.getLoopbackAddress(), port),
                port,
                serverName,
                starttls,
                depth,
                List.of(),
                Set.of()));
    }

    /** Everything, with all attacks allowed. */
    Observation attack(int port) {
        return scan.scan(new Question(
                "localhost",
                new Destination(InetAddress.getLoopbackAddress(), port),
                port,
                "localhost",
                null,
                Depth.FULL,
                List.of(),
                Set.of("all")));
    }

    /** An endpoint of that name and port, dialled on loopback, with no name sent. */
    Observation scan(String host, int dialled, int port) {
        return scan.scan(question(host, dialled, port, null));
    }

    static Question question(String host, int dialled, int port, @Nullable String serverName) {
        return question(host, dialled, port, serverName, null);
    }

    static Question question(
            String host, int dialled, int port, @Nullable String serverName, @Nullable String starttls) {
        Destination destination = new Destination(InetAddress.getLoopbackAddress(), dialled);
        return new Question(host, destination, port, serverName, starttls, Depth.FULL, List.of(), Set.of());
    }

    Connector connector() {
        return connector;
    }

    Scan.Verified verify(int port, Observation baseline) {
        return scan.verify(
                new Question(
                        "localhost",
                        new Destination(InetAddress.getLoopbackAddress(), port),
                        port,
                        baseline.endpoint().sni(),
                        null,
                        Depth.VERIFY,
                        List.of(),
                        Set.of()),
                baseline,
                baseline.tolerance() == null ? Depth.STANDARD : Depth.FULL);
    }

    static List<String> suites(Observation seen, String version) {
        Observation.Suites part = Objects.requireNonNull(seen.cipherSuites()).get(version);
        return part == null
                ? List.of()
                : part.suites().stream().map(Observation.CodePoint::name).toList();
    }

    static List<String> groups(Observation seen, String version) {
        Observation.Groups part = Objects.requireNonNull(seen.groups()).get(version);
        return part == null
                ? List.of()
                : part.groups().stream().map(Observation.CodePoint::name).toList();
    }

    @Override
    public void close() {
        EventLoops.stop(loops);
    }
}

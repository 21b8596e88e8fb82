package io.tlsfleet.launcher;

import io.tlsfleet.api.metrics.ScanCounters;
import io.tlsfleet.fleet.lease.LeaseSource;
import io.tlsfleet.fleet.lease.Presence;
import io.tlsfleet.fleet.lease.SharedClock;
import io.tlsfleet.fleet.lease.SiteLink;
import io.tlsfleet.fleet.lease.SiteRules;
import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.fleet.target.AddressRange;
import io.tlsfleet.fleet.target.Blocklist;
import io.tlsfleet.scanner.cli.Plugins;
import io.tlsfleet.scanner.connect.Connector;
import io.tlsfleet.scanner.connect.Politeness;
import io.tlsfleet.scanner.fetch.ChainFetch;
import io.tlsfleet.scanner.fetch.Fetcher;
import io.tlsfleet.scanner.fetch.ObservationFetch;
import io.tlsfleet.scanner.file.FileScan;
import io.tlsfleet.scanner.resolve.NameRecords;
import io.tlsfleet.scanner.resolve.Resolver;
import io.tlsfleet.scanner.scan.Extras;
import io.tlsfleet.scanner.scan.Lanes;
import io.tlsfleet.scanner.scan.Scan;
import io.tlsfleet.scanner.worker.Attendance;
import io.tlsfleet.scanner.worker.Bookings;
import io.tlsfleet.scanner.worker.EndpointScan;
import io.tlsfleet.scanner.worker.LeasedScan;
import io.tlsfleet.scanner.worker.Overload;
import io.tlsfleet.scanner.worker.Territory;
import io.tlsfleet.scanner.worker.Worker;
import io.tlsfleet.tls.keys.KeyShares;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One worker put together, wherever its leases come from. */
final class Scanning {
    /** So many more are under way than scan at once: those who keep us waiting give their place to others meanwhile. */
    private static final int SILENT = 4;

    private static final Duration REPORT_EVERY = Duration.ofSeconds(10);

    private Scanning() {}

    /**
     * {@code consent}: rates that the owner of all targets agreed to; null: the site's. {@code files}: the directories under
     * which files of certificates are read.
     */
    record Plan(
            LeaseSource source,
            SiteLink link,
            AddressGate gate,
            @Nullable Politeness consent,
            SiteJudging judging,
            int places,
            ScanCounters counters,
            Extras extras,
            List<Path> files) {}

    /** What {@code --fingerprints} asks for. */
    static Extras extras(@Nullable String asked) {
        try {
            return Plugins.extras(asked);
        } catch (IllegalArgumentException e) {
            throw Refusal.usage(String.valueOf(e.getMessage()));
        }
    }

    /** A name that no other worker of the fleet has. */
    static String workerName() {
        byte[] random = new byte[4];
        new SecureRandom().nextBytes(random);
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            host = "worker";
        }
        return host.substring(0, Math.min(64, host.length())) + "-"
                + HexFormat.of().formatHex(random);
    }

    static Worker begin(Halt halt, Vertx vertx, SharedClock clock, Plan plan) {
        long born = System.nanoTime();
        String version = Version.ofThisBuild().version();
        Resolver resolver = halt.add(Resolver.system(Resolver.Family.ANY));
        Politeness consent = plan.consent();
        Connector connector = new Connector(vertx, plan.gate(), consent == null ? Politeness.FLEET : consent);
        ObservationFetch chains = new ObservationFetch(
                new ChainFetch(new Fetcher(connector, resolver::addresses, clock), clock, new SecureRandom()),
                plan.judging().stores(),
                plan.judging()::of);
        Scan scan = new Scan(
                connector,
                new KeyShares(new SecureRandom()),
                new SecureRandom(),
                clock,
                new Scan.Settings(
                        Scan.Settings.STANDARD.limits(),
                        Scan.Settings.STANDARD.deadline(),
                        "tlsfleet/" + version,
                        plan.extras()),
                NameRecords.system());
        Territory territory = halt.add(new Territory(plan.link(), System::nanoTime));
        Bookings bookings = new Bookings(System::nanoTime);
        Overload overload = halt.add(new Overload(System::nanoTime));
        AtomicReference<@Nullable Worker> made = new AtomicReference<>();
        try {
            halt.add(Attendance.begin(
                    plan.link(),
                    () -> presence(version, born, made.get(), overload),
                    rules -> {
                        follow(rules, connector, bookings, plan);
                        territory.share(rules);
                    },
                    clock,
                    REPORT_EVERY));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Refusal.usage("stopped while starting");
        }
        Worker.Settings usual = Worker.Settings.STANDARD;
        Worker worker = halt.add(new Worker(
                plan.counters().counting(plan.source()),
                plan.link(),
                alsoFiles(
                        new LeasedScan(
                                scan,
                                new Lanes(plan.places()),
                                resolver,
                                chains,
                                territory,
                                bookings,
                                connector::belongs),
                        new FileScan(plan.files(), clock, "tlsfleet/" + version),
                        chains),
                new Worker.Settings(
                        List.of(plan.places() * SILENT, plan.places() * SILENT),
                        usual.batch(),
                        usual.idle(),
                        usual.renewal(),
                        usual.handIn(),
                        usual.answer(),
                        usual.farewell(),
                        usual.spool()),
                overload::excuses));
        made.set(worker);
        plan.counters().worker(worker::leasesHeld, worker::disregarded, overload::isNow);
        territory.start();
        overload.start();
        worker.start();
        return worker;
    }

    private static EndpointScan alsoFiles(EndpointScan network, FileScan files, ObservationFetch chains) {
        return lease -> lease.target().isFile()
                ? List.of(chains.complete(files.scan(lease), lease.target()))
                : network.scan(lease);
    }

    private static Presence presence(String version, long born, @Nullable Worker worker, Overload overload) {
        return new Presence(
                version,
                (System.nanoTime() - born) / 1_000_000,
                worker == null ? 0 : worker.leasesHeld(),
                worker == null ? 0 : worker.scanned(),
                overload.isNow());
    }

    /** What holds for the next connection. A rate for an owner is divided among those who share the site. */
    private static void follow(SiteRules rules, Connector connector, Bookings bookings, Plan plan) {
        List<AddressRange> denied =
                new ArrayList<>(rules.deny().stream().map(AddressRange::parse).toList());
        denied.addAll(Blocklist.of(rules.blocked()).ranges());
        AddressGate gate = plan.gate()
                .allowing(rules.allow().stream().map(AddressRange::parse).toList())
                .denying(denied);
        Politeness consent = plan.consent();
        Politeness caps = consent == null
                ? new Politeness(rules.concurrentPerHost(), rules.ratePerHost(), 1, rules.ratePerNetwork())
                : consent;
        connector.rules(gate, caps);
        Map<String, Double> rates = new TreeMap<>();
        rules.ownerRates().forEach((owner, rate) -> rates.put(owner, rate / rules.workers()));
        double usual = rules.ratePerOwner() / rules.workers();
        connector.ownerRates(usual, rates);
        bookings.caps(caps, owner -> rates.getOrDefault(owner, usual));
    }
}

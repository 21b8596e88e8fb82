package io.tlsfleet.scanner.cli;

import io.netty.channel.EventLoopGroup;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.policy.InvalidPolicy;
import io.tlsfleet.fleet.policy.Policies;
import io.tlsfleet.fleet.policy.Policy;
import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.fleet.target.FileFault;
import io.tlsfleet.fleet.target.InvalidTarget;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.fleet.target.TargetLines;
import io.tlsfleet.scanner.connect.Connector;
import io.tlsfleet.scanner.connect.EventLoops;
import io.tlsfleet.scanner.connect.Limits;
import io.tlsfleet.scanner.connect.Politeness;
import io.tlsfleet.scanner.connect.Route;
import io.tlsfleet.scanner.fetch.ChainFetch;
import io.tlsfleet.scanner.fetch.Fetcher;
import io.tlsfleet.scanner.fetch.ObservationFetch;
import io.tlsfleet.scanner.resolve.NameRecords;
import io.tlsfleet.scanner.resolve.Resolver;
import io.tlsfleet.scanner.scan.Extras;
import io.tlsfleet.scanner.scan.Scan;
import io.tlsfleet.scanner.worker.Overload;
import io.tlsfleet.tls.keys.ClientIdentity;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.x509.TrustStore;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** {@code tlsfleet scan}: endpoints in, reports out, with no database. As the site {@code local}. */
public final class ScanCommand implements Callable<Integer> {
    /** RFC 7301 section 3.1. */
    private static final int MAX_ALPN_BYTES = 255;

    private static final int BURST = 32;

    private final ScanOptions options = new ScanOptions();

    private final CommandSpec spec;

    private final InstantSource clock;
    private final String scanner;
    private final LongSupplier nanoTime;

    /** {@code scanner} names this program in reports: {@code tlsfleet/0.1.0}. */
    public ScanCommand(InstantSource clock, String scanner) {
        this(clock, scanner, System::nanoTime);
    }

    /** {@code nanoTime} tells whether this machine keeps up. */
    ScanCommand(InstantSource clock, String scanner, LongSupplier nanoTime) {
        this.clock = clock;
        this.scanner = scanner;
        this.nanoTime = nanoTime;
        this.spec = CommandSpec.wrapWithoutInspection(this, new Plainly()).name("scan");
        spec.usageMessage().description("Asks TLS endpoints now and says what is wrong with them, and how to mend it.");
        options.describe(spec);
    }

    /** What picocli is to run. */
    public CommandSpec described() {
        return spec;
    }

    @Override
    public Integer call() {
        List<Job> jobs = jobs();
        Baselines baselines = baselines(jobs);
        List<Policy> policies = policies();
        List<TrustStore> stores = stores();
        Extras extras = extras();
        Route route = route();
        Politeness politeness = politeness();
        KeyShares shares = shares();
        PrintWriter out = out();
        int code;
        boolean many = jobs.size() > 1 || options.allAddresses;
        if (many) {
            EventLoops.shareProcessors();
        }
        try (Resolver resolver = resolver()) {
            EventLoopGroup loops = EventLoops.start();
            try {
                Connector connector = new Connector(loops, AddressGate.local(), politeness, route);
                Scan scan = new Scan(
                        connector,
                        shares,
                        new SecureRandom(),
                        clock,
                        new Scan.Settings(
                                Limits.of(options.connectTimeout, options.readTimeout),
                                options.deadline,
                                scanner,
                                extras),
                        records());
                boolean terminal = options.output == null && Terminal.isOutput();
                try (ReportSink sink = new ReportSink(options.format, out, many, terminal, Terminal.width());
                        Progress progress = new Progress(
                                err(),
                                jobs.size() > 1 && Terminal.isError() && Terminal.isClever(System.getenv()),
                                jobs.size());
                        Overload overload = new Overload(nanoTime)) {
                    overload.start();
                    Judging judging = new Judging(policies, stores, options.at, clock);
                    code = new ScanRun(
                                    scan,
                                    fetch(connector, resolver, stores),
                                    resolver,
                                    judging,
                                    baselines,
                                    sink,
                                    progress,
                                    options,
                                    err(),
                                    overload)
                            .run(jobs);
                }
            } finally {
                EventLoops.stop(loops);
                if (options.output != null) {
                    out.close();
                }
            }
        }
        if (options.output != null && out instanceof Output file && file.fault().isPresent()) {
            throw usage("--output " + options.output + ": cannot be written ("
                    + file.fault().get() + ")");
        }
        return code;
    }

    /** Once its words are read: one target, named on the command line. */
    boolean asksOne() {
        return options.targets.size() == 1 && options.targetsFile == null && !options.allAddresses;
    }

    /** Null with {@code --no-network-fetch}. */
    private @Nullable ObservationFetch fetch(Connector connector, Resolver resolver, List<TrustStore> stores) {
        if (options.noNetworkFetch) {
            return null;
        }
        Fetcher fetcher = new Fetcher(connector, resolver::addresses, clock);
        return new ObservationFetch(new ChainFetch(fetcher, clock, new SecureRandom()), stores);
    }

    private List<Job> jobs() {
        List<Job> jobs = new ArrayList<>();
        try {
            if (options.starttls != null) {
                TargetLines.starttls(options.starttls);
            }
            if (options.connectTo != null) {
                TargetLines.hostPort(options.connectTo);
            }
            for (String name : options.alpn) {
                int length = name.getBytes(StandardCharsets.UTF_8).length;
                if (length < 1 || length > MAX_ALPN_BYTES) {
                    throw usage("--alpn '" + name + "': a protocol's name has 1 to " + MAX_ALPN_BYTES + " bytes");
                }
            }
            for (String word : options.targets) {
                jobs.add(Job.of(withPort(TargetLines.target(word), word), options));
            }
        } catch (InvalidTarget e) {
            throw usage(String.valueOf(e.getMessage()));
        }
        if (options.targetsFile != null) {
            jobs.addAll(fromFile(options.targetsFile));
        }
        if (jobs.isEmpty()) {
            throw usage("no target: give host, host:port or [v6]:port, or --targets FILE");
        }
        return jobs;
    }

    private Extras extras() {
        try {
            return Plugins.extras(options.fingerprints);
        } catch (IllegalArgumentException e) {
            throw usage(String.valueOf(e.getMessage()));
        }
    }

    /** Null where nothing is verified; every job that is has its own. */
    private @Nullable Baselines baselines(List<Job> jobs) {
        List<Job> verified =
                jobs.stream().filter(j -> j.depth() == Depth.VERIFY).toList();
        if (options.baseline == null) {
            if (!verified.isEmpty()) {
                throw usage("--depth verify needs --baseline REPORT, the JSON of an earlier scan of "
                        + verified.getFirst().target().host());
            }
            return null;
        }
        if (verified.isEmpty()) {
            throw usage("--baseline goes with --depth verify");
        }
        if (options.allAddresses) {
            throw usage("--all-addresses and --depth verify exclude each other: a baseline is of one address");
        }
        try {
            Baselines baselines = Baselines.read(options.baseline);
            for (Job job : verified) {
                baselines.of(job);
            }
            return baselines;
        } catch (Baselines.Unusable e) {
            throw usage(String.valueOf(e.getMessage()));
        }
    }

    /** {@code mail.example --starttls smtp} means the protocol's own port. */
    private Target withPort(Target target, String word) {
        return options.starttls != null && TargetLines.hostPort(word).port() == 0
                ? TargetLines.line(word + " starttls=" + options.starttls).orElseThrow()
                : target;
    }

    private List<Job> fromFile(String file) {
        List<Job> jobs = new ArrayList<>();
        int number = 0;
        try (BufferedReader lines = reader(file)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                TargetLines.line(line).ifPresent(target -> jobs.add(Job.of(target, options)));
            }
            return jobs;
        } catch (InvalidTarget e) {
            throw usage("--targets " + file + " line " + number + ": " + e.getMessage());
        } catch (NoSuchFileException e) {
            throw usage("--targets " + file + ": no such file");
        } catch (IOException e) {
            throw usage("--targets " + file + ": " + FileFault.of(e));
        }
    }

    private static BufferedReader reader(String file) throws IOException {
        return file.equals("-")
                ? new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
                : new BufferedReader(
                        new InputStreamReader(Files.newInputStream(Path.of(file)), StandardCharsets.UTF_8));
    }

    private List<Policy> policies() {
        List<Policy> policies = new ArrayList<>();
        for (String name : options.policies.isEmpty() ? List.of(Policies.DEFAULT) : options.policies) {
            try {
                Policy policy = Policies.find(name);
                if (policy == null) {
                    Path file = Path.of(name);
                    if (!Files.isReadable(file)) {
                        throw usage("--policy " + name + ": no such policy; there are "
                                + String.join(", ", Policies.SHIPPED) + ", or give a file");
                    }
                    policy = Policies.parse(Files.readString(file));
                }
                policies.add(policy);
            } catch (InvalidPolicy e) {
                throw usage("--policy " + name + ": "
                        + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
            } catch (IOException | UncheckedIOException e) {
                throw usage("--policy " + name + ": " + FileFault.of(e));
            }
        }
        return policies;
    }

    private List<TrustStore> stores() {
        try {
            return options.trust.stores(List.of("mozilla"), List.of());
        } catch (Stores.Unusable e) {
            throw usage(String.valueOf(e.getMessage()));
        }
    }

    private KeyShares shares() {
        KeyShares shares = new KeyShares(new SecureRandom());
        Path certificate = options.clientCertificate;
        if (certificate == null) {
            if (options.clientKey != null) {
                throw usage("--client-key needs --client-cert, the certificate it belongs to");
            }
            return shares;
        }
        Path key = options.clientKey == null ? certificate : options.clientKey;
        try {
            return shares.presenting(ClientIdentity.of(Files.readAllBytes(certificate), Files.readAllBytes(key)));
        } catch (NoSuchFileException e) {
            throw usage("--client-cert, --client-key: no such file: " + e.getMessage());
        } catch (ClientIdentity.Unusable e) {
            throw usage("--client-cert " + certificate + ", --client-key " + key + ": " + e.getMessage());
        } catch (IOException e) {
            throw usage("--client-cert, --client-key: " + FileFault.of(e));
        }
    }

    private Politeness politeness() {
        if (options.connectionsPerHost < 1 || options.connectionsPerHost > 100) {
            throw usage("--max-connections-per-host " + options.connectionsPerHost + ": give 1 to 100");
        }
        if (!(options.rate > 0 && options.rate <= 100_000)) {
            throw usage("--rate " + options.rate + ": give connections a second, more than 0");
        }
        if (options.concurrency < 1 || options.concurrency > 10_000) {
            throw usage("--concurrency " + options.concurrency + ": give 1 to 10000");
        }
        return new Politeness(
                options.connectionsPerHost, options.rate, (int) Math.min(BURST, Math.ceil(options.rate)), 0);
    }

    private Route route() {
        try {
            if (options.sourceAddress != null && !Resolver.isLiteral(options.sourceAddress)) {
                throw usage("--source-address " + options.sourceAddress + ": give an address of this machine");
            }
            return new Route(
                    options.sourceAddress == null ? null : InetAddress.getByName(options.sourceAddress),
                    options.proxy == null ? null : Proxies.of(options.proxy, this::usage));
        } catch (UnknownHostException e) {
            throw usage("--source-address " + options.sourceAddress + ": give an address of this machine");
        }
    }

    private Resolver resolver() {
        if (options.ipv4 && options.ipv6) {
            throw usage("-4 and -6 exclude each other");
        }
        Resolver.Family family =
                options.ipv4 ? Resolver.Family.IPV4 : options.ipv6 ? Resolver.Family.IPV6 : Resolver.Family.ANY;
        if (options.resolver == null) {
            return Resolver.system(family);
        }
        return Resolver.at(resolverAddress(), resolverPort(), family);
    }

    /** Null where nobody but the endpoint is to be asked: without network fetches and with no resolver named. */
    private @Nullable NameRecords records() {
        if (options.resolver != null) {
            return NameRecords.at(resolverAddress(), resolverPort());
        }
        return options.noNetworkFetch ? null : NameRecords.system();
    }

    private InetAddress resolverAddress() {
        try {
            String host = TargetLines.hostPort(String.valueOf(options.resolver)).host();
            if (Resolver.isLiteral(host)) {
                return InetAddress.getByName(host);
            }
        } catch (InvalidTarget | UnknownHostException e) {
            // said below
        }
        throw usage("--resolver " + options.resolver + ": give an address, with a port if it is not 53");
    }

    private int resolverPort() {
        return TargetLines.hostPort(String.valueOf(options.resolver)).port();
    }

    private PrintWriter out() {
        if (options.output == null) {
            return spec.commandLine().getOut();
        }
        try {
            // a whole report in one write; no channel, which an interrupted thread closes for those who still write
            return new Output(new BufferedOutputStream(new FileOutputStream(options.output.toFile()), 1 << 16), false);
        } catch (IOException e) {
            throw usage("--output " + options.output + ": cannot be written ("
                    + String.valueOf(e.getMessage()).replaceFirst("^.*\\((.*)\\)$", "$1") + ")");
        }
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}

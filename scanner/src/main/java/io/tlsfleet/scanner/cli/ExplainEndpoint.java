package io.tlsfleet.scanner.cli;

import io.netty.channel.EventLoopGroup;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.fleet.target.TargetLines;
import io.tlsfleet.scanner.connect.Connector;
import io.tlsfleet.scanner.connect.Destination;
import io.tlsfleet.scanner.connect.EventLoops;
import io.tlsfleet.scanner.connect.Politeness;
import io.tlsfleet.scanner.connect.Route;
import io.tlsfleet.scanner.fetch.ChainFetch;
import io.tlsfleet.scanner.fetch.Fetcher;
import io.tlsfleet.scanner.resolve.Resolver;
import io.tlsfleet.scanner.resolve.Unresolved;
import io.tlsfleet.scanner.scan.Question;
import io.tlsfleet.scanner.scan.Scan;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.x509.ChainQuestion;
import io.tlsfleet.tls.x509.TrustStore;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The chains that an endpoint serves, with what has to be fetched to judge them. */
final class ExplainEndpoint {
    private final Target target;
    private final @Nullable String serverName;
    private final @Nullable String starttls;
    private final @Nullable String connectTo;
    private final @Nullable String name;
    private final boolean fetching;
    private final InstantSource clock;
    private String failure = "no certificate came back";

    ExplainEndpoint(
            String source,
            @Nullable String sni,
            @Nullable String starttls,
            @Nullable String connectTo,
            @Nullable String host,
            boolean fetching,
            InstantSource clock) {
        Target plain = TargetLines.target(source);
        this.target = starttls != null && TargetLines.hostPort(source).port() == 0
                ? TargetLines.line(source + " starttls=" + starttls).orElseThrow()
                : plain;
        boolean none = Target.NO_SNI.equals(sni);
        this.serverName = none || sni == null && Resolver.isLiteral(target.host())
                ? null
                : sni == null ? target.host() : TargetLines.serverName(sni);
        this.starttls = starttls;
        this.connectTo = connectTo;
        this.name = host != null ? host : serverName != null ? serverName : target.host();
        this.fetching = fetching;
        this.clock = clock;
    }

    String failure() {
        return failure;
    }

    /** One explanation for each distinct chain; none when the endpoint gave no certificate. */
    List<Explanation> explain(List<TrustStore> stores, Instant at) throws InterruptedException {
        EventLoopGroup loops = EventLoops.start();
        try (Resolver resolver = Resolver.system(Resolver.Family.ANY)) {
            TargetLines.HostPort dialled = connectTo == null ? null : TargetLines.hostPort(connectTo);
            String lookedUp = dialled == null ? target.host() : dialled.host();
            int port = dialled == null || dialled.port() == 0 ? target.port() : dialled.port();
            InetAddress address;
            try {
                address = resolver.addresses(lookedUp).getFirst();
            } catch (Unresolved e) {
                failure = String.valueOf(e.getMessage());
                return List.of();
            }
            Connector connector = new Connector(loops, AddressGate.local(), Politeness.COMMAND_LINE, Route.DIRECT);
            Scan scan = new Scan(
                    connector, new KeyShares(new SecureRandom()), new SecureRandom(), clock, Scan.Settings.STANDARD);
            Observation observation = scan.scan(new Question(
                    target.host(),
                    new Destination(address, port),
                    target.port(),
                    serverName,
                    starttls,
                    Depth.CERTIFICATE,
                    List.of(),
                    java.util.Set.of()));
            Reason reason = observation.scan().reason();
            String detail = observation.scan().detail();
            failure = (reason == null ? failure : reason.word()) + (detail == null ? "" : ": " + detail);
            ChainFetch fetch =
                    new ChainFetch(new Fetcher(connector, resolver::addresses, clock), clock, new SecureRandom());
            List<Explanation> explanations = new ArrayList<>();
            List<Observation.ServedChain> served = observation.served();
            for (Observation.ServedChain chain : served == null ? List.<Observation.ServedChain>of() : served) {
                explanations.add(
                        explain(chain, fetching ? fetch.fetch(chain.chain(), stores, true) : List.of(), stores, at));
            }
            return explanations;
        } finally {
            EventLoops.stop(loops);
        }
    }

    private Explanation explain(
            Observation.ServedChain chain, List<Observation.Fetched> fetched, List<TrustStore> stores, Instant at) {
        ChainQuestion question = ChainQuestion.of(chain.chain(), stores, at)
                .withHost(name)
                .withKnown(bytes(fetched, "issuer"))
                .withStaples(chain.staples())
                .withTlsScts(chain.tlsScts())
                .withRevocation(bytes(fetched, "crl"), bytes(fetched, "ocsp"), false);
        return Explanation.of(target.host() + ":" + target.port(), question, chain.servedOn(), true);
    }

    /** Issuers of a chain that nobody served, by what its certificates say of them. */
    static List<byte[]> issuers(List<byte[]> chain, List<TrustStore> stores, InstantSource clock) {
        EventLoopGroup loops = EventLoops.start();
        try (Resolver resolver = Resolver.system(Resolver.Family.ANY)) {
            Connector connector = new Connector(loops, AddressGate.local(), Politeness.COMMAND_LINE, Route.DIRECT);
            Fetcher fetcher = new Fetcher(connector, resolver::addresses, clock);
            return bytes(new ChainFetch(fetcher, clock, new SecureRandom()).fetch(chain, stores, false), "issuer");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        } finally {
            EventLoops.stop(loops);
        }
    }

    private static List<byte[]> bytes(List<Observation.Fetched> fetched, String kind) {
        List<byte[]> found = new ArrayList<>();
        for (Observation.Fetched one : fetched) {
            byte[] bytes = one.bytes();
            if (bytes != null && one.kind().equals(kind)) {
                found.add(bytes);
            }
        }
        return found;
    }
}

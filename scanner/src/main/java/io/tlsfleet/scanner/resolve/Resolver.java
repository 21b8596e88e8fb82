package io.tlsfleet.scanner.resolve;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;
import org.xbill.DNS.lookup.LookupResult;
import org.xbill.DNS.lookup.LookupSession;

/** All addresses of a name, in the resolver's order, of the families that are wanted. Literals are not looked up. */
public final class Resolver implements AutoCloseable {
    private static final Pattern FOUR_NUMBERS = Pattern.compile("[0-9]+(\\.[0-9]+){3}");
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int LOOKUPS_AT_ONCE = 64;

    private final Family family;
    private final @Nullable LookupSession session;

    /** The system's lookups block in native code, where a virtual thread would hold on to its carrier. */
    private final ExecutorService lookups = Executors.newFixedThreadPool(
            LOOKUPS_AT_ONCE, Thread.ofPlatform().daemon().name("resolve-", 0).factory());

    public enum Family {
        ANY,
        IPV4,
        IPV6
    }

    private Resolver(Family family, @Nullable LookupSession session) {
        this.family = family;
        this.session = session;
    }

    /** As the system resolves: hosts file, search domains and all. */
    public static Resolver system(Family family) {
        return new Resolver(family, null);
    }

    /** Through the DNS server at that address; port 53 where {@code port} is 0. */
    public static Resolver at(InetAddress server, int port, Family family) {
        SimpleResolver resolver = new SimpleResolver(server);
        resolver.setPort(port == 0 ? SimpleResolver.DEFAULT_PORT : port);
        resolver.setTimeout(PATIENCE);
        return new Resolver(family, LookupSession.builder().resolver(resolver).build());
    }

    public List<InetAddress> addresses(String host) throws Unresolved, InterruptedException {
        List<InetAddress> all =
                isLiteral(host) ? literal(host) : session == null ? bySystem(host) : byServer(session, host);
        List<InetAddress> wanted = all.stream().filter(this::isWanted).toList();
        if (wanted.isEmpty()) {
            throw new Unresolved(
                    all.isEmpty()
                            ? host + " does not resolve: no address"
                            : host + " has no " + (family == Family.IPV4 ? "IPv4" : "IPv6") + " address");
        }
        return wanted;
    }

    public static boolean isLiteral(String host) {
        return host.indexOf(':') >= 0 || FOUR_NUMBERS.matcher(host).matches();
    }

    @Override
    public void close() {
        lookups.shutdownNow();
    }

    private boolean isWanted(InetAddress address) {
        return switch (family) {
            case ANY -> true;
            case IPV4 -> address instanceof Inet4Address;
            case IPV6 -> address instanceof Inet6Address;
        };
    }

    private static List<InetAddress> literal(String host) throws Unresolved {
        try {
            return List.of(InetAddress.getByName(host));
        } catch (UnknownHostException e) {
            throw new Unresolved(host + " is no address");
        }
    }

    private List<InetAddress> bySystem(String host) throws Unresolved, InterruptedException {
        Future<InetAddress[]> lookup = lookups.submit(() -> InetAddress.getAllByName(host));
        try {
            return List.of(lookup.get());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownHostException) {
                throw new Unresolved(host + " does not resolve: check the name, or give an address with --connect-to");
            }
            throw new Unresolved(host + " does not resolve: " + e.getCause());
        }
    }

    private List<InetAddress> byServer(LookupSession lookup, String host) throws Unresolved, InterruptedException {
        try {
            Name name = Name.fromString(host.endsWith(".") ? host : host + ".");
            Set<InetAddress> found = new LinkedHashSet<>();
            List<Integer> types = new ArrayList<>();
            if (family != Family.IPV6) {
                types.add(Type.A);
            }
            if (family != Family.IPV4) {
                types.add(Type.AAAA);
            }
            @Nullable Throwable failure = null;
            for (int type : types) {
                try {
                    collect(lookup.lookupAsync(name, type).toCompletableFuture().get(), found);
                } catch (ExecutionException e) {
                    failure = e.getCause();
                }
            }
            if (found.isEmpty()) {
                throw new Unresolved(host + " does not resolve"
                        + (failure == null
                                ? ""
                                : ": " + failure.getClass().getSimpleName().replace("Exception", "")));
            }
            return List.copyOf(found);
        } catch (TextParseException e) {
            throw new Unresolved(host + " is no domain name");
        }
    }

    private static void collect(LookupResult result, Set<InetAddress> found) {
        for (Record entry : result.getRecords()) {
            if (entry instanceof ARecord a) {
                found.add(a.getAddress());
            } else if (entry instanceof AAAARecord aaaa) {
                found.add(aaaa.getAddress());
            }
        }
    }
}

package io.tlsfleet.scanner.resolve;

import io.netty.util.NetUtil;
import io.tlsfleet.fleet.observation.Observation.Dns;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.resolve.Queries.Failure;
import io.tlsfleet.scanner.resolve.Queries.Records;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CAARecord;
import org.xbill.DNS.HTTPSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.NameTooLongException;
import org.xbill.DNS.Record;
import org.xbill.DNS.SVCBBase;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TLSARecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/**
 * What DNS says around a name beside its addresses: who may issue for it (CAA), which certificates it vouches for (TLSA), how
 * HTTPS is offered (HTTPS records). Each question waits for its answer, five seconds at most; a failure is never "none".
 */
public final class NameRecords {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int MAX_RECORDS = 64;
    private static final int MAX_ALIAS_MODE = 4;
    private static final int HTTPS_PORT = 443;

    /** The parameters of a service that a client of ours would have to understand where they are mandatory. */
    private static final Set<Integer> UNDERSTOOD = Set.of(
            SVCBBase.MANDATORY,
            SVCBBase.ALPN,
            SVCBBase.NO_DEFAULT_ALPN,
            SVCBBase.PORT,
            SVCBBase.IPV4HINT,
            SVCBBase.ECH,
            SVCBBase.IPV6HINT);

    private final Supplier<Queries> queries;
    private final boolean isSystem;

    private NameRecords(Supplier<Queries> queries, boolean isSystem) {
        this.queries = queries;
        this.isSystem = isSystem;
    }

    /** From the resolvers that the system is configured with. */
    public static NameRecords system() {
        return new NameRecords(Queries::system, true);
    }

    /** From the resolver at that address; port 53 where {@code port} is 0. */
    public static NameRecords at(InetAddress server, int port) {
        Queries queries =
                new Queries(List.of(new InetSocketAddress(server, port == 0 ? SimpleResolver.DEFAULT_PORT : port)));
        return new NameRecords(() -> queries, false);
    }

    /** The records of a service and its ECHConfigList (RFC 9848), which changes too often to be kept as a fact. */
    public record Https(Dns.@Nullable HttpsRecord record, byte @Nullable [] echConfigs) {
        public static final Https NONE = new Https(null, null);
    }

    /**
     * Whether there is anything to ask: addresses and {@code localhost} are no domain names (RFC 6761), and a name of one label
     * means something only together with the system's search list.
     */
    public boolean covers(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        String bare = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        if (Resolver.isLiteral(bare) || bare.isEmpty()) {
            return false;
        }
        boolean local = bare.equals("localhost") || bare.endsWith(".localhost") || bare.indexOf('.') < 0;
        return !(isSystem && local);
    }

    /** Of both families, IPv4 first; unknown where either family is. */
    public Told<List<String>> addresses(String host) throws InterruptedException {
        return told(host, (name, asking) -> {
            Set<String> found = new LinkedHashSet<>();
            boolean authenticated = true;
            for (int type : new int[] {Type.A, Type.AAAA}) {
                Records records = asking.ask(name, type);
                authenticated &= records.authenticated();
                for (Record record : records.records()) {
                    if (record instanceof ARecord a) {
                        found.add(NetUtil.toAddressString(a.getAddress()));
                    } else if (record instanceof AAAARecord aaaa) {
                        found.add(NetUtil.toAddressString(aaaa.getAddress()));
                    }
                }
            }
            return new Told.Known<>(found.stream().limit(MAX_RECORDS).toList(), authenticated);
        });
    }

    /** RFC 8659 section 3: those of the name or, where it has none, of the nearest domain above that has some. */
    public Told<List<String>> caa(String host) throws InterruptedException {
        return told(host, (name, asking) -> {
            boolean authenticated = true;
            for (Name domain = name; domain.labels() > 1; domain = new Name(domain, 1)) {
                Records records = asking.ask(domain, Type.CAA);
                authenticated &= records.authenticated();
                List<String> texts = records.records().stream()
                        .filter(CAARecord.class::isInstance)
                        .map(Record::rdataToString)
                        .sorted()
                        .limit(MAX_RECORDS)
                        .toList();
                if (!texts.isEmpty()) {
                    return new Told.Known<>(texts, authenticated);
                }
            }
            return new Told.Known<>(List.of(), authenticated);
        });
    }

    /**
     * For a TCP port of the name. Where the name is an alias and DNSSEC vouches for that, the records at what it stands for
     * come first (RFC 7671 section 7).
     */
    public Told<List<Dns.Tlsa>> tlsa(String host, int port) throws InterruptedException {
        return told(host, (name, asking) -> {
            Records address = asking.ask(name, Type.A);
            if (address.authenticated() && !address.name().equals(name)) {
                Told.Known<List<Dns.Tlsa>> aliased = tlsa(asking, address.name(), port);
                if (aliased.authenticated() && !aliased.value().isEmpty()) {
                    return aliased;
                }
            }
            return tlsa(asking, name, port);
        });
    }

    /** RFC 9460: at the port's own name, else at the host's; aliases followed, and what we could not use left out. */
    public Told<Https> https(String host, int port) throws InterruptedException {
        return told(host, (name, asking) -> {
            if (port != HTTPS_PORT) {
                Name prefixed = Name.concatenate(Name.fromString("_" + port + "._https"), name);
                Told.Known<Https> ofPort = https(asking, prefixed);
                if (ofPort.value().record() != null) {
                    return ofPort;
                }
            }
            return https(asking, name);
        });
    }

    private static Told.Known<List<Dns.Tlsa>> tlsa(Asking asking, Name base, int port)
            throws Failure, InterruptedException, TextParseException, NameTooLongException {
        Records records = asking.ask(Name.concatenate(Name.fromString("_" + port + "._tcp"), base), Type.TLSA);
        List<Dns.Tlsa> found = new ArrayList<>();
        for (Record record : records.records()) {
            if (record instanceof TLSARecord tlsa && found.size() < MAX_RECORDS) {
                found.add(new Dns.Tlsa(
                        tlsa.getCertificateUsage(),
                        tlsa.getSelector(),
                        tlsa.getMatchingType(),
                        HexFormat.of().formatHex(tlsa.getCertificateAssociationData()),
                        null));
            }
        }
        found.sort(Comparator.comparing(Dns.Tlsa::toString));
        return new Told.Known<>(List.copyOf(found), records.authenticated());
    }

    private static Told.Known<Https> https(Asking asking, Name owner) throws Failure, InterruptedException {
        Name at = owner;
        boolean authenticated = true;
        for (int hop = 0; hop < MAX_ALIAS_MODE; hop++) {
            Records records = asking.ask(at, Type.HTTPS);
            authenticated &= records.authenticated();
            List<HTTPSRecord> found = records.records().stream()
                    .filter(HTTPSRecord.class::isInstance)
                    .map(HTTPSRecord.class::cast)
                    .sorted(Comparator.comparingInt(SVCBBase::getSvcPriority))
                    .toList();
            HTTPSRecord first = found.isEmpty() ? null : found.getFirst();
            if (first == null || first.getSvcPriority() != 0) {
                return new Told.Known<>(services(found, owner), authenticated);
            }
            if (first.getTargetName().equals(Name.root)) {
                // RFC 9460 section 2.5.1: the service does not exist.
                return new Told.Known<>(Https.NONE, authenticated);
            }
            at = first.getTargetName();
        }
        throw new Failure(Reason.DNS_FAILURE, owner + " HTTPS: a chain of aliases without end");
    }

    private static Https services(List<HTTPSRecord> records, Name owner) {
        Set<String> alpn = new LinkedHashSet<>();
        byte[] ech = null;
        boolean any = false;
        for (HTTPSRecord record : records) {
            if (!isUsable(record)) {
                continue;
            }
            any = true;
            if (record.getSvcParamValue(SVCBBase.ALPN) instanceof SVCBBase.ParameterAlpn names) {
                alpn.addAll(names.getValues());
            }
            if (ech == null && record.getSvcParamValue(SVCBBase.ECH) instanceof SVCBBase.ParameterEch configs) {
                ech = configs.getData();
            }
        }
        return any
                ? new Https(new Dns.HttpsRecord(List.copyOf(alpn), ech != null, owner.toString(true)), ech)
                : Https.NONE;
    }

    /** RFC 9460 section 8: a record with a mandatory parameter that we do not know is not for us. */
    private static boolean isUsable(HTTPSRecord record) {
        return record.getSvcPriority() != 0
                && (!(record.getSvcParamValue(SVCBBase.MANDATORY) instanceof SVCBBase.ParameterMandatory mandatory)
                        || UNDERSTOOD.containsAll(mandatory.getValues()));
    }

    /** One question's way to the resolvers, within its time. */
    private record Asking(Queries queries, long deadline) {
        Records ask(Name name, int type) throws Failure, InterruptedException {
            return queries.ask(name, type, deadline);
        }
    }

    private interface Inquiry<T> {
        Told.Known<T> make(Name name, Asking asking)
                throws Failure, InterruptedException, TextParseException, NameTooLongException;
    }

    private <T> Told<T> told(String host, Inquiry<T> inquiry) throws InterruptedException {
        try {
            Name name = Name.fromString(host.endsWith(".") ? host : host + ".");
            return inquiry.make(name, new Asking(queries.get(), System.nanoTime() + PATIENCE.toNanos()));
        } catch (Failure e) {
            return new Told.Unknown<>(e.reason(), String.valueOf(e.getMessage()));
        } catch (TextParseException | NameTooLongException e) {
            return new Told.Unknown<>(Reason.UNSUPPORTED, host + " is no name that DNS can be asked for");
        }
    }
}

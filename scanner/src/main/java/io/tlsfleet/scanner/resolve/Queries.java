package io.tlsfleet.scanner.resolve;

import io.tlsfleet.fleet.observation.Reason;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.DNAMERecord;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.NameTooLongException;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.ResolverConfig;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;
import org.xbill.DNS.WireParseException;

/**
 * Records of one name and type from recursive resolvers: over UDP, over TCP where the answer was cut short, the next resolver
 * where one fails, twice around, within a deadline. Aliases are followed. Only NOERROR and NXDOMAIN are answers.
 */
final class Queries {
    private static final Duration ATTEMPT = Duration.ofMillis(1500);
    private static final int ROUNDS = 2;
    private static final int MAX_ALIASES = 8;

    private final List<InetSocketAddress> servers;

    Queries(List<InetSocketAddress> servers) {
        this.servers = List.copyOf(servers);
    }

    /** Those that the system is configured with, asked anew each time: they change with the network. */
    static Queries system() {
        return new Queries(ResolverConfig.getCurrentConfig().servers());
    }

    /** {@code name} is where the aliases led; the records are of the type that was asked for, often none. */
    record Records(Name name, List<Record> records, boolean authenticated) {}

    /** Why there is no answer. */
    static final class Failure extends Exception {
        private static final long serialVersionUID = 1;
        private final Reason reason;

        Failure(Reason reason, String message) {
            super(message);
            this.reason = reason;
        }

        Reason reason() {
            return reason;
        }
    }

    /** {@code deadline} is of {@link System#nanoTime}. */
    Records ask(Name name, int type, long deadline) throws Failure, InterruptedException {
        Name asked = name;
        boolean authenticated = true;
        int aliases = 0;
        while (true) {
            Message answer = message(asked, type, deadline);
            authenticated &= answer.getHeader().getFlag(Flags.AD);
            Name end = asked;
            List<Record> found = records(answer, end, type);
            Optional<Name> next = alias(answer, end);
            while (found.isEmpty() && next.isPresent()) {
                if (++aliases > MAX_ALIASES) {
                    throw new Failure(
                            Reason.DNS_FAILURE, name + " " + Type.string(type) + ": a chain of aliases without end");
                }
                end = next.get();
                found = records(answer, end, type);
                next = alias(answer, end);
            }
            boolean whole = !found.isEmpty()
                    || end.equals(asked)
                    || answer.getSection(Section.AUTHORITY).stream().anyMatch(r -> r.getType() == Type.SOA);
            if (whole) {
                return new Records(end, found, authenticated);
            }
            // A server that does not follow aliases by itself.
            asked = end;
        }
    }

    private static List<Record> records(Message answer, Name owner, int type) {
        return answer.getSection(Section.ANSWER).stream()
                .filter(r -> r.getType() == type && r.getName().equals(owner))
                .toList();
    }

    private static Optional<Name> alias(Message answer, Name owner) {
        for (Record record : answer.getSection(Section.ANSWER)) {
            if (record instanceof CNAMERecord alias && alias.getName().equals(owner)) {
                return Optional.of(alias.getTarget());
            }
        }
        for (Record record : answer.getSection(Section.ANSWER)) {
            if (record instanceof DNAMERecord tree
                    && owner.subdomain(tree.getName())
                    && !owner.equals(tree.getName())) {
                try {
                    return Optional.of(owner.fromDNAME(tree));
                } catch (NameTooLongException e) {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    private Message message(Name name, int type, long deadline) throws Failure, InterruptedException {
        String question = name + " " + Type.string(type);
        if (servers.isEmpty()) {
            throw new Failure(Reason.DNS_FAILURE, question + ": this machine has no resolver configured");
        }
        Failure last = new Failure(Reason.DEADLINE, question + ": no time left to ask");
        for (int round = 0; round < ROUNDS; round++) {
            for (InetSocketAddress server : servers) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return fail(last);
                }
                try {
                    return once(server, name, type, Math.min(left, ATTEMPT.toNanos()));
                } catch (Failure e) {
                    last = e;
                }
            }
        }
        return fail(last);
    }

    private static Message fail(Failure why) throws Failure {
        throw why;
    }

    private static Message once(InetSocketAddress server, Name name, int type, long nanos)
            throws Failure, InterruptedException {
        String where =
                name + " " + Type.string(type) + " at " + server.getAddress().getHostAddress();
        SimpleResolver resolver = new SimpleResolver(server);
        resolver.setTimeout(Duration.ofNanos(nanos));
        Message query = Message.newQuery(Record.newRecord(name, type, DClass.IN));
        // RFC 6840 section 5.7: we understand the AD bit, and do not want the signatures.
        query.getHeader().setFlag(Flags.AD);
        try {
            Message answer = resolver.sendAsync(query).toCompletableFuture().get(2 * nanos, TimeUnit.NANOSECONDS);
            Header header = answer.getHeader();
            int code = answer.getRcode();
            if (code != Rcode.NOERROR && code != Rcode.NXDOMAIN) {
                throw new Failure(Reason.DNS_FAILURE, where + ": " + Rcode.string(code));
            }
            if (header.getFlag(Flags.TC)) {
                throw new Failure(Reason.DNS_FAILURE, where + ": cut short, over TCP too");
            }
            return answer;
        } catch (TimeoutException e) {
            throw new Failure(Reason.READ_TIMEOUT, where + ": no answer");
        } catch (ExecutionException e) {
            throw failure(where, e.getCause() == null ? e : e.getCause());
        }
    }

    private static Failure failure(String where, Throwable cause) {
        List<Throwable> causes = new ArrayList<>();
        for (Throwable t = cause; t != null && causes.size() < 8; t = t.getCause()) {
            causes.add(t);
        }
        if (causes.stream().anyMatch(WireParseException.class::isInstance)) {
            return new Failure(Reason.MALFORMED, where + ": an answer that makes no sense");
        }
        if (causes.stream()
                .anyMatch(t ->
                        t instanceof java.net.PortUnreachableException || t instanceof java.net.ConnectException)) {
            return new Failure(Reason.DNS_FAILURE, where + ": nobody listens there");
        }
        boolean silent = String.valueOf(cause.getMessage()).contains("imed out")
                || causes.stream().anyMatch(TimeoutException.class::isInstance)
                || causes.stream().anyMatch(java.net.SocketTimeoutException.class::isInstance);
        return silent
                ? new Failure(Reason.READ_TIMEOUT, where + ": no answer")
                : new Failure(
                        Reason.DNS_FAILURE, where + ": " + cause.getClass().getSimpleName());
    }
}

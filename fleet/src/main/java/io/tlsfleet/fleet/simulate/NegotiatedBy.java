package io.tlsfleet.fleet.simulate;

import io.tlsfleet.tls.fingerprint.ClientOffer;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import io.tlsfleet.tls.registry.SuiteFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The choice of a server (RFC 8446 section 4.1.1 and 4.2.1, RFC 5246 section 7.4.1): the highest common version first
 * and for good, then a suite that groups, certificates and signature schemes allow, in the order the server was seen to use.
 */
public final class NegotiatedBy {
    private static final Set<SuiteFacts.KeyExchange> ELLIPTIC =
            Set.of(SuiteFacts.KeyExchange.ECDHE, SuiteFacts.KeyExchange.ECDHE_PSK, SuiteFacts.KeyExchange.ANY);

    private final ServerOffer server;

    public NegotiatedBy(ServerOffer server) {
        this.server = server;
    }

    public Selection choose(ClientOffer client) {
        Optional<ProtocolVersion> best = client.versions().stream()
                .filter(server.versions()::containsKey)
                .max(ProtocolVersion::compareTo);
        Optional<ProtocolVersion> open =
                client.versions().stream().filter(server.unknown()::contains).max(ProtocolVersion::compareTo);
        if (open.isPresent() && (best.isEmpty() || open.get().compareTo(best.get()) > 0)) {
            return Selection.unknown("whether the server accepts " + open.get().label() + " is unknown");
        }
        if (best.isEmpty()) {
            return Selection.fails(
                    null,
                    "no common protocol: the client speaks " + labels(client.versions()) + ", the server "
                            + labels(server.versions().keySet()));
        }
        return choose(
                client, best.get(), Objects.requireNonNull(server.versions().get(best.get())));
    }

    static boolean needsGroup(CipherSuite suite) {
        return ELLIPTIC.contains(suite.facts().keyExchange());
    }

    private Selection choose(ClientOffer client, ProtocolVersion version, ServerOffer.Version accepted) {
        if (accepted.suites().isEmpty()) {
            return Selection.unknown("the cipher suites of " + version.label() + " are not known");
        }
        List<CipherSuite> common =
                accepted.suites().stream().filter(client.suites()::contains).toList();
        if (common.isEmpty()) {
            return Selection.fails(version.label(), "no common cipher suite in " + version.label());
        }
        Optional<NamedGroup> group = group(client, accepted);
        List<CipherSuite> possible = common.stream()
                .filter(s -> !needsGroup(s) || group.isPresent() || groupsOpen(client, accepted, version))
                .toList();
        if (possible.isEmpty()) {
            return Selection.fails(version.label(), "no common group in " + version.label());
        }
        possible =
                possible.stream().filter(s -> authenticates(s, client, version)).toList();
        if (possible.isEmpty()) {
            return Selection.fails(
                    version.label(), "no certificate that the client's suites and signature schemes allow");
        }
        if (version.equals(ProtocolVersion.TLS_1_3) && !schemesMeet(client, accepted)) {
            return Selection.fails(version.label(), "no common signature scheme");
        }
        CipherSuite suite = ordered(possible, client, accepted).getFirst();
        NamedGroup chosen = needsGroup(suite) ? group.orElse(null) : null;
        boolean retry = version.equals(ProtocolVersion.TLS_1_3)
                && chosen != null
                && !client.keyShares().contains(chosen);
        return new Selection(true, version.label(), suite.name(), chosen == null ? null : chosen.name(), retry, null);
    }

    /** Before TLS 1.3 a client that names no groups takes any; a server whose groups were not learnt may have any. */
    private static boolean groupsOpen(ClientOffer client, ServerOffer.Version accepted, ProtocolVersion version) {
        return accepted.groups().isEmpty()
                || client.groups().isEmpty() && version.compareTo(ProtocolVersion.TLS_1_3) < 0;
    }

    private static Optional<NamedGroup> group(ClientOffer client, ServerOffer.Version accepted) {
        if (client.groups().isEmpty()) {
            return accepted.groups().stream().findFirst();
        }
        List<NamedGroup> common = accepted.groupOrder().equals("client")
                ? client.groups().stream().filter(accepted.groups()::contains).toList()
                : accepted.groups().stream().filter(client.groups()::contains).toList();
        if (accepted.prefersOfferedShare()) {
            Optional<NamedGroup> offered =
                    common.stream().filter(client.keyShares()::contains).findFirst();
            if (offered.isPresent()) {
                return offered;
            }
        }
        return common.stream().findFirst();
    }

    /** RSA and ECDSA suites want a certificate of their kind, TLS 1.2's also a scheme that can be made with it. */
    private boolean authenticates(CipherSuite suite, ClientOffer client, ProtocolVersion version) {
        SuiteFacts.Authentication wanted = suite.facts().authentication();
        if (server.keyTypes().isEmpty()) {
            return true;
        }
        boolean schemes = version.equals(ProtocolVersion.TLS_1_2)
                && !client.schemes().isEmpty()
                && suite.facts().isForwardSecret();
        return switch (wanted) {
            case RSA -> server.keyTypes().contains("RSA") && (!schemes || has(client, "rsa_"));
            case ECDSA ->
                (server.keyTypes().contains("EC") || server.keyTypes().contains("ECDSA"))
                                && (!schemes || has(client, "ecdsa_"))
                        || server.keyTypes().stream().anyMatch(t -> t.startsWith("Ed")) && has(client, "ed");
            default -> true;
        };
    }

    private static boolean has(ClientOffer client, String prefix) {
        return client.schemes().stream().anyMatch(s -> s.name().startsWith(prefix));
    }

    private static boolean schemesMeet(ClientOffer client, ServerOffer.Version accepted) {
        Set<SignatureScheme> known = Set.copyOf(accepted.schemes());
        return known.isEmpty() || client.schemes().stream().anyMatch(known::contains);
    }

    private static List<CipherSuite> ordered(
            List<CipherSuite> possible, ClientOffer client, ServerOffer.Version accepted) {
        List<CipherSuite> byClient =
                client.suites().stream().filter(possible::contains).toList();
        if (!accepted.order().equals("server")) {
            return byClient;
        }
        // "ChaCha20 when the client prefers it": its first suite of all decides, as OpenSSL has it
        boolean chachaFirst = accepted.chachaWhenPreferred()
                && client.suites().getFirst().name().contains("CHACHA20");
        if (!chachaFirst) {
            return possible;
        }
        List<CipherSuite> chacha = new ArrayList<>(
                possible.stream().filter(s -> s.name().contains("CHACHA20")).toList());
        chacha.addAll(possible);
        return chacha;
    }

    private static String labels(java.util.Collection<ProtocolVersion> versions) {
        return versions.isEmpty()
                ? "nothing that was found"
                : String.join(
                        ", ",
                        new TreeSet<>(versions)
                                .reversed().stream().map(ProtocolVersion::label).toList());
    }
}

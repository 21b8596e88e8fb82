package io.tlsfleet.fleet.simulate;

import io.tlsfleet.tls.fingerprint.ClientOffer;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
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
        List<String> protocols = server.protocols();
        if (protocols != null
                && !client.alpn().isEmpty()
                && client.alpn().stream().noneMatch(protocols::contains)) {
            return Selection.fails(
                    version.label(),
                    "no common application protocol: the client asks for " + String.join(", ", client.alpn())
                            + ", the server has " + String.join(", ", protocols));
        }
        List<CipherSuite> common =
                accepted.suites().stream().filter(client.suites()::contains).toList();
        if (common.isEmpty()) {
            return Selection.fails(version.label(), "no common cipher suite in " + version.label());
        }
        Authenticity authenticity = new Authenticity(server.keys(), client, version, accepted.schemes());
        List<CipherSuite> certain = new ArrayList<>();
        List<CipherSuite> perhaps = new ArrayList<>();
        String obstacle = "";
        String doubt = "";
        for (CipherSuite suite : common) {
            Verdict verdict = grouped(suite, client, accepted, version).worse(authenticity.of(suite));
            switch (verdict) {
                case Verdict.Possible() -> {
                    certain.add(suite);
                    perhaps.add(suite);
                }
                case Verdict.Doubtful(String why) -> {
                    perhaps.add(suite);
                    doubt = why;
                }
                case Verdict.Impossible(String why) -> obstacle = why;
            }
        }
        if (perhaps.isEmpty()) {
            return Selection.fails(version.label(), obstacle);
        }
        if (certain.isEmpty()) {
            return Selection.unknown(doubt);
        }
        CipherSuite suite = ordered(certain, client, accepted).getFirst();
        boolean open = isAmbiguous(client, accepted) && certain.stream().anyMatch(NegotiatedBy::isChacha);
        if (open || !suite.equals(ordered(perhaps, client, accepted).getFirst())) {
            return new Selection(true, version.label(), null, null, false, null);
        }
        NamedGroup chosen = needsGroup(suite) ? group(client, accepted).orElse(null) : null;
        boolean retry = version.equals(ProtocolVersion.TLS_1_3)
                && chosen != null
                && !client.keyShares().contains(chosen);
        return new Selection(true, version.label(), suite.name(), chosen == null ? null : chosen.name(), retry, null);
    }

    /**
     * Without a list of groups a server before TLS 1.3 may pick any (RFC 8422 section 4); OpenSSL, BoringSSL and Go pick none
     * and take a suite that needs none, GnuTLS and JSSE do pick.
     */
    private static Verdict grouped(
            CipherSuite suite, ClientOffer client, ServerOffer.Version accepted, ProtocolVersion version) {
        if (!needsGroup(suite) || accepted.groups().isEmpty()) {
            return new Verdict.Possible();
        }
        if (client.groups().isEmpty() && version.compareTo(ProtocolVersion.TLS_1_3) < 0) {
            return new Verdict.Doubtful(
                    "the client names no group, and servers differ in whether they then choose one");
        }
        return group(client, accepted).isPresent()
                ? new Verdict.Possible()
                : new Verdict.Impossible("no common group in " + version.label());
    }

    private static Optional<NamedGroup> group(ClientOffer client, ServerOffer.Version accepted) {
        if (client.groups().isEmpty()) {
            return accepted.groups().stream().findFirst();
        }
        // who has no order of its own for suites has none for groups, as OpenSSL and GnuTLS have one switch for both
        String order = accepted.groupOrder().equals("unknown") ? accepted.order() : accepted.groupOrder();
        List<NamedGroup> common = order.equals("client")
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

    private static List<CipherSuite> ordered(
            List<CipherSuite> possible, ClientOffer client, ServerOffer.Version accepted) {
        List<CipherSuite> byClient =
                client.suites().stream().filter(possible::contains).toList();
        if (!accepted.order().equals("server")) {
            return byClient;
        }
        if (!prefersChacha(client, accepted)) {
            return possible;
        }
        List<CipherSuite> chacha =
                new ArrayList<>(possible.stream().filter(NegotiatedBy::isChacha).toList());
        chacha.addAll(possible);
        return chacha;
    }

    /** "ChaCha20 when the client prefers it": OpenSSL looks at its first suite of all. */
    private static boolean prefersChacha(ClientOffer client, ServerOffer.Version accepted) {
        return accepted.chachaWhenPreferred() && isChacha(client.suites().getFirst());
    }

    /** Go looks at the first forward secret one with authenticated encryption: where the two differ, a scan cannot tell which server it is. */
    private static boolean isAmbiguous(ClientOffer client, ServerOffer.Version accepted) {
        return accepted.chachaWhenPreferred()
                && accepted.order().equals("server")
                && !isChacha(client.suites().getFirst())
                && client.suites().stream()
                        .filter(s -> s.facts().mode() == SuiteFacts.Mode.AEAD
                                && s.facts().isForwardSecret())
                        .findFirst()
                        .filter(NegotiatedBy::isChacha)
                        .isPresent();
    }

    private static boolean isChacha(CipherSuite suite) {
        return suite.name().contains("CHACHA20");
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

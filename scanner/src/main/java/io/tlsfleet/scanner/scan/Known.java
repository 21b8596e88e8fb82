package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Observation.Groups;
import io.tlsfleet.fleet.observation.Observation.ServedChain;
import io.tlsfleet.fleet.observation.Observation.Suites;
import io.tlsfleet.scanner.probe.Menu;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import io.tlsfleet.tls.registry.SuiteFacts.Authentication;
import io.tlsfleet.tls.registry.SuiteFacts.KeyExchange;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** An earlier observation as the questions need it: typed, and empty where nothing is known. */
record Known(Observation facts) {
    /** What a certificate's key signs with: a server may have one of each. */
    enum Kind {
        ECDSA(Authentication.ECDSA, Menu.ECDSA_SCHEMES),
        /** With the usual object identifier, whatever the padding. */
        RSA(Authentication.RSA, Menu.PLAIN_RSA_SCHEMES),
        RSA_PSS(Authentication.RSA, Menu.PSS_SCHEMES),
        /** EdDSA keys serve ECDSA suites up to TLS 1.2 (RFC 8422). */
        ED25519(Authentication.ECDSA, named("ed25519")),
        ED448(Authentication.ECDSA, named("ed448")),
        ML_DSA_44(Authentication.ANY, named("mldsa44")),
        ML_DSA_65(Authentication.ANY, named("mldsa65")),
        ML_DSA_87(Authentication.ANY, named("mldsa87")),
        OTHER(
                Authentication.ECDSA,
                Menu.OTHER_SCHEMES.stream()
                        .filter(s -> !s.name().matches("ed25519|ed448|mldsa.*"))
                        .toList());

        private final Authentication authentication;

        @SuppressWarnings("ImmutableEnumChecker") // none of these lists can be changed
        private final List<SignatureScheme> schemes;

        Kind(Authentication authentication, List<SignatureScheme> schemes) {
            this.authentication = authentication;
            this.schemes = schemes;
        }

        private static List<SignatureScheme> named(String name) {
            return List.of(SignatureScheme.named(name));
        }

        List<SignatureScheme> schemes() {
            return schemes;
        }

        /** Whether a suite up to TLS 1.2 wants that kind of key. */
        boolean authenticates(CipherSuite suite) {
            return suite.facts().authentication() == authentication;
        }

        static Optional<Kind> of(SignatureScheme scheme) {
            return Arrays.stream(values())
                    .filter(kind -> kind.schemes().contains(scheme))
                    .findFirst();
        }

        /** No more than any server can read. */
        static List<SignatureScheme> schemes(Collection<Kind> kinds) {
            return kinds.stream()
                    .flatMap(kind -> kind.schemes().stream())
                    .filter(Menu.ALL_SCHEMES::contains)
                    .toList();
        }
    }

    FactState protocol(ProtocolVersion version) {
        Map<String, FactState> protocols = facts.protocols();
        return protocols == null ? FactState.UNKNOWN : protocols.getOrDefault(version.label(), FactState.UNKNOWN);
    }

    boolean accepts(ProtocolVersion version) {
        return protocol(version) == FactState.ACCEPTED;
    }

    /** To be offered, hence without SRP's. */
    List<CipherSuite> suites(ProtocolVersion version) {
        Suites part = facts.cipherSuites() == null ? null : facts.cipherSuites().get(version.label());
        return part == null
                ? List.of()
                : part.suites().stream()
                        .map(point -> new CipherSuite(Integer.decode(point.code())))
                        .filter(s -> s.facts().keyExchange() != KeyExchange.SRP)
                        .toList();
    }

    List<NamedGroup> groups(ProtocolVersion version) {
        Groups part = facts.groups() == null ? null : facts.groups().get(version.label());
        return part == null
                ? List.of()
                : part.groups().stream()
                        .map(point -> new NamedGroup(Integer.decode(point.code())))
                        .toList();
    }

    /** The client's order counts, so that what is offered in front of the known would be chosen if it were accepted. */
    boolean followsClientInSuites(ProtocolVersion version) {
        Suites part = facts.cipherSuites() == null ? null : facts.cipherSuites().get(version.label());
        return part != null && "client".equals(part.order()) && part.suites().size() > 1;
    }

    boolean followsClientInGroups(ProtocolVersion version) {
        Groups part = facts.groups() == null ? null : facts.groups().get(version.label());
        return part != null && "client".equals(part.order()) && part.groups().size() > 1;
    }

    /** The kinds of key that have signed in that version. */
    Set<Kind> kinds(ProtocolVersion version) {
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        Map<String, List<String>> schemes = facts.signatureSchemes();
        if (schemes != null) {
            schemes.getOrDefault(version.label(), List.of())
                    .forEach(name -> Kind.of(scheme(name)).ifPresent(kinds::add));
        }
        return kinds;
    }

    private static SignatureScheme scheme(String name) {
        return name.startsWith("0x") ? new SignatureScheme(Integer.decode(name)) : SignatureScheme.named(name);
    }

    List<ServedChain> chains() {
        List<ServedChain> served = facts.served();
        return served == null ? List.of() : served;
    }

    /** ALPN names that were accepted; empty also where none was asked. */
    List<String> alpn() {
        return facts.alpn() == null ? List.of() : facts.alpn().accepted();
    }
}

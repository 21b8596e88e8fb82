package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.change.Certainty;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.x509.CertificateFacts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One endpoint as the rules of one policy see it: facts by name, never null where a question was not asked. */
record Case(Observation facts, Policy policy, Memory memory, Instant at, List<Chain> chains) {

    FactState protocol(ProtocolVersion version) {
        Map<String, FactState> protocols = facts.protocols();
        return protocols == null
                ? FactState.NOT_ASKED
                : Objects.requireNonNullElse(protocols.get(version.label()), FactState.NOT_ASKED);
    }

    boolean accepts(ProtocolVersion version) {
        return protocol(version) == FactState.ACCEPTED;
    }

    boolean refuses(ProtocolVersion version) {
        return protocol(version) == FactState.REFUSED;
    }

    /** Accepted versions, oldest first. */
    List<ProtocolVersion> accepted() {
        List<ProtocolVersion> accepted = new ArrayList<>(ProtocolVersion.ALL.size());
        for (ProtocolVersion version : ProtocolVersion.ALL) {
            if (accepts(version)) {
                accepted.add(version);
            }
        }
        return accepted;
    }

    /** Accepted suites of a version in the server's order; none when nobody asked. */
    List<Suite> suites(ProtocolVersion version) {
        Map<String, Observation.Suites> suites = facts.cipherSuites();
        Observation.Suites of = suites == null ? null : suites.get(version.label());
        if (of == null) {
            return List.of();
        }
        List<Suite> traits = new ArrayList<>(of.suites().size());
        for (Observation.CodePoint suite : of.suites()) {
            traits.add(Suite.of(suite));
        }
        return traits;
    }

    /** The server's order of a version: server, client, unknown, or null where there is none to have. */
    @Nullable
    String order(ProtocolVersion version) {
        Map<String, Observation.Suites> suites = facts.cipherSuites();
        Observation.Suites of = suites == null ? null : suites.get(version.label());
        return of == null ? null : of.order();
    }

    /** Names of the groups accepted with that version. */
    List<String> groups(ProtocolVersion version) {
        Map<String, Observation.Groups> groups = facts.groups();
        Observation.Groups of = groups == null ? null : groups.get(version.label());
        return of == null
                ? List.of()
                : of.groups().stream().map(Observation.CodePoint::name).toList();
    }

    Set<String> allGroups() {
        Set<String> all = new LinkedHashSet<>();
        for (ProtocolVersion version : ProtocolVersion.ALL) {
            all.addAll(groups(version));
        }
        return all;
    }

    FactState feature(String name) {
        Map<String, Object> features = facts.features();
        return features != null && features.get(name) instanceof FactState state ? state : FactState.NOT_ASKED;
    }

    FactState tolerance(String name) {
        Map<String, FactState> tolerance = facts.tolerance();
        return tolerance == null
                ? FactState.NOT_ASKED
                : Objects.requireNonNullElse(tolerance.get(name), FactState.NOT_ASKED);
    }

    /** The fact, or what it lies in, could not be told. */
    boolean unsure(String pointer) {
        return Certainty.unsure(facts, pointer);
    }

    /** Whether the endpoint is known by an address alone. */
    boolean nameless() {
        String name = name();
        return name.indexOf(':') >= 0 || name.chars().allMatch(c -> c == '.' || c >= '0' && c <= '9');
    }

    /** The name that certificates are judged by: the one sent, else the host. */
    String name() {
        String sni = facts.endpoint().sni();
        return sni != null ? sni : facts.endpoint().host();
    }

    /** Options that get {@code s_client} the chain of this key type, and these beside them. */
    String leaf(String type, String more) {
        String leaf = leaf(type);
        return leaf.isEmpty() || more.isEmpty() ? leaf + more : leaf + " " + more;
    }

    /** Where several chains are served, or one with a curve that OpenSSL does not offer by itself. */
    String leaf(String type) {
        for (Chain chain : chains) {
            List<CertificateFacts> sent = chain.verdict().chain();
            String curve = sent.isEmpty() ? null : sent.getFirst().key().curve();
            if (chain.verdict().keyType().equals(type) && Commands.isOldGroup(curve)) {
                return "-tls1_2 -cipher DEFAULT@SECLEVEL=0 -groups " + Commands.quoted(curve + ":P-256");
            }
        }
        if (chains.size() < 2) {
            return "";
        }
        return type.startsWith("RSA")
                ? "-sigalgs RSA-PSS+SHA256:RSA-PSS+SHA384:RSA+SHA256:RSA+SHA384"
                : type.startsWith("ECDSA") || type.startsWith("EC")
                        ? "-sigalgs ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512"
                        : "";
    }

    Commands commands() {
        return new Commands(facts.endpoint());
    }
}

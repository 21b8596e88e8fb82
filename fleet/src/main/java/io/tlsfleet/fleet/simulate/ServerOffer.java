package io.tlsfleet.fleet.simulate;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.PublicKeyFacts;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a server accepts, by version, oldest first; {@code unknown} are the versions of which a scan could not tell. {@code
 * keys} empty: not learnt. {@code protocols}: where the server refuses a client whose application protocols it does not
 * have, those that it has; null where it does not care.
 */
public record ServerOffer(
        Map<ProtocolVersion, Version> versions,
        Set<ProtocolVersion> unknown,
        Set<Key> keys,
        @Nullable List<String> protocols) {

    private static final Set<String> STRICT = Set.of("alert", "closed");

    /** Of a certificate: RSA, ECDSA, Ed25519 …, and its size. */
    public record Key(String type, int bits) {}

    /** {@code groups} empty: not learnt; {@code schemes} empty: not learnt as a whole. Orders are "server", "client" or "unknown". */
    public record Version(
            List<CipherSuite> suites,
            String order,
            boolean chachaWhenPreferred,
            List<NamedGroup> groups,
            String groupOrder,
            boolean prefersOfferedShare,
            List<SignatureScheme> schemes) {

        /** What libraries of today switch on with TLS 1.3. */
        static Version usualTls13() {
            return new Version(
                    Stream.of("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256")
                            .map(CipherSuite::named)
                            .toList(),
                    "client",
                    false,
                    Stream.of("X25519MLKEM768", "x25519", "secp256r1", "secp384r1")
                            .map(NamedGroup::named)
                            .toList(),
                    "client",
                    true,
                    List.of());
        }

        Version withGroup(NamedGroup group) {
            List<NamedGroup> more = new ArrayList<>(List.of(group));
            more.addAll(groups);
            return new Version(suites, order, chachaWhenPreferred, more, groupOrder, prefersOfferedShare, schemes);
        }
    }

    public static ServerOffer of(Report report) {
        Set<Key> keys = new HashSet<>();
        if (report.certificates() != null) {
            report.certificates().stream()
                    .filter(c -> !c.chain().isEmpty())
                    .forEach(c -> keys.add(new Key(
                            c.keyType(),
                            Objects.requireNonNullElse(c.chain().getFirst().keyBits(), 0))));
        }
        return of(
                new Facts(
                        report.protocols(),
                        report.cipherSuites(),
                        report.groups(),
                        isWhole(report.scan(), report.coverage()) ? report.signatureSchemes() : null),
                keys,
                report.alpn());
    }

    /** Of facts that nobody judged. */
    public static ServerOffer of(Observation observation) {
        Set<Key> keys = new HashSet<>();
        if (observation.served() != null) {
            observation.served().stream().filter(c -> !c.chain().isEmpty()).forEach(c -> {
                PublicKeyFacts key = CertificateFacts.read(c.chain().getFirst()).key();
                keys.add(new Key(key.type(), key.bits()));
            });
        }
        return of(
                new Facts(
                        observation.protocols(),
                        observation.cipherSuites(),
                        observation.groups(),
                        isWhole(observation.scan(), observation.coverage()) ? observation.signatureSchemes() : null),
                keys,
                observation.alpn());
    }

    /** Below depth full a scan notes the schemes that it met, and asks for no others. */
    private static boolean isWhole(Observation.Scan scan, List<Observation.Coverage> coverage) {
        return scan.depth() == Depth.FULL
                && coverage.stream().noneMatch(c -> c.fact().startsWith("/signatureSchemes"));
    }

    private record Facts(
            @Nullable Map<String, FactState> protocols,
            @Nullable Map<String, Observation.Suites> cipherSuites,
            @Nullable Map<String, Observation.Groups> groups,
            @Nullable Map<String, List<String>> signatureSchemes) {}

    private static ServerOffer of(Facts facts, Set<Key> keys, Observation.@Nullable Alpn alpn) {
        Map<ProtocolVersion, Version> versions = new TreeMap<>();
        Set<ProtocolVersion> unknown = new HashSet<>();
        Map<String, FactState> protocols = facts.protocols() == null ? Map.of() : facts.protocols();
        protocols.forEach((label, state) -> {
            ProtocolVersion version = ProtocolVersion.labelled(label);
            if (state == FactState.ACCEPTED) {
                versions.put(version, version(facts, label));
            } else if (state != FactState.REFUSED) {
                unknown.add(version);
            }
        });
        return new ServerOffer(
                versions,
                unknown,
                keys,
                alpn != null && STRICT.contains(alpn.onMismatch()) ? List.copyOf(alpn.accepted()) : null);
    }

    /** The same server with one more version, or with this one for it. */
    ServerOffer with(ProtocolVersion version, Version accepted) {
        Map<ProtocolVersion, Version> more = new TreeMap<>(versions);
        more.put(version, accepted);
        return new ServerOffer(more, unknown, keys, protocols);
    }

    /** The same server with fewer versions. */
    public ServerOffer onlyVersions(Predicate<ProtocolVersion> kept) {
        Map<ProtocolVersion, Version> left = new TreeMap<>(versions);
        left.keySet().removeIf(kept.negate());
        Set<ProtocolVersion> open = new HashSet<>(unknown);
        open.removeIf(kept.negate());
        return new ServerOffer(left, open, keys, protocols);
    }

    /** The same server with fewer suites; a version that has none left is gone. */
    public ServerOffer onlySuites(Predicate<CipherSuite> kept) {
        Map<ProtocolVersion, Version> left = new TreeMap<>();
        versions.forEach((version, v) -> {
            List<CipherSuite> suites = v.suites.stream().filter(kept).toList();
            if (!suites.isEmpty() || v.suites.isEmpty()) {
                left.put(
                        version,
                        new Version(
                                suites,
                                v.order,
                                v.chachaWhenPreferred,
                                v.groups,
                                v.groupOrder,
                                v.prefersOfferedShare,
                                v.schemes));
            }
        });
        return new ServerOffer(left, unknown, keys, protocols);
    }

    /** The same server with fewer groups. Where none is left, suites without one remain. */
    public ServerOffer onlyGroups(Predicate<NamedGroup> kept) {
        Map<ProtocolVersion, Version> left = new TreeMap<>();
        versions.forEach((version, v) -> {
            List<NamedGroup> groups = v.groups.stream().filter(kept).toList();
            List<CipherSuite> suites = groups.isEmpty() && !v.groups.isEmpty()
                    ? v.suites.stream().filter(s -> !NegotiatedBy.needsGroup(s)).toList()
                    : v.suites;
            if (!suites.isEmpty()) {
                left.put(
                        version,
                        new Version(
                                suites,
                                v.order,
                                v.chachaWhenPreferred,
                                groups,
                                v.groupOrder,
                                v.prefersOfferedShare,
                                v.schemes));
            }
        });
        return new ServerOffer(left, unknown, keys, protocols);
    }

    private static Version version(Facts report, String label) {
        Observation.Suites suites =
                report.cipherSuites() == null ? null : report.cipherSuites().get(label);
        Observation.Groups groups = groups(report, label);
        List<String> schemes = report.signatureSchemes() == null
                ? List.of()
                : report.signatureSchemes().getOrDefault(label, List.of());
        List<SignatureScheme> known = new ArrayList<>();
        for (String name : schemes) {
            known.add(name.startsWith("0x") ? new SignatureScheme(Integer.decode(name)) : SignatureScheme.named(name));
        }
        return new Version(
                suites == null
                        ? List.of()
                        : suites.suites().stream()
                                .map(s -> new CipherSuite(Integer.decode(s.code())))
                                .toList(),
                suites == null || suites.order() == null ? "client" : suites.order(),
                suites != null && Boolean.TRUE.equals(suites.chachaWhenPreferred()),
                groups == null
                        ? List.of()
                        : groups.groups().stream()
                                .map(g -> new NamedGroup(Integer.decode(g.code())))
                                .toList(),
                groups == null || groups.order() == null ? "client" : groups.order(),
                groups != null && Boolean.TRUE.equals(groups.prefersOfferedShare()),
                known);
    }

    /** The groups of an older version are asked only where there is no newer one: the listener has them in common. */
    private static Observation.@Nullable Groups groups(Facts report, String label) {
        if (report.groups() == null || report.groups().containsKey(label) || label.equals("TLSv1.3")) {
            return report.groups() == null ? null : report.groups().get(label);
        }
        return Stream.of("TLSv1.2", "TLSv1.1", "TLSv1.0")
                .map(report.groups()::get)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }
}

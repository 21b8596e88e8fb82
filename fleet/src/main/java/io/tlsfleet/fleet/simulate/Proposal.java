package io.tlsfleet.fleet.simulate;

import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A change of a server that somebody thinks about: nothing below a version, without suites or groups, or with some groups
 * alone. {@code *} in a pattern stands for any characters.
 */
public record Proposal(
        String name,
        String title,
        @Nullable String minVersion,
        List<String> denySuites,
        List<String> denyGroups,
        List<String> onlyGroups) {
    private static final int MAX_PATTERNS = 50;
    private static final String HYBRIDS = "*MLKEM*";

    /** Those with a name of their own. */
    public static final List<Proposal> SHIPPED = List.of(
            new Proposal("tls13-only", "TLS 1.3 only", "TLSv1.3", List.of(), List.of(), List.of()),
            new Proposal("tls12-minimum", "no TLS 1.0, no TLS 1.1", "TLSv1.2", List.of(), List.of(), List.of()),
            new Proposal(
                    "no-static-rsa",
                    "no static RSA key exchange",
                    null,
                    List.of("TLS_RSA_*", "SSL_RSA_*"),
                    List.of(),
                    List.of()),
            new Proposal("no-cbc", "no CBC suites", null, List.of("*_CBC_*"), List.of(), List.of()),
            new Proposal(
                    "drop-p256-only",
                    "no secp256r1: clients that know no other curve are dropped",
                    null,
                    List.of(),
                    List.of("secp256r1"),
                    List.of()),
            new Proposal(
                    "hybrid-only",
                    "post-quantum hybrid groups only",
                    "TLSv1.3",
                    List.of(),
                    List.of(),
                    List.of(HYBRIDS)));

    public Proposal {
        if (minVersion != null) {
            ProtocolVersion.labelled(minVersion);
        }
        denySuites = List.copyOf(denySuites);
        denyGroups = List.copyOf(denyGroups);
        onlyGroups = List.copyOf(onlyGroups);
        if (denySuites.size() + denyGroups.size() + onlyGroups.size() > MAX_PATTERNS) {
            throw new IllegalArgumentException("more than " + MAX_PATTERNS + " patterns");
        }
    }

    public static Optional<Proposal> named(String name) {
        return SHIPPED.stream().filter(p -> p.name.equals(name)).findFirst();
    }

    /** The server as it would be; {@code assumptions}: what it does not do today and is taken to do then. */
    public record Applied(ServerOffer server, List<String> assumptions) {}

    public Applied to(ServerOffer today) {
        ServerOffer offer = today;
        List<String> assumptions = new ArrayList<>();
        boolean wants13 = "TLSv1.3".equals(minVersion);
        if (wants13
                && !today.versions().containsKey(ProtocolVersion.TLS_1_3)
                && !today.unknown().contains(ProtocolVersion.TLS_1_3)) {
            offer = offer.with(ProtocolVersion.TLS_1_3, ServerOffer.Version.usualTls13());
            assumptions.add("TLS 1.3 is switched on, with its three usual suites and X25519MLKEM768, x25519, secp256r1"
                    + " and secp384r1");
        }
        ServerOffer.Version tls13 = offer.versions().get(ProtocolVersion.TLS_1_3);
        if (onlyGroups.contains(HYBRIDS)
                && tls13 != null
                && tls13.groups().stream().noneMatch(g -> matches(onlyGroups, g.name()))) {
            offer = offer.with(ProtocolVersion.TLS_1_3, tls13.withGroup(NamedGroup.named("X25519MLKEM768")));
            assumptions.add("X25519MLKEM768 is switched on");
        }
        return new Applied(narrowed(offer), List.copyOf(assumptions));
    }

    /** What is left of a server, with nothing added that it does not do today. */
    public ServerOffer narrowed(ServerOffer today) {
        ServerOffer offer = today;
        if (minVersion != null) {
            ProtocolVersion lowest = ProtocolVersion.labelled(minVersion);
            offer = offer.onlyVersions(v -> v.compareTo(lowest) >= 0);
        }
        if (!denySuites.isEmpty()) {
            offer = offer.onlySuites(s -> !matches(denySuites, s.name()));
        }
        if (!denyGroups.isEmpty()) {
            offer = offer.onlyGroups(g -> !matches(denyGroups, g.name()));
        }
        if (!onlyGroups.isEmpty()) {
            offer = offer.onlyGroups(g -> matches(onlyGroups, g.name()));
        }
        return offer;
    }

    /** A pattern that meets no suite and no group that is known: most likely a typing error. */
    public List<String> meetNothing() {
        List<String> idle = new ArrayList<>();
        denySuites.stream()
                .filter(p -> CipherSuite.all().stream().noneMatch(s -> matches(List.of(p), s.name())))
                .forEach(idle::add);
        for (List<String> patterns : List.of(denyGroups, onlyGroups)) {
            patterns.stream()
                    .filter(p -> NamedGroup.all().stream().noneMatch(g -> matches(List.of(p), g.name())))
                    .forEach(idle::add);
        }
        return idle;
    }

    private static boolean matches(List<String> globs, String name) {
        return globs.stream().anyMatch(glob -> Pattern.matches("\\Q" + glob.replace("*", "\\E.*\\Q") + "\\E", name));
    }
}

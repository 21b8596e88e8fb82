package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.scanner.probe.Hellos;
import io.tlsfleet.scanner.probe.Menu;
import io.tlsfleet.scanner.probe.Offer;
import io.tlsfleet.scanner.probe.SchemesInUse;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.keys.Tls12Handshake;
import io.tlsfleet.tls.keys.Tls13Suite;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SuiteFacts;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What enumeration has found, for deep probes to stand on. {@code suites} has only accepted versions; {@code plain}: the
 * listener wants hellos without spare extensions; {@code authority}: what a request says in Host; {@code attacks}: the ids that
 * were allowed; {@code alpn}: the application protocols that it takes; {@code namesProtocols} unless it hangs up on a hello of
 * TLS 1.3 that names any, or refuses every one that we know; {@code schemes}: what it has signed with so far.
 */
public record Ground(
        Hellos hellos,
        KeyShares shares,
        Map<ProtocolVersion, List<CipherSuite>> suites,
        List<NamedGroup> tls13Groups,
        boolean plain,
        String authority,
        @Nullable String serverName,
        @Nullable String starttls,
        Set<String> attacks,
        InstantSource clock,
        List<String> alpn,
        boolean namesProtocols,
        SchemesInUse schemes) {
    private static final String HTTP = "http/1.1";

    public Ground(
            Hellos hellos,
            KeyShares shares,
            Map<ProtocolVersion, List<CipherSuite>> suites,
            List<NamedGroup> tls13Groups,
            boolean plain,
            String authority,
            @Nullable String serverName,
            @Nullable String starttls,
            Set<String> attacks,
            InstantSource clock) {
        this(
                hellos,
                shares,
                suites,
                tls13Groups,
                plain,
                authority,
                serverName,
                starttls,
                attacks,
                clock,
                List.of(),
                true,
                new SchemesInUse());
    }

    /** The same where these application protocols are taken, {@code named} unless none may be named in TLS 1.3, and these schemes were seen. */
    public Ground taking(List<String> accepted, boolean named, SchemesInUse seen) {
        return new Ground(
                hellos,
                shares,
                suites,
                tls13Groups,
                plain,
                authority,
                serverName,
                starttls,
                attacks,
                clock,
                accepted,
                named,
                seen);
    }

    boolean accepts(ProtocolVersion version) {
        return suites.containsKey(version);
    }

    /** TLS 1.2, else 1.1, else 1.0; empty when none of them is accepted. */
    Optional<ProtocolVersion> newestOlder() {
        return suites.keySet().stream()
                .filter(v -> v.compareTo(ProtocolVersion.TLS_1_3) < 0 && v.compareTo(ProtocolVersion.SSL_3) > 0)
                .max(Comparator.naturalOrder());
    }

    /** The same, else SSL 3.0, which has no extensions. */
    Optional<ProtocolVersion> newestBelowTls13() {
        return newestOlder()
                .or(() -> accepts(ProtocolVersion.SSL_3) ? Optional.of(ProtocolVersion.SSL_3) : Optional.empty());
    }

    /** All accepted suites of a version below TLS 1.3. */
    HelloShape older(ProtocolVersion version) {
        return new HelloShape(hellos.hello(Offer.of(version, offered(version)), plain));
    }

    /** The same in an order that makes a server that follows the client sign with what it has not signed with yet. */
    HelloShape olderSignedAnew(ProtocolVersion version) {
        Offer offer = Offer.of(version, schemes.unseenFirst(version, offered(version)))
                .withSchemes(schemes.unseenFirst(version));
        return new HelloShape(hellos.hello(offer, plain));
    }

    /** Without those of SRP, refused for want of a user's name, unless there are no others. */
    List<CipherSuite> offered(ProtocolVersion version) {
        List<CipherSuite> accepted = suites.getOrDefault(version, List.of());
        List<CipherSuite> others = accepted.stream()
                .filter(s -> s.facts().keyExchange() != SuiteFacts.KeyExchange.SRP)
                .toList();
        return others.isEmpty() ? accepted : others;
    }

    /** Those that we can finish a handshake with, forward secret ones first; empty when there are none. */
    Optional<HelloShape> olderToFinish(ProtocolVersion version) {
        List<CipherSuite> usable = suites.getOrDefault(version, List.of()).stream()
                .filter(Tls12Handshake::knows)
                .sorted(Comparator.comparing((CipherSuite s) -> !s.facts().usesCurve())
                        .thenComparing(s -> !s.facts().isForwardSecret())
                        .thenComparing(s -> s.facts().mode() != SuiteFacts.Mode.AEAD))
                .toList();
        if (usable.isEmpty()) {
            return Optional.empty();
        }
        HelloShape hello = older(version).withSuites(usable);
        return Optional.of(insisted().isEmpty() ? hello : hello.with(Extensions.alpn(insisted())));
    }

    /** What it may insist on: some hang up behind a handshake that names none of their protocols. */
    private List<String> insisted() {
        return plain || alpn.contains(HTTP) ? List.of() : alpn;
    }

    /** With a share for a group that the server accepts. */
    Optional<HelloShape> tls13(String... names) {
        List<CipherSuite> usable = suites.getOrDefault(ProtocolVersion.TLS_1_3, List.of()).stream()
                .filter(s -> Tls13Suite.of(s).isPresent())
                .toList();
        List<NamedGroup> groups = groups();
        Optional<NamedGroup> share = share();
        if (usable.isEmpty() || share.isEmpty()) {
            return Optional.empty();
        }
        Offer offer = Offer.of(ProtocolVersion.TLS_1_3, usable)
                .withGroups(groups.stream().filter(shares::knows).toList())
                .withShares(List.of(share.get()))
                .withAlpn(namesProtocols ? names.length == 0 ? insisted() : List.of(names) : List.of());
        return Optional.of(new HelloShape(hellos.hello(offer, plain)));
    }

    /** Whose share that hello has. */
    Optional<NamedGroup> share() {
        NamedGroup x25519 = NamedGroup.named("x25519");
        List<NamedGroup> groups = groups();
        return groups.contains(x25519)
                ? Optional.of(x25519)
                : groups.stream().filter(shares::knows).findFirst();
    }

    private List<NamedGroup> groups() {
        return tls13Groups.isEmpty() ? Menu.MODERN_GROUPS : tls13Groups;
    }

    /** What an up-to-date client offers, and behind it all that is accepted. */
    HelloShape everything() {
        Set<ProtocolVersion> versions = new TreeSet<>(Comparator.reverseOrder());
        versions.addAll(List.of(ProtocolVersion.TLS_1_3, ProtocolVersion.TLS_1_2));
        versions.addAll(suites.keySet());
        Set<CipherSuite> offered = new LinkedHashSet<>(Menu.MODERN_SUITES);
        suites.keySet().forEach(version -> offered.addAll(offered(version)));
        Set<NamedGroup> groups = new LinkedHashSet<>(Menu.MODERN_GROUPS);
        groups.addAll(tls13Groups);
        groups.addAll(Menu.TLS12_GROUPS);
        Offer offer = new Offer(
                List.copyOf(versions),
                List.copyOf(offered),
                List.copyOf(groups),
                List.of(NamedGroup.named("x25519")),
                Menu.ALL_SCHEMES,
                List.of(),
                false);
        return new HelloShape(hellos.hello(offer, plain));
    }

    /** A hello of the newest accepted version as it is asked in enumeration: a server that answers is awake. */
    HelloShape control() {
        return accepts(ProtocolVersion.TLS_1_3) && tls13().isPresent()
                ? tls13().get()
                : older(newestOlder().orElse(ProtocolVersion.SSL_3));
    }
}

package io.tlsfleet.scanner.probe;

import io.tlsfleet.tls.handshake.ServerMessage;
import io.tlsfleet.tls.handshake.ServerMessage.ServerHello;
import io.tlsfleet.tls.handshake.ServerMessage.ServerKeyExchange;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import io.tlsfleet.tls.registry.SuiteFacts.Authentication;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a server has signed its handshakes with, by version, and how to name all schemes so that one who follows the client shows another
 * in a handshake that is made for something else. Only the order changes: whoever signs with what is known still can.
 */
public final class SchemesInUse {
    private static final Comparator<SignatureScheme> REPORTED = Comparator.comparingInt((SignatureScheme s) ->
                    Menu.ALL_SCHEMES.contains(s) ? Menu.ALL_SCHEMES.indexOf(s) : Integer.MAX_VALUE)
            .thenComparingInt(SignatureScheme::code);

    private final Map<ProtocolVersion, Set<SignatureScheme>> seen = new TreeMap<>();

    public void signed(ProtocolVersion version, SignatureScheme scheme) {
        seen.computeIfAbsent(version, v -> new LinkedHashSet<>()).add(scheme);
    }

    /** A flight up to TLS 1.2; nothing where its ServerKeyExchange cannot be read. */
    public void heard(List<ServerMessage> flight) {
        Optional<ServerHello> hello = first(flight, ServerHello.class);
        Optional<ServerKeyExchange> exchange = first(flight, ServerKeyExchange.class);
        if (hello.isEmpty() || exchange.isEmpty()) {
            return;
        }
        try {
            ProtocolVersion version = hello.get().legacyVersion();
            SignatureScheme scheme = KeyExchangeParameters.read(
                            hello.get().cipherSuite(), version, exchange.get().body())
                    .scheme();
            if (scheme != null) {
                signed(version, scheme);
            }
        } catch (MalformedMessage e) {
            // the handshake's own reading says so
        }
    }

    private static <M> Optional<M> first(List<ServerMessage> flight, Class<M> kind) {
        return flight.stream().filter(kind::isInstance).map(kind::cast).findFirst();
    }

    public Set<SignatureScheme> of(ProtocolVersion version) {
        return seen.getOrDefault(version, Set.of());
    }

    /** In one order, whatever they were seen in. */
    public Map<ProtocolVersion, List<SignatureScheme>> all() {
        Map<ProtocolVersion, List<SignatureScheme>> all = new TreeMap<>();
        seen.forEach((version, schemes) ->
                all.put(version, schemes.stream().sorted(REPORTED).toList()));
        return all;
    }

    /** All schemes, those of today that have not been seen in front. */
    public List<SignatureScheme> unseenFirst(ProtocolVersion version) {
        Set<SignatureScheme> ordered = new LinkedHashSet<>(unseen(version));
        ordered.addAll(Menu.ALL_SCHEMES);
        return List.copyOf(ordered);
    }

    /** In front the suites with a curve whose kind of key may sign with what has not been seen. */
    public List<CipherSuite> unseenFirst(ProtocolVersion version, List<CipherSuite> suites) {
        if (version.compareTo(ProtocolVersion.TLS_1_2) < 0) {
            return suites;
        }
        List<SignatureScheme> unseen = unseen(version);
        return suites.stream()
                .sorted(Comparator.comparing(
                        suite -> !suite.facts().usesCurve() || unseen.stream().noneMatch(s -> mayUse(suite, s))))
                .toList();
    }

    private List<SignatureScheme> unseen(ProtocolVersion version) {
        List<SignatureScheme> unseen = new ArrayList<>(Menu.MODERN_SCHEMES);
        unseen.removeAll(of(version));
        return unseen;
    }

    private static boolean mayUse(CipherSuite suite, SignatureScheme scheme) {
        Authentication kind = suite.facts().authentication();
        return kind == Authentication.RSA && Menu.RSA_SCHEMES.contains(scheme)
                || kind == Authentication.ECDSA && Menu.ECDSA_SCHEMES.contains(scheme);
    }
}

package io.tlsfleet.scanner.probe;

import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import java.util.List;

/**
 * What one hello offers, each list in the order of preference that the server sees. {@code shares} are the groups a key share
 * is sent for; none makes a TLS 1.3 server answer with a HelloRetryRequest, which costs it no signature.
 */
public record Offer(
        List<ProtocolVersion> versions,
        List<CipherSuite> suites,
        List<NamedGroup> groups,
        List<NamedGroup> shares,
        List<SignatureScheme> schemes,
        List<String> alpn,
        boolean staple) {

    public Offer {
        versions = List.copyOf(versions);
        suites = List.copyOf(suites);
        groups = List.copyOf(groups);
        shares = List.copyOf(shares);
        schemes = List.copyOf(schemes);
        alpn = List.copyOf(alpn);
    }

    /** Everything that this version may use, nothing beside. */
    public static Offer of(ProtocolVersion version, List<CipherSuite> suites) {
        boolean tls13 = version.equals(ProtocolVersion.TLS_1_3);
        return new Offer(
                List.of(version),
                suites,
                tls13 ? Menu.TLS13_GROUPS : Menu.TLS12_GROUPS,
                List.of(),
                Menu.ALL_SCHEMES,
                List.of(),
                false);
    }

    public ProtocolVersion newest() {
        return versions.getFirst();
    }

    public Offer withSuites(List<CipherSuite> others) {
        return new Offer(versions, others, groups, shares, schemes, alpn, staple);
    }

    public Offer withGroups(List<NamedGroup> others) {
        return new Offer(versions, suites, others, shares, schemes, alpn, staple);
    }

    public Offer withShares(List<NamedGroup> others) {
        return new Offer(versions, suites, groups, others, schemes, alpn, staple);
    }

    public Offer withSchemes(List<SignatureScheme> others) {
        return new Offer(versions, suites, groups, shares, others, alpn, staple);
    }

    public Offer withAlpn(List<String> names) {
        return new Offer(versions, suites, groups, shares, schemes, names, staple);
    }

    public Offer withStaple(boolean asked) {
        return new Offer(versions, suites, groups, shares, schemes, alpn, asked);
    }
}

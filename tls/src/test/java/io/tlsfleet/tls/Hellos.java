package io.tlsfleet.tls;

import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.handshake.Extension;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.KeyShareEntry;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Hellos for tests, small enough to see through. */
public final class Hellos {
    private Hellos() {}

    /** TLS 1.3 alone; the groups are offered, the shares sent. */
    public static ClientHello tls13(List<Integer> suites, List<NamedGroup> groups, List<KeyShareEntry> shares) {
        List<Extension> extensions = new ArrayList<>();
        extensions.add(Extensions.serverName("localhost"));
        extensions.add(Extensions.supportedGroups(groups));
        extensions.add(Extensions.signatureAlgorithms(schemes()));
        extensions.add(Extensions.statusRequest());
        extensions.add(Extensions.supportedVersions(List.of(ProtocolVersion.TLS_1_3)));
        extensions.add(Extensions.pskKeyExchangeModes());
        extensions.add(Extensions.keyShares(shares));
        return hello(suites, extensions);
    }

    /** TLS 1.2 and what its full handshake needs, with more extensions behind. */
    public static ClientHello tls12(ProtocolVersion version, List<Integer> suites, Extension... more) {
        List<Extension> extensions = new ArrayList<>();
        extensions.add(Extensions.serverName("localhost"));
        extensions.add(Extensions.supportedGroups(
                IntStream.of(29, 23, 24, 25).mapToObj(NamedGroup::new).toList()));
        extensions.add(Extensions.ecPointFormats());
        extensions.add(Extensions.signatureAlgorithms(schemes()));
        extensions.add(Extensions.renegotiationInfo());
        extensions.addAll(List.of(more));
        ClientHello hello = hello(suites, extensions);
        return new ClientHello(
                version, hello.random(), new byte[0], hello.cipherSuites(), hello.compressionMethods(), extensions);
    }

    public static List<SignatureScheme> schemes() {
        return IntStream.of(
                        0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0201,
                        0x0203)
                .mapToObj(SignatureScheme::new)
                .toList();
    }

    private static ClientHello hello(List<Integer> suites, List<Extension> extensions) {
        byte[] random = new byte[32];
        byte[] sessionId = new byte[32];
        java.util.concurrent.ThreadLocalRandom.current().nextBytes(random);
        java.util.concurrent.ThreadLocalRandom.current().nextBytes(sessionId);
        return new ClientHello(
                ProtocolVersion.TLS_1_2,
                random,
                sessionId,
                suites.stream().map(CipherSuite::new).toList(),
                new byte[] {0},
                extensions);
    }
}

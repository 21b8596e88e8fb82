package io.tlsfleet.tls.fingerprint;

import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a client is able to speak, in its own order, GREASE left out. {@code groups} and {@code schemes} are empty where
 * it names none, which before TLS 1.3 means "any", not "none".
 */
public record ClientOffer(
        List<ProtocolVersion> versions,
        List<CipherSuite> suites,
        List<NamedGroup> groups,
        List<SignatureScheme> schemes,
        List<NamedGroup> keyShares,
        List<String> alpn) {

    public static ClientOffer of(byte[] helloBody) throws MalformedMessage {
        ClientHello hello = ClientHello.decode(helloBody);
        return new ClientOffer(
                versions(hello),
                hello.cipherSuites().stream()
                        .filter(s -> !HelloFields.isGrease(s.code()))
                        .toList(),
                codes(hello, Extensions.SUPPORTED_GROUPS).stream()
                        .map(NamedGroup::new)
                        .toList(),
                codes(hello, Extensions.SIGNATURE_ALGORITHMS).stream()
                        .map(SignatureScheme::new)
                        .toList(),
                keyShares(hello),
                alpn(hello));
    }

    /** Highest first; without supported_versions everything from SSL 3.0 to the legacy version (RFC 5246 appendix E.1). */
    private static List<ProtocolVersion> versions(ClientHello hello) throws MalformedMessage {
        Optional<byte[]> data = hello.extension(Extensions.SUPPORTED_VERSIONS);
        if (data.isEmpty()) {
            return ProtocolVersion.ALL.reversed().stream()
                    .filter(v -> v.compareTo(hello.legacyVersion()) <= 0
                            && v.compareTo(ProtocolVersion.SSL_3) >= 0
                            && v.compareTo(ProtocolVersion.TLS_1_3) < 0)
                    .toList();
        }
        return ByteReader.of(data.get()).sub8("supported_versions").u16List("supported_versions").stream()
                .filter(v -> !HelloFields.isGrease(v))
                .map(ProtocolVersion::new)
                .sorted(java.util.Comparator.reverseOrder())
                .toList();
    }

    private static List<Integer> codes(ClientHello hello, int extension) throws MalformedMessage {
        Optional<byte[]> data = hello.extension(extension);
        return data.isEmpty()
                ? List.of()
                : Extensions.readU16List(data.get(), "extension " + extension).stream()
                        .filter(v -> !HelloFields.isGrease(v))
                        .toList();
    }

    private static List<NamedGroup> keyShares(ClientHello hello) throws MalformedMessage {
        List<NamedGroup> groups = new ArrayList<>();
        Optional<byte[]> data = hello.extension(Extensions.KEY_SHARE);
        if (data.isPresent()) {
            ByteReader shares = ByteReader.of(data.get()).sub16("key_share");
            while (!shares.isEmpty()) {
                int group = shares.u16("key_share group");
                shares.vec16("key_exchange");
                if (!HelloFields.isGrease(group)) {
                    groups.add(new NamedGroup(group));
                }
            }
        }
        return groups;
    }

    private static List<String> alpn(ClientHello hello) throws MalformedMessage {
        Optional<byte[]> data = hello.extension(Extensions.ALPN);
        return data.isEmpty() ? List.of() : Extensions.readAlpn(data.get());
    }
}

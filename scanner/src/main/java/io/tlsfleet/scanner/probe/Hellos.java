package io.tlsfleet.scanner.probe;

import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.handshake.Extension;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.KeyShareEntry;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Writes an {@link Offer} as a ClientHello for one server name. Optional extensions are those that cost nothing and bring a
 * fact home (extended master secret, secure renegotiation, session ticket, encrypt-then-MAC, SCTs); a {@code plain} hello leaves
 * them out for servers that break off. SSL 3.0 gets no extensions, as it should be.
 */
public final class Hellos {
    private static final byte[] NULL_COMPRESSION = {0};
    private static final int HANDSHAKE_HEADER = 4;

    private final @Nullable String serverName;
    private final RandomGenerator random;
    private final KeyShares shares;

    public Hellos(@Nullable String serverName, RandomGenerator random, KeyShares shares) {
        this.serverName = serverName;
        this.random = random;
        this.shares = shares;
    }

    /** The same without SNI, or with another name. */
    public Hellos named(@Nullable String other) {
        return new Hellos(other, random, shares);
    }

    /** Whether a server name is sent. */
    public boolean isNamed() {
        return serverName != null;
    }

    public ClientHello hello(Offer offer, boolean plain) {
        ProtocolVersion newest = offer.newest();
        boolean tls13 = newest.equals(ProtocolVersion.TLS_1_3);
        ProtocolVersion legacy = tls13 ? ProtocolVersion.TLS_1_2 : newest;
        byte[] sessionId = tls13 ? bytes(32) : new byte[0];
        if (newest.equals(ProtocolVersion.SSL_3)) {
            return new ClientHello(legacy, bytes(32), sessionId, offer.suites(), NULL_COMPRESSION, null);
        }
        List<Extension> extensions = new ArrayList<>();
        if (serverName != null) {
            extensions.add(Extensions.serverName(serverName));
        }
        boolean older = offer.versions().getLast().compareTo(ProtocolVersion.TLS_1_3) < 0;
        if (older && !plain) {
            extensions.add(Extensions.empty(Extensions.EXTENDED_MASTER_SECRET));
            extensions.add(Extensions.renegotiationInfo());
            extensions.add(Extensions.empty(Extensions.ENCRYPT_THEN_MAC));
        }
        extensions.add(Extensions.supportedGroups(offer.groups()));
        if (older) {
            extensions.add(Extensions.ecPointFormats());
        }
        if (!plain) {
            extensions.add(Extensions.empty(Extensions.SESSION_TICKET));
        }
        if (!offer.alpn().isEmpty()) {
            extensions.add(Extensions.alpn(offer.alpn()));
        }
        if (offer.staple() && !plain) {
            extensions.add(Extensions.statusRequest());
            extensions.add(Extensions.empty(Extensions.SIGNED_CERTIFICATE_TIMESTAMP));
        }
        if (newest.compareTo(ProtocolVersion.TLS_1_2) >= 0) {
            extensions.add(Extensions.signatureAlgorithms(offer.schemes()));
        }
        if (tls13) {
            List<KeyShareEntry> entries =
                    offer.shares().stream().map(shares::offer).toList();
            extensions.add(Extensions.supportedVersions(offer.versions()));
            extensions.add(Extensions.pskKeyExchangeModes());
            extensions.add(Extensions.keyShares(entries));
        }
        ClientHello hello = new ClientHello(legacy, bytes(32), sessionId, offer.suites(), NULL_COMPRESSION, extensions);
        return padded(hello, extensions);
    }

    /** RFC 7685: some load balancers hang on a hello of 256 to 511 bytes. */
    private static ClientHello padded(ClientHello hello, List<Extension> extensions) {
        int length = hello.length() + HANDSHAKE_HEADER;
        if (length < 256 || length >= 512) {
            return hello;
        }
        extensions.add(new Extension(Extensions.PADDING, new byte[Math.max(1, 512 - length - 4)]));
        return new ClientHello(
                hello.legacyVersion(),
                hello.random(),
                hello.sessionId(),
                hello.cipherSuites(),
                hello.compressionMethods(),
                extensions);
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}

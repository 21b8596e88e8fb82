package io.tlsfleet.tls.keys;

import io.tlsfleet.tls.handshake.KeyShareEntry;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Our ephemeral keys, which are not: one a group, made when it is first asked for and kept for the life of the process,
 * because nothing secret is ever sent over the connections they protect; and the certificate that a user gave for servers that ask
 * for one. Safe for use by many threads.
 */
public final class KeyShares {
    private final SecureRandom random;
    private final Map<Integer, KeyExchange> exchanges;
    private final @Nullable ClientIdentity identity;

    public KeyShares(SecureRandom random) {
        this(random, new ConcurrentHashMap<>(), null);
    }

    KeyShares(SecureRandom random, Map<Integer, KeyExchange> exchanges, @Nullable ClientIdentity identity) {
        this.random = random;
        this.exchanges = exchanges;
        this.identity = identity;
    }

    /** The same shares, with a certificate for servers that ask for one. */
    public KeyShares presenting(ClientIdentity ours) {
        return new KeyShares(random, exchanges, ours);
    }

    /** The same shares of somebody who has no certificate. */
    public KeyShares anonymous() {
        return identity == null ? this : new KeyShares(random, exchanges, null);
    }

    public Optional<ClientIdentity> identity() {
        return Optional.ofNullable(identity);
    }

    /** What {@link #offer} and {@link #agree} know, the ones that servers like best first. */
    public static List<NamedGroup> groups() {
        return Stream.of(
                        0x001D, 0x0017, 0x0018, 0x0019, 0x001E, 0x11EC, 0x11EB, 0x11ED, 0x0100, 0x0101, 0x0102, 0x0103,
                        0x0104, 0x0200, 0x0201, 0x0202, 0x001A, 0x001B, 0x001C, 0x001F, 0x0020, 0x0021, 0x0029, 0x11EE,
                        0x0016, 0x0015, 0x0014, 0x0013, 0x0012, 0x0011, 0x0010, 0x000F, 0x000E, 0x000D, 0x000C, 0x000B,
                        0x000A, 0x0009, 0x0008, 0x0007, 0x0006, 0x0005, 0x0004, 0x0003, 0x0002, 0x0001)
                .map(NamedGroup::new)
                .toList();
    }

    public boolean knows(NamedGroup group) {
        return exchanges.containsKey(group.code()) || maker(group.code()).isPresent();
    }

    /** Our public value; the group must be one that we {@link #knows}. */
    public KeyShareEntry offer(NamedGroup group) {
        return new KeyShareEntry(group, exchange(group).publicValue());
    }

    /** The secret that our value and the peer's make, as TLS 1.3 feeds it to its key schedule (RFC 8446 section 7.4). */
    public byte[] agree(NamedGroup group, byte[] peerValue) throws MalformedMessage {
        KeyExchange exchange = exchange(group);
        try {
            return exchange.agree(peerValue);
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new MalformedMessage(
                    "key_share: no public value of " + group.name() + " (" + peerValue.length + " bytes)");
        }
    }

    private KeyExchange exchange(NamedGroup group) {
        return exchanges.computeIfAbsent(
                group.code(),
                code -> maker(code)
                        .orElseThrow(() -> new IllegalArgumentException("no key exchange with " + group.name()))
                        .get());
    }

    private Optional<Supplier<KeyExchange>> maker(int code) {
        return Optional.ofNullable(
                switch (code) {
                    case 0x001D -> () -> new KeyExchange.X25519(random);
                    case 0x001E -> () -> new KeyExchange.X448(random);
                    case 0x0100, 0x0101, 0x0102, 0x0103, 0x0104 ->
                        () -> KeyExchange.FiniteField.named(new NamedGroup(code).name(), random);
                    case 0x0200 -> () -> new KeyExchange.MlKem("ML-KEM-512", random);
                    case 0x0201 -> () -> new KeyExchange.MlKem("ML-KEM-768", random);
                    case 0x0202 -> () -> new KeyExchange.MlKem("ML-KEM-1024", random);
                    case 0x11EB -> () -> pair(curve("secp256r1"), "ML-KEM-768");
                    case 0x11EC ->
                        () -> new KeyExchange.Hybrid(
                                new KeyExchange.MlKem("ML-KEM-768", random), new KeyExchange.X25519(random));
                    case 0x11ED -> () -> pair(curve("secp384r1"), "ML-KEM-1024");
                    case 0x11EE -> () -> pair(curve("sm2p256v1"), "ML-KEM-768");
                    case 0x0029 -> () -> curve("sm2p256v1");
                    case 0x001F -> () -> curve("brainpoolP256r1");
                    case 0x0020 -> () -> curve("brainpoolP384r1");
                    case 0x0021 -> () -> curve("brainpoolP512r1");
                    default -> code >= 0x0001 && code <= 0x001C ? () -> curve(new NamedGroup(code).name()) : null;
                });
    }

    private KeyExchange curve(String name) {
        return new KeyExchange.Curve(name, random);
    }

    private KeyExchange pair(KeyExchange classical, String mlKem) {
        return new KeyExchange.Hybrid(classical, new KeyExchange.MlKem(mlKem, random));
    }
}

package io.tlsfleet.tls.ech;

import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.handshake.Extension;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.ServerMessage.ServerHello;
import io.tlsfleet.tls.keys.Hash;
import io.tlsfleet.tls.keys.Hkdf;
import io.tlsfleet.tls.keys.Tls13Suite;
import io.tlsfleet.tls.record.HandshakeMessage;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.crypto.hpke.HPKEContextWithEncapsulation;

/**
 * A hello inside a hello (RFC 9849 section 6.1): the inner one is the true one, sealed under the server's key; the outer one
 * names the public name. What both say alike is sent once, in the outer one, as browsers do: NSS 3.87 comes to a
 * transcript of its own where nothing is taken over.
 */
public final class EchHello {
    private static final int CONFIRMATION = 8;
    private static final int TAG = 16;
    private static final int OUTER_EXTENSIONS = 0xFD00;
    private static final int PADDED_TO = 32;
    private static final byte INNER = 1;
    private static final byte[] INFO = "tls ech\0".getBytes(StandardCharsets.US_ASCII);

    private final ClientHello inner;
    private final ClientHello outer;

    private EchHello(ClientHello inner, ClientHello outer) {
        this.inner = inner;
        this.outer = outer;
    }

    /** X25519 and the NIST curves. */
    static boolean knows(int kem) {
        return kem == HPKE.kem_X25519_SHA256
                || kem == HPKE.kem_P256_SHA256
                || kem == HPKE.kem_P384_SHA384
                || kem == HPKE.kem_P521_SHA512;
    }

    /**
     * Hides {@code hello}, a TLS 1.3 one for {@code serverName}, from all but the owner of {@code config}, one of {@link
     * EchConfig#usable}.
     */
    public static EchHello of(ClientHello hello, String serverName, EchConfig config, RandomGenerator random)
            throws MalformedMessage {
        List<Extension> plain = new ArrayList<>(hello.extensions() == null ? List.of() : hello.extensions());
        plain.removeIf(e -> e.type().code() == Extensions.ENCRYPTED_CLIENT_HELLO
                || e.type().code() == Extensions.SERVER_NAME
                || e.type().code() == Extensions.PADDING);
        List<Extension> inside = new ArrayList<>(List.of(Extensions.serverName(serverName)));
        inside.addAll(plain);
        inside.add(new Extension(Extensions.ENCRYPTED_CLIENT_HELLO, new byte[] {INNER}));
        ClientHello inner = with(hello, hello.random(), hello.sessionId(), inside);
        List<Extension> shortened = List.of(inside.getFirst(), takenOver(plain), inside.getLast());
        byte[] encoded =
                with(inner, inner.random(), new byte[0], shortened).encode().body();
        byte[] padded = Arrays.copyOf(encoded, paddedLength(encoded.length, serverName, config));

        EchConfig.Suite suite = config.suite().orElseThrow(() -> new IllegalArgumentException("not usable"));
        HPKEContextWithEncapsulation hpke = context(config, suite);
        byte[] outerRandom = new byte[32];
        random.nextBytes(outerRandom);
        List<Extension> outside = new ArrayList<>(List.of(Extensions.serverName(config.publicName())));
        outside.addAll(plain);
        outside.add(extension(config, suite, hpke.getEncapsulation(), new byte[padded.length + TAG]));
        byte[] associated =
                with(hello, outerRandom, hello.sessionId(), outside).encode().body();
        byte[] payload = seal(hpke, associated, padded);
        outside.set(outside.size() - 1, extension(config, suite, hpke.getEncapsulation(), payload));
        return new EchHello(inner, with(hello, outerRandom, hello.sessionId(), outside));
    }

    /** What is sent. */
    public ClientHello outer() {
        return outer;
    }

    /** Whether the server read the inner hello (RFC 9849 section 7.2); empty when this answer cannot tell. */
    public Optional<Boolean> isAccepted(ServerHello answer) {
        Optional<Tls13Suite> suite = Tls13Suite.of(answer.cipherSuite());
        if (suite.isEmpty() || answer.isHelloRetryRequest()) {
            return Optional.empty();
        }
        Hash hash = suite.get().hash();
        byte[] said =
                Arrays.copyOfRange(answer.random(), answer.random().length - CONFIRMATION, answer.random().length);
        byte[] transcript =
                hash.of(ByteWriter.write(w -> w.raw(inner.encode().encode()).raw(withoutConfirmation(answer))));
        Hkdf hkdf = new Hkdf(hash);
        byte[] expected = hkdf.expandLabel(
                hkdf.extract(new byte[0], inner.random()), "ech accept confirmation", transcript, CONFIRMATION);
        return Optional.of(MessageDigest.isEqual(expected, said));
    }

    private static byte[] withoutConfirmation(ServerHello hello) {
        byte[] random = Arrays.copyOf(Arrays.copyOf(hello.random(), hello.random().length - CONFIRMATION), 32);
        return new HandshakeMessage(HandshakeMessage.SERVER_HELLO, ByteWriter.write(w -> {
                    w.u16(hello.legacyVersion().code()).raw(random).vec8(hello.sessionId());
                    w.u16(hello.cipherSuite().code()).u8(hello.compressionMethod());
                    List<Extension> extensions = hello.extensions();
                    if (extensions != null) {
                        Extension.writeAll(w, extensions);
                    }
                }))
                .encode();
    }

    /** RFC 9849 section 5.1. */
    private static Extension takenOver(List<Extension> extensions) {
        return new Extension(
                OUTER_EXTENSIONS,
                ByteWriter.write(w ->
                        w.vec8(types -> types.u16s(extensions, e -> e.type().code()))));
    }

    /** RFC 9849 section 6.1.3: as long as with the longest name, then a multiple of 32. */
    private static int paddedLength(int length, String name, EchConfig config) {
        int asLong = length + Math.max(0, config.maximumNameLength() - name.length());
        return (asLong + PADDED_TO - 1) / PADDED_TO * PADDED_TO;
    }

    private static Extension extension(EchConfig config, EchConfig.Suite suite, byte[] encapsulated, byte[] payload) {
        return new Extension(
                Extensions.ENCRYPTED_CLIENT_HELLO,
                ByteWriter.write(w -> w.u8(0)
                        .u16(suite.kdf())
                        .u16(suite.aead())
                        .u8(config.configId())
                        .vec16(encapsulated)
                        .vec16(payload)));
    }

    private static HPKEContextWithEncapsulation context(EchConfig config, EchConfig.Suite suite)
            throws MalformedMessage {
        try {
            HPKE hpke = new HPKE(HPKE.mode_base, (short) config.kem(), (short) suite.kdf(), (short) suite.aead());
            byte[] info = ByteWriter.write(w -> w.raw(INFO).raw(config.encoded()));
            return hpke.setupBaseS(hpke.deserializePublicKey(config.publicKey()), info);
        } catch (RuntimeException e) {
            // Bouncy Castle's way to say that the bytes are no point of the curve.
            throw new MalformedMessage("ech config: no public key of its KEM");
        }
    }

    private static byte[] seal(HPKEContextWithEncapsulation hpke, byte[] associated, byte[] text) {
        try {
            return hpke.seal(associated, text);
        } catch (InvalidCipherTextException e) {
            throw new IllegalStateException("sealing does not fail", e);
        }
    }

    private static ClientHello with(ClientHello hello, byte[] random, byte[] sessionId, List<Extension> extensions) {
        return new ClientHello(
                hello.legacyVersion(),
                random,
                sessionId,
                hello.cipherSuites(),
                hello.compressionMethods(),
                List.copyOf(extensions));
    }
}

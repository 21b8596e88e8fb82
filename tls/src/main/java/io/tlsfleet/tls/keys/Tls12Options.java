package io.tlsfleet.tls.keys;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a handshake below TLS 1.3 does beside finishing.
 *
 * @param after what is sent when both Finished are exchanged
 * @param patience how long a silence after that ends the conversation
 * @param resume offered by its ticket if it has one, else by its session id
 * @param keyExchange what the ClientKeyExchange of an RSA suite holds in place of a rightly encrypted premaster secret
 */
public record Tls12Options(
        After after,
        Duration patience,
        @Nullable Tls12Session resume,
        @Nullable RsaMessage keyExchange,
        SecureRandom random,
        LongSupplier nanoTime) {
    public static final Tls12Options PLAIN =
            new Tls12Options(After.CLOSE, Duration.ofMillis(500), null, null, new SecureRandom(), System::nanoTime);

    public Tls12Options then(After what) {
        return new Tls12Options(what, patience, resume, keyExchange, random, nanoTime);
    }

    public Tls12Options waiting(Duration silence) {
        return new Tls12Options(after, silence, resume, keyExchange, random, nanoTime);
    }

    public Tls12Options resuming(Tls12Session session) {
        return new Tls12Options(after, patience, session, keyExchange, random, nanoTime);
    }

    public Tls12Options exchanging(RsaMessage message) {
        return new Tls12Options(after, patience, resume, message, random, nanoTime);
    }

    /** Bytes for the wire, made when the connection is protected. */
    @FunctionalInterface
    public interface After {
        /** The polite end, which makes most servers close at once. */
        After CLOSE = channel -> channel.seal(21, new byte[] {1, 0});

        byte[] send(Tls12Channel channel);

        static After request(byte[] applicationData) {
            return channel -> channel.seal(23, applicationData);
        }
    }

    /** The block that is encrypted with the server's RSA key as it stands, padding included; as long as the modulus. */
    @FunctionalInterface
    public interface RsaMessage {
        byte[] block(int modulusLength, byte[] premasterSecret);
    }
}

package io.tlsfleet.tls.keys;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** The hash of the handshake messages so far (RFC 8446 section 4.4.1); kept as bytes until the hash function is known. */
public final class Transcript {
    private static final int MESSAGE_HASH = 254;

    private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();
    private @Nullable MessageDigest digest;

    public void add(byte[] message) {
        if (digest == null) {
            waiting.writeBytes(message);
        } else {
            digest.update(message);
        }
    }

    public void hashWith(Hash hash) {
        if (digest == null) {
            digest = hash.digest();
            digest.update(waiting.toByteArray());
        }
    }

    /** Replaces the first ClientHello by its hash, as a HelloRetryRequest demands. */
    public void replaceByMessageHash(Hash hash) {
        byte[] first = hash.of(waiting.toByteArray());
        digest = hash.digest();
        digest.update(new byte[] {(byte) MESSAGE_HASH, 0, 0, (byte) first.length});
        digest.update(first);
    }

    public byte[] hash() {
        return copy().digest();
    }

    /** The hash as it would be with one more message, or a part of one. */
    byte[] hashWith(Hash hash, byte[] more) {
        MessageDigest copy;
        if (digest == null) {
            copy = hash.digest();
            copy.update(waiting.toByteArray());
        } else {
            copy = copy();
        }
        copy.update(more);
        return copy.digest();
    }

    private MessageDigest copy() {
        if (digest == null) {
            throw new IllegalStateException("the transcript's hash function is not known yet");
        }
        try {
            return (MessageDigest) digest.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("digests of the JDK and Bouncy Castle are cloneable", e);
        }
    }
}

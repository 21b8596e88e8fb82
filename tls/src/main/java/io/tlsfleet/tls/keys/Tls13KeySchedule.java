package io.tlsfleet.tls.keys;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The key schedule of TLS 1.3 (RFC 8446 section 7.1) with the names of its figure. Secrets come in the figure's order:
 * early at once, handshake after {@link #handshake}, the rest after {@link #master}.
 */
public final class Tls13KeySchedule {
    /** Where no key is shared beforehand: the same in every handshake. */
    private static final Map<Hash, Early> NOTHING_SHARED = new ConcurrentHashMap<>();

    private final Hkdf hkdf;
    private final Early early;
    private byte @Nullable [] handshake;
    private byte @Nullable [] master;

    private record Early(byte[] secret, byte[] derived) {
        static Early of(Hkdf hkdf, byte[] preSharedKey) {
            byte[] secret = hkdf.extract(hkdf.zeros(), preSharedKey);
            return new Early(secret, hkdf.deriveSecret(secret, "derived"));
        }
    }

    public Tls13KeySchedule(Hash hash, Optional<byte[]> preSharedKey) {
        this.hkdf = new Hkdf(hash);
        this.early = preSharedKey
                .map(key -> Early.of(hkdf, key))
                .orElseGet(() -> NOTHING_SHARED.computeIfAbsent(hash, h -> Early.of(hkdf, hkdf.zeros())));
    }

    /** The key under which a resumption PSK's binder is made. */
    public byte[] resumptionBinderKey() {
        return hkdf.deriveSecret(early.secret, "res binder");
    }

    public byte[] clientEarlyTraffic(byte[] transcriptHash) {
        return hkdf.deriveSecret(early.secret, "c e traffic", transcriptHash);
    }

    public void handshake(byte[] sharedSecret) {
        handshake = hkdf.extract(early.derived, sharedSecret);
    }

    public byte[] clientHandshakeTraffic(byte[] transcriptHash) {
        return hkdf.deriveSecret(due(handshake), "c hs traffic", transcriptHash);
    }

    public byte[] serverHandshakeTraffic(byte[] transcriptHash) {
        return hkdf.deriveSecret(due(handshake), "s hs traffic", transcriptHash);
    }

    public void master() {
        master = hkdf.extract(hkdf.deriveSecret(due(handshake), "derived"), hkdf.zeros());
    }

    public byte[] clientApplicationTraffic(byte[] transcriptHash) {
        return hkdf.deriveSecret(due(master), "c ap traffic", transcriptHash);
    }

    public byte[] serverApplicationTraffic(byte[] transcriptHash) {
        return hkdf.deriveSecret(due(master), "s ap traffic", transcriptHash);
    }

    public byte[] resumptionMaster(byte[] transcriptHash) {
        return hkdf.deriveSecret(due(master), "res master", transcriptHash);
    }

    /** The PSK of a ticket with that nonce (RFC 8446 section 4.6.1). */
    public byte[] resumptionPsk(byte[] resumptionMaster, byte[] ticketNonce) {
        return hkdf.expandLabel(
                resumptionMaster, "resumption", ticketNonce, hkdf.hash().length());
    }

    /** The verify_data of a Finished, or a binder (RFC 8446 section 4.4.4). */
    public byte[] finished(byte[] baseKey, byte[] transcriptHash) {
        byte[] key =
                hkdf.expandLabel(baseKey, "finished", new byte[0], hkdf.hash().length());
        return hkdf.hash().hmac(key, transcriptHash);
    }

    private static byte[] due(byte @Nullable [] secret) {
        if (secret == null) {
            throw new IllegalStateException("a secret is asked for before its time");
        }
        return secret;
    }
}

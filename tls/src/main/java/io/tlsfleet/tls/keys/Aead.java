package io.tlsfleet.tls.keys;

import io.tlsfleet.tls.wire.MalformedMessage;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.engines.ARIAEngine;
import org.bouncycastle.crypto.engines.CamelliaEngine;
import org.bouncycastle.crypto.engines.SM4Engine;
import org.bouncycastle.crypto.modes.AEADBlockCipher;
import org.bouncycastle.crypto.modes.CCMBlockCipher;
import org.bouncycastle.crypto.modes.GCMBlockCipher;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;

/** One direction's AEAD (RFC 5116) under one key; the nonce is the caller's. GCM and ChaCha20 are the JDK's, the rest Bouncy Castle's. Used by one thread at a time. */
public final class Aead {
    /** With the length of key and tag in bytes. */
    public enum Algorithm {
        AES_128_GCM(16, 16),
        AES_256_GCM(32, 16),
        CHACHA20_POLY1305(32, 16),
        AES_128_CCM(16, 16),
        AES_128_CCM_8(16, 8),
        AES_256_CCM(32, 16),
        AES_256_CCM_8(32, 8),
        CAMELLIA_128_GCM(16, 16),
        CAMELLIA_256_GCM(32, 16),
        ARIA_128_GCM(16, 16),
        ARIA_256_GCM(32, 16),
        SM4_GCM(16, 16),
        SM4_CCM(16, 16);

        private final int keyLength;
        private final int tagLength;

        Algorithm(int keyLength, int tagLength) {
            this.keyLength = keyLength;
            this.tagLength = tagLength;
        }

        public int keyLength() {
            return keyLength;
        }

        public int tagLength() {
            return tagLength;
        }
    }

    /** Each thread's: a new one costs as much as three records, and whoever uses it gives it key and nonce first. */
    private static final ThreadLocal<Cipher> GCM = ThreadLocal.withInitial(Aead::gcm);

    private final Algorithm algorithm;
    private final byte[] key;

    public Aead(Algorithm algorithm, byte[] key) {
        if (key.length != algorithm.keyLength) {
            throw new IllegalArgumentException(algorithm + " with a key of " + key.length + " bytes");
        }
        this.algorithm = algorithm;
        this.key = key;
    }

    public byte[] seal(byte[] nonce, byte[] associatedData, byte[] plaintext) {
        try {
            return run(true, nonce, associatedData, plaintext);
        } catch (GeneralSecurityException | InvalidCipherTextException e) {
            throw new IllegalStateException(algorithm + " cannot seal", e);
        }
    }

    /** Fails alike for whatever reason: too short, a wrong tag. */
    public byte[] open(byte[] nonce, byte[] associatedData, byte[] ciphertext) throws MalformedMessage {
        try {
            return run(false, nonce, associatedData, ciphertext);
        } catch (GeneralSecurityException | InvalidCipherTextException e) {
            throw new MalformedMessage("record: " + algorithm + " does not open it");
        }
    }

    private byte[] run(boolean sealing, byte[] nonce, byte[] associatedData, byte[] data)
            throws GeneralSecurityException, InvalidCipherTextException {
        return switch (algorithm) {
            case AES_128_GCM, AES_256_GCM -> {
                Cipher cipher = gcm(sealing, nonce);
                cipher.updateAAD(associatedData);
                yield cipher.doFinal(data);
            }
            case CHACHA20_POLY1305 -> {
                Cipher cipher = Cipher.getInstance("ChaCha20-Poly1305"); // does not open what it has just sealed
                cipher.init(
                        sealing ? Cipher.ENCRYPT_MODE : Cipher.DECRYPT_MODE,
                        new SecretKeySpec(key, "ChaCha20"),
                        new IvParameterSpec(nonce));
                cipher.updateAAD(associatedData);
                yield cipher.doFinal(data);
            }
            case AES_128_CCM, AES_128_CCM_8, AES_256_CCM, AES_256_CCM_8 ->
                run(CCMBlockCipher.newInstance(AESEngine.newInstance()), sealing, nonce, associatedData, data);
            case CAMELLIA_128_GCM, CAMELLIA_256_GCM ->
                run(GCMBlockCipher.newInstance(new CamelliaEngine()), sealing, nonce, associatedData, data);
            case ARIA_128_GCM, ARIA_256_GCM ->
                run(GCMBlockCipher.newInstance(new ARIAEngine()), sealing, nonce, associatedData, data);
            case SM4_GCM -> run(GCMBlockCipher.newInstance(new SM4Engine()), sealing, nonce, associatedData, data);
            case SM4_CCM -> run(CCMBlockCipher.newInstance(new SM4Engine()), sealing, nonce, associatedData, data);
        };
    }

    private Cipher gcm(boolean sealing, byte[] nonce) throws GeneralSecurityException {
        int mode = sealing ? Cipher.ENCRYPT_MODE : Cipher.DECRYPT_MODE;
        SecretKeySpec secret = new SecretKeySpec(key, "AES");
        GCMParameterSpec parameters = new GCMParameterSpec(8 * algorithm.tagLength, nonce);
        Cipher cipher = GCM.get();
        try {
            cipher.init(mode, secret, parameters);
        } catch (InvalidAlgorithmParameterException e) {
            // it has just sealed with that key and nonce; the key of QUIC's Retry has only one (RFC 9001 section 5.8)
            cipher = gcm();
            GCM.set(cipher);
            cipher.init(mode, secret, parameters);
        }
        return cipher;
    }

    private static Cipher gcm() {
        try {
            return Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
        }
    }

    private byte[] run(AEADBlockCipher cipher, boolean sealing, byte[] nonce, byte[] associatedData, byte[] data)
            throws InvalidCipherTextException {
        cipher.init(sealing, new AEADParameters(new KeyParameter(key), 8 * algorithm.tagLength, nonce, associatedData));
        byte[] out = new byte[cipher.getOutputSize(data.length)];
        int length = cipher.processBytes(data, 0, data.length, out, 0);
        length += cipher.doFinal(out, length);
        return length == out.length ? out : Arrays.copyOf(out, length);
    }
}

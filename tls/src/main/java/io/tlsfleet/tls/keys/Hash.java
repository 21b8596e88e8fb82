package io.tlsfleet.tls.keys;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.digests.SM3Digest;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.jcajce.provider.digest.SM3;

/** The hash functions of TLS' key schedules and MACs, each with its HMAC (RFC 2104); SM3 is Bouncy Castle's. */
public enum Hash {
    MD5("MD5", "HmacMD5", 16),
    SHA_1("SHA-1", "HmacSHA1", 20),
    SHA_256("SHA-256", "HmacSHA256", 32),
    SHA_384("SHA-384", "HmacSHA384", 48),
    SHA_512("SHA-512", "HmacSHA512", 64),
    SM_3("SM3", "HmacSM3", 32);

    private final String digestName;
    private final String macName;
    private final int length;

    Hash(String digestName, String macName, int length) {
        this.digestName = digestName;
        this.macName = macName;
        this.length = length;
    }

    public int length() {
        return length;
    }

    public MessageDigest digest() {
        if (this == SM_3) {
            return new SM3.Digest();
        }
        try {
            return MessageDigest.getInstance(digestName);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + digestName, e);
        }
    }

    public byte[] of(byte[] data) {
        return digest().digest(data);
    }

    public byte[] hmac(byte[] key, byte[]... parts) {
        if (this == SM_3) {
            HMac mac = new HMac(new SM3Digest());
            mac.init(new KeyParameter(key));
            for (byte[] part : parts) {
                mac.update(part, 0, part.length);
            }
            byte[] tag = new byte[length];
            mac.doFinal(tag, 0);
            return tag;
        }
        try {
            Mac mac = Mac.getInstance(macName);
            // The JDK knows no empty key; one zero byte is padded to the same block (RFC 2104 section 2).
            mac.init(new SecretKeySpec(key.length == 0 ? new byte[1] : key, macName));
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + macName, e);
        }
    }
}

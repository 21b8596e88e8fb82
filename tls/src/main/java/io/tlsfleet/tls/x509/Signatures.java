package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.der.Der;
import io.tlsfleet.tls.x509.der.DerReader;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.StandardDSAEncoding;
import org.bouncycastle.crypto.util.PublicKeyFactory;
import org.jspecify.annotations.Nullable;

/**
 * Signatures over certificates, CRLs, OCSP responses and SCTs. A question has one answer for ever, so answers are kept
 * in a bounded table, keyed by the hash of everything that was asked.
 */
final class Signatures {
    /** What a verification found; {@code UNSUPPORTED} is neither good nor forged. */
    enum Result {
        GOOD,
        BAD,
        UNSUPPORTED
    }

    static final int MAX_RSA_BITS = 8_192;
    private static final int MAX_EXPONENT_BITS = 64;
    private static final int KEPT = 8_192;
    private static final Map<Key, Result> ANSWERS = Collections.synchronizedMap(new Kept());

    private static final Map<String, MessageDigest> DIGESTS = new ConcurrentHashMap<>();

    private Signatures() {}

    private record Key(long a, long b, long c, long d) {}

    private static final class Kept extends LinkedHashMap<Key, Result> {
        Kept() {
            super(256, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Result> eldest) {
            return size() > KEPT;
        }
    }

    /** Whether {@code issuer}'s key made the signature of {@code certificate}. */
    static Result of(CertificateFacts certificate, PublicKeyFacts issuer) {
        return verify(certificate.signatureAlgorithm(), issuer, certificate.tbs(), certificate.signature());
    }

    static Result verify(AlgorithmId algorithm, PublicKeyFacts key, byte[] message, byte[] signature) {
        Key asked = key(algorithm, key, message, signature);
        Result known = ANSWERS.get(asked);
        if (known == null) {
            known = compute(algorithm, key, message, signature);
            ANSWERS.put(asked, known);
        }
        return known;
    }

    /** The hash of what {@link #of} is asked. */
    static byte[] question(CertificateFacts certificate, PublicKeyFacts issuer) {
        Key key = key(certificate.signatureAlgorithm(), issuer, certificate.tbs(), certificate.signature());
        return java.nio.ByteBuffer.allocate(32)
                .putLong(key.a)
                .putLong(key.b)
                .putLong(key.c)
                .putLong(key.d)
                .array();
    }

    /** Good answers by the hashes of their questions, 32 octets each. */
    static void remember(byte[] questions) {
        java.nio.ByteBuffer all = java.nio.ByteBuffer.wrap(questions);
        while (all.remaining() >= 32) {
            ANSWERS.put(new Key(all.getLong(), all.getLong(), all.getLong(), all.getLong()), Result.GOOD);
        }
    }

    /** How much CPU an unanswered question costs, in verifications of RSA-2048 (about 50 µs). */
    static int cost(PublicKeyFacts key) {
        if (key.isRsa()) {
            int size = Math.max(1, key.bits() / 1_024);
            return Math.max(1, size * size / 4) * Math.max(1, bits(key.exponent()) / 17);
        }
        return 6;
    }

    /** The digest of a signature algorithm (SHA-1, SHA-256 …), or nothing where it has none of its own. */
    static Optional<String> digest(AlgorithmId algorithm) {
        if (algorithm.oid().equals(AlgorithmId.PSS)) {
            return pss(algorithm).map(PSSParameterSpec::getDigestAlgorithm);
        }
        Scheme scheme = SCHEMES.get(algorithm.oid());
        return scheme == null ? Optional.empty() : Optional.ofNullable(scheme.digest);
    }

    /** MD2, MD4, MD5 and SHA-1. */
    static boolean weak(AlgorithmId algorithm) {
        return digest(algorithm)
                .map(digest -> digest.startsWith("MD") || digest.equals("SHA-1"))
                .orElse(false);
    }

    private static int bits(@Nullable BigInteger number) {
        return number == null ? 0 : number.bitLength();
    }

    /** Keys that are too large to be worth it, and curves of somebody's own. */
    static boolean refused(PublicKeyFacts key) {
        boolean tooLarge = key.isRsa() && (key.bits() > MAX_RSA_BITS || bits(key.exponent()) > MAX_EXPONENT_BITS);
        return tooLarge || "explicit".equals(key.curve());
    }

    private static Result compute(AlgorithmId algorithm, PublicKeyFacts key, byte[] message, byte[] signature) {
        if (refused(key)) {
            return Result.UNSUPPORTED;
        }
        Scheme scheme = SCHEMES.get(algorithm.oid());
        if (scheme == null) {
            return algorithm.oid().equals(AlgorithmId.PSS)
                    ? pss(algorithm, key, message, signature)
                    : Result.UNSUPPORTED;
        }
        if (!scheme.keys.equals(key.algorithm().oid())) {
            return Result.BAD;
        }
        if (!parametersFit(algorithm, scheme)) {
            return Result.BAD;
        }
        try {
            if (scheme.keys.equals(PublicKeyFacts.EC)) {
                return ecdsa(String.valueOf(scheme.digest), key, message, signature);
            }
            return jdk(Signature.getInstance(scheme.name), scheme.keyFactory, key, message, signature);
        } catch (GeneralSecurityException e) {
            return Result.UNSUPPORTED;
        }
    }

    /** RFC 3279, 4055: RSA has NULL (or, tolerated, nothing); RFC 5758, 8410, 9881: the others have nothing. */
    static boolean parametersFit(AlgorithmId algorithm, Scheme scheme) {
        return scheme.keys.equals(PublicKeyFacts.RSA)
                ? algorithm.nullOrAbsentParameters()
                : scheme.keys.equals(PublicKeyFacts.DSA)
                        ? algorithm.nullOrAbsentParameters()
                        : algorithm.parameters().length == 0;
    }

    /** Whether no key can have made it, for its parameters are none. */
    static boolean misfits(AlgorithmId algorithm) {
        Scheme scheme = SCHEMES.get(algorithm.oid());
        return scheme == null
                ? algorithm.oid().equals(AlgorithmId.PSS) && pss(algorithm).isEmpty()
                : !parametersFit(algorithm, scheme);
    }

    private static Result jdk(
            Signature verifier, String keyFactory, PublicKeyFacts key, byte[] message, byte[] signature)
            throws GeneralSecurityException {
        PublicKey made;
        try {
            made = KeyFactory.getInstance(keyFactory).generatePublic(new X509EncodedKeySpec(key.spki()));
        } catch (InvalidKeySpecException | RuntimeException e) {
            return Result.BAD;
        }
        try {
            verifier.initVerify(made);
            verifier.update(message);
            return verifier.verify(signature) ? Result.GOOD : Result.BAD;
        } catch (GeneralSecurityException | RuntimeException e) {
            return Result.BAD;
        }
    }

    /**
     * By Bouncy Castle's arithmetic, which needs a third of the JDK's time and no tables before the first
     * (docs/decisions/handshake-curves-by-bouncy-castle.md).
     */
    private static Result ecdsa(String digest, PublicKeyFacts key, byte[] message, byte[] signature) {
        try {
            if (!(PublicKeyFactory.createKey(key.spki()) instanceof ECPublicKeyParameters point)) {
                return Result.UNSUPPORTED;
            }
            BigInteger[] rs =
                    StandardDSAEncoding.INSTANCE.decode(point.getParameters().getN(), signature);
            ECDSASigner verifier = new ECDSASigner();
            verifier.init(false, point);
            return verifier.verifySignature(messageDigest(digest).digest(message), rs[0], rs[1])
                    ? Result.GOOD
                    : Result.BAD;
        } catch (IOException | RuntimeException e) {
            return isOfNist(key) ? Result.BAD : Result.UNSUPPORTED;
        }
    }

    /** What cannot be read of a curve that everybody knows is no key or no signature; of another we may not know how to. */
    private static boolean isOfNist(PublicKeyFacts key) {
        String curve = String.valueOf(key.curve());
        return curve.equals("P-256") || curve.equals("P-384") || curve.equals("P-521");
    }

    private static Result pss(AlgorithmId algorithm, PublicKeyFacts key, byte[] message, byte[] signature) {
        Optional<PSSParameterSpec> parameters = pss(algorithm);
        if (parameters.isEmpty()) {
            return Result.BAD;
        }
        if (!key.isRsa()) {
            return Result.BAD;
        }
        try {
            Signature verifier = Signature.getInstance("RSASSA-PSS");
            verifier.setParameter(parameters.get());
            String factory = key.algorithm().oid().equals(AlgorithmId.PSS) ? "RSASSA-PSS" : "RSA";
            return jdk(verifier, factory, key, message, signature);
        } catch (GeneralSecurityException e) {
            return Result.UNSUPPORTED;
        }
    }

    /** RSASSA-PSS-params (RFC 4055 section 3.1), with its defaults of SHA-1 and 20 octets of salt. */
    static Optional<PSSParameterSpec> pss(AlgorithmId algorithm) {
        try {
            if (algorithm.parameters().length == 0) {
                return Optional.empty();
            }
            DerReader fields =
                    Der.of(algorithm.parameters()).expect(Der.SEQUENCE, "PSS").reader();
            Der hash = fields.optional(Der.explicit(0), "hash");
            Der mask = fields.optional(Der.explicit(1), "mask");
            Der salt = fields.optional(Der.explicit(2), "salt");
            Der trailer = fields.optional(Der.explicit(3), "trailer");
            fields.end("PSS");
            String digest = hash == null
                    ? "SHA-1"
                    : hashName(AlgorithmId.read(hash.reader().next("hash"), "hash"));
            String maskDigest = "SHA-1";
            if (mask != null) {
                AlgorithmId function = AlgorithmId.read(mask.reader().next("mask"), "mask");
                if (!function.oid().equals("1.2.840.113549.1.1.8")) {
                    return Optional.empty();
                }
                maskDigest = hashName(AlgorithmId.read(Der.of(function.parameters()), "mask hash"));
            }
            int saltLength =
                    salt == null ? 20 : salt.reader().next(Der.INTEGER, "salt").smallInteger("salt");
            if (saltLength < 0
                    || saltLength > 512
                    || trailer != null
                            && trailer.reader().next(Der.INTEGER, "trailer").smallInteger("trailer") != 1) {
                return Optional.empty();
            }
            return Optional.of(new PSSParameterSpec(digest, "MGF1", new MGF1ParameterSpec(maskDigest), saltLength, 1));
        } catch (MalformedMessage e) {
            return Optional.empty();
        }
    }

    private static String hashName(AlgorithmId hash) throws MalformedMessage {
        String name = HASHES.get(hash.oid());
        if (name == null || !hash.nullOrAbsentParameters()) {
            throw new MalformedMessage("unknown hash " + hash.oid());
        }
        return name;
    }

    private static Key key(AlgorithmId algorithm, PublicKeyFacts key, byte[] message, byte[] signature) {
        MessageDigest digest = messageDigest("SHA-256");
        for (byte[] part : new byte[][] {algorithm.der(), key.spki(), message, signature}) {
            digest.update((byte) (part.length >>> 16));
            digest.update((byte) (part.length >>> 8));
            digest.update((byte) part.length);
            digest.update(part);
        }
        java.nio.ByteBuffer hash = java.nio.ByteBuffer.wrap(digest.digest());
        return new Key(hash.getLong(), hash.getLong(), hash.getLong(), hash.getLong());
    }

    /** A copy of one that is never fed: to ask the providers costs as much as to hash a certificate. */
    static MessageDigest messageDigest(String name) {
        try {
            return (MessageDigest)
                    DIGESTS.computeIfAbsent(name, Signatures::digest).clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the JDK's digests are cloneable", e);
        }
    }

    private static MessageDigest digest(String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static boolean sameBytes(byte[] a, byte[] b) {
        return Arrays.equals(a, b);
    }

    static final Map<String, String> HASHES = Map.ofEntries(
            Map.entry("1.3.14.3.2.26", "SHA-1"),
            Map.entry("1.2.840.113549.2.5", "MD5"),
            Map.entry("2.16.840.1.101.3.4.2.4", "SHA-224"),
            Map.entry("2.16.840.1.101.3.4.2.1", "SHA-256"),
            Map.entry("2.16.840.1.101.3.4.2.2", "SHA-384"),
            Map.entry("2.16.840.1.101.3.4.2.3", "SHA-512"),
            Map.entry("2.16.840.1.101.3.4.2.5", "SHA-512/224"),
            Map.entry("2.16.840.1.101.3.4.2.6", "SHA-512/256"),
            Map.entry("2.16.840.1.101.3.4.2.7", "SHA3-224"),
            Map.entry("2.16.840.1.101.3.4.2.8", "SHA3-256"),
            Map.entry("2.16.840.1.101.3.4.2.9", "SHA3-384"),
            Map.entry("2.16.840.1.101.3.4.2.10", "SHA3-512"));

    record Scheme(
            String name,
            String keys,
            String keyFactory,
            @Nullable String digest) {}

    private static Scheme rsa(String digest, String name) {
        return new Scheme(name + "withRSA", PublicKeyFacts.RSA, "RSA", digest);
    }

    private static Scheme ec(String digest, String name) {
        return new Scheme(name + "withECDSA", PublicKeyFacts.EC, "EC", digest);
    }

    private static Scheme dsa(String digest, String name) {
        return new Scheme(name + "withDSA", PublicKeyFacts.DSA, "DSA", digest);
    }

    private static Scheme own(String oid, String name) {
        return new Scheme(name, oid, name, null);
    }

    static final Map<String, Scheme> SCHEMES = Map.ofEntries(
            Map.entry("1.2.840.113549.1.1.2", rsa("MD2", "MD2")),
            Map.entry("1.2.840.113549.1.1.4", rsa("MD5", "MD5")),
            Map.entry("1.2.840.113549.1.1.5", rsa("SHA-1", "SHA1")),
            Map.entry("1.3.14.3.2.29", rsa("SHA-1", "SHA1")),
            Map.entry("1.2.840.113549.1.1.11", rsa("SHA-256", "SHA256")),
            Map.entry("1.2.840.113549.1.1.12", rsa("SHA-384", "SHA384")),
            Map.entry("1.2.840.113549.1.1.13", rsa("SHA-512", "SHA512")),
            Map.entry("1.2.840.113549.1.1.14", rsa("SHA-224", "SHA224")),
            Map.entry("1.2.840.113549.1.1.15", rsa("SHA-512/224", "SHA512/224")),
            Map.entry("1.2.840.113549.1.1.16", rsa("SHA-512/256", "SHA512/256")),
            Map.entry("2.16.840.1.101.3.4.3.13", rsa("SHA3-224", "SHA3-224")),
            Map.entry("2.16.840.1.101.3.4.3.14", rsa("SHA3-256", "SHA3-256")),
            Map.entry("2.16.840.1.101.3.4.3.15", rsa("SHA3-384", "SHA3-384")),
            Map.entry("2.16.840.1.101.3.4.3.16", rsa("SHA3-512", "SHA3-512")),
            Map.entry("1.2.840.10045.4.1", ec("SHA-1", "SHA1")),
            Map.entry("1.2.840.10045.4.3.1", ec("SHA-224", "SHA224")),
            Map.entry("1.2.840.10045.4.3.2", ec("SHA-256", "SHA256")),
            Map.entry("1.2.840.10045.4.3.3", ec("SHA-384", "SHA384")),
            Map.entry("1.2.840.10045.4.3.4", ec("SHA-512", "SHA512")),
            Map.entry("2.16.840.1.101.3.4.3.9", ec("SHA3-224", "SHA3-224")),
            Map.entry("2.16.840.1.101.3.4.3.10", ec("SHA3-256", "SHA3-256")),
            Map.entry("2.16.840.1.101.3.4.3.11", ec("SHA3-384", "SHA3-384")),
            Map.entry("2.16.840.1.101.3.4.3.12", ec("SHA3-512", "SHA3-512")),
            Map.entry("1.2.840.10040.4.3", dsa("SHA-1", "SHA1")),
            Map.entry("2.16.840.1.101.3.4.3.1", dsa("SHA-224", "SHA224")),
            Map.entry("2.16.840.1.101.3.4.3.2", dsa("SHA-256", "SHA256")),
            Map.entry("2.16.840.1.101.3.4.3.3", dsa("SHA-384", "SHA384")),
            Map.entry("2.16.840.1.101.3.4.3.4", dsa("SHA-512", "SHA512")),
            Map.entry("1.3.101.112", own("1.3.101.112", "Ed25519")),
            Map.entry("1.3.101.113", own("1.3.101.113", "Ed448")),
            Map.entry("2.16.840.1.101.3.4.3.17", own("2.16.840.1.101.3.4.3.17", "ML-DSA-44")),
            Map.entry("2.16.840.1.101.3.4.3.18", own("2.16.840.1.101.3.4.3.18", "ML-DSA-65")),
            Map.entry("2.16.840.1.101.3.4.3.19", own("2.16.840.1.101.3.4.3.19", "ML-DSA-87")));
}

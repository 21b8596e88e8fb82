package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.der.Der;
import io.tlsfleet.tls.x509.der.DerReader;
import java.math.BigInteger;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7, RFC 8017, 5480, 8410, 9881). {@code type} is the key type of the
 * report (RSA, ECDSA, Ed25519, ML-DSA-65 …); {@code bits} the size of modulus, field or, for keys of a fixed form, of
 * the encoded key. {@code curve} is a name, a dotted OID, or {@code explicit}.
 */
public record PublicKeyFacts(
        AlgorithmId algorithm,
        String type,
        int bits,
        @Nullable String curve,
        @Nullable BigInteger modulus,
        @Nullable BigInteger exponent,
        byte[] spki,
        byte[] key) {
    static final PublicKeyFacts NONE =
            new PublicKeyFacts(AlgorithmId.NONE, "unknown", 0, null, null, null, new byte[0], new byte[0]);
    static final String RSA = "1.2.840.113549.1.1.1";
    static final String EC = "1.2.840.10045.2.1";
    static final String DSA = "1.2.840.10040.4.1";

    static PublicKeyFacts read(Der spki, String part) throws MalformedMessage {
        DerReader reader = spki.expect(Der.SEQUENCE, part).reader();
        if (!spki.minimalLength()) {
            throw new MalformedMessage(part + ": is not DER");
        }
        AlgorithmId algorithm = AlgorithmId.read(reader.next(part), part + " algorithm");
        byte[] key = reader.next(Der.BIT_STRING, part).bitString(part);
        reader.end(part);
        return switch (algorithm.oid()) {
            case RSA, AlgorithmId.PSS -> rsa(algorithm, key, spki.encoded(), part);
            case EC -> ec(algorithm, key, spki.encoded(), part);
            case DSA -> dsa(algorithm, key, spki.encoded(), part);
            default -> {
                boolean fixed = algorithm.oid().startsWith("1.3.101.")
                        || algorithm.oid().startsWith("2.16.840.1.101.3.4.3.");
                if (fixed && algorithm.parameters().length > 0) {
                    throw new MalformedMessage(part + ": " + algorithm.name() + " takes no parameters");
                }
                int octets = FIXED_LENGTHS.getOrDefault(algorithm.name(), key.length);
                if (octets != key.length) {
                    throw new MalformedMessage(
                            part + ": an " + algorithm.name() + " key of " + key.length + " octets, not " + octets);
                }
                yield new PublicKeyFacts(
                        algorithm, algorithm.name(), fixedBits(algorithm, key), null, null, null, spki.encoded(), key);
            }
        };
    }

    public boolean isRsa() {
        return modulus != null && exponent != null;
    }

    private static PublicKeyFacts rsa(AlgorithmId algorithm, byte[] key, byte[] spki, String part)
            throws MalformedMessage {
        if (algorithm.oid().equals(RSA) && !algorithm.nullOrAbsentParameters()) {
            throw new MalformedMessage(part + ": rsaEncryption takes NULL for its parameters");
        }
        Der pair = Der.of(key).expect(Der.SEQUENCE, part);
        if (!pair.minimalLength()) {
            throw new MalformedMessage(part + ": the RSA key is not DER");
        }
        DerReader numbers = pair.reader();
        Der n = numbers.next(Der.INTEGER, part);
        Der e = numbers.next(Der.INTEGER, part);
        numbers.end(part);
        if (!n.minimalInteger() || !e.minimalInteger()) {
            throw new MalformedMessage(part + ": the RSA key is not DER");
        }
        BigInteger modulus = n.integer(part);
        BigInteger exponent = e.integer(part);
        if (modulus.signum() <= 0 || exponent.signum() <= 0) {
            throw new MalformedMessage(part + ": RSA modulus or exponent is not positive");
        }
        return new PublicKeyFacts(algorithm, "RSA", modulus.bitLength(), null, modulus, exponent, spki, key);
    }

    private static PublicKeyFacts dsa(AlgorithmId algorithm, byte[] key, byte[] spki, String part)
            throws MalformedMessage {
        int bits = 0;
        if (algorithm.parameters().length > 0) {
            Der parameters = Der.of(algorithm.parameters());
            if (parameters.is(Der.SEQUENCE)) {
                bits = parameters.reader().next(Der.INTEGER, part).integer(part).bitLength();
            }
        }
        return new PublicKeyFacts(algorithm, "DSA", bits, null, null, null, spki, key);
    }

    private static PublicKeyFacts ec(AlgorithmId algorithm, byte[] key, byte[] spki, String part)
            throws MalformedMessage {
        if (algorithm.parameters().length == 0) {
            throw new MalformedMessage(part + ": EC key without a curve");
        }
        Der parameters = Der.of(algorithm.parameters());
        if (parameters.is(Der.OID)) {
            String oid = parameters.oid(part);
            Curve curve = CURVES.get(oid);
            if (curve != null && !curve.hasPoint(key)) {
                throw new MalformedMessage(part + ": is no point of the curve " + curve.name);
            }
            return new PublicKeyFacts(
                    algorithm,
                    "ECDSA",
                    curve == null ? 0 : curve.bits,
                    curve == null ? oid : curve.name,
                    null,
                    null,
                    spki,
                    key);
        }
        if (!parameters.is(Der.SEQUENCE)) {
            throw new MalformedMessage(part + ": EC parameters are no curve");
        }
        return new PublicKeyFacts(algorithm, "ECDSA", explicitBits(parameters), "explicit", null, null, spki, key);
    }

    /** The field size of ECParameters as far as it can be read without building the field (CVE-2024-29857). */
    private static int explicitBits(Der parameters) {
        try {
            DerReader reader = parameters.reader();
            reader.next(Der.INTEGER, "version");
            DerReader field = reader.next(Der.SEQUENCE, "fieldID").reader();
            String type = field.next(Der.OID, "fieldType").oid("fieldType");
            if (type.equals("1.2.840.10045.1.1")) {
                return field.next(Der.INTEGER, "prime").integer("prime").bitLength();
            }
            return field.next(Der.SEQUENCE, "field")
                    .reader()
                    .next(Der.INTEGER, "m")
                    .smallInteger("m");
        } catch (MalformedMessage e) {
            return 0;
        }
    }

    private static int fixedBits(AlgorithmId algorithm, byte[] key) {
        return switch (algorithm.name()) {
            case "Ed25519", "X25519" -> 256;
            case "Ed448", "X448" -> 456;
            default -> key.length * 8;
        };
    }

    private static final Map<String, Integer> FIXED_LENGTHS = Map.of(
            "X25519",
            32,
            "X448",
            56,
            "Ed25519",
            32,
            "Ed448",
            57,
            "ML-DSA-44",
            1_312,
            "ML-DSA-65",
            1_952,
            "ML-DSA-87",
            2_592);

    private record Curve(String name, int bits) {
        /** RFC 5480 section 2.2: uncompressed or compressed; of the curves that TLS is served with, one that lies on it. */
        boolean hasPoint(byte[] key) {
            int octets = (bits + 7) / 8;
            if (key.length == octets + 1) {
                return key[0] == 2 || key[0] == 3;
            }
            if (key.length != 2 * octets + 1 || key[0] != 4) {
                return false;
            }
            Field field = FIELDS.get(name);
            return field == null
                    || field.holds(new BigInteger(1, key, 1, octets), new BigInteger(1, key, octets + 1, octets));
        }
    }

    /** y² = x³ - 3x + b modulo a prime (FIPS 186-4 appendix D.1.2). */
    private record Field(BigInteger prime, BigInteger b) {
        static Field of(String prime, String b) {
            return new Field(new BigInteger(prime, 16), new BigInteger(b, 16));
        }

        boolean holds(BigInteger x, BigInteger y) {
            BigInteger right = x.multiply(x)
                    .subtract(BigInteger.valueOf(3))
                    .multiply(x)
                    .add(b)
                    .subtract(y.multiply(y));
            return x.compareTo(prime) < 0
                    && y.compareTo(prime) < 0
                    && right.mod(prime).signum() == 0;
        }
    }

    private static final Map<String, Field> FIELDS = Map.of(
            "P-256",
            Field.of(
                    "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
                    "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b"),
            "P-384",
            Field.of(
                    "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe"
                            + "ffffffff0000000000000000ffffffff",
                    "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875a"
                            + "c656398d8a2ed19d2a85c8edd3ec2aef"),
            "P-521",
            Field.of(
                    "1ff" + "f".repeat(128),
                    "51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e1"
                            + "56193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00"));

    private static final Map<String, Curve> CURVES = Map.ofEntries(
            Map.entry("1.2.840.10045.3.1.1", new Curve("P-192", 192)),
            Map.entry("1.3.132.0.33", new Curve("P-224", 224)),
            Map.entry("1.2.840.10045.3.1.7", new Curve("P-256", 256)),
            Map.entry("1.3.132.0.34", new Curve("P-384", 384)),
            Map.entry("1.3.132.0.35", new Curve("P-521", 521)),
            Map.entry("1.3.132.0.10", new Curve("secp256k1", 256)),
            Map.entry("1.3.132.0.31", new Curve("secp192k1", 192)),
            Map.entry("1.3.132.0.32", new Curve("secp224k1", 224)),
            Map.entry("1.3.132.0.8", new Curve("secp160r1", 160)),
            Map.entry("1.3.132.0.9", new Curve("secp160k1", 160)),
            Map.entry("1.3.132.0.30", new Curve("secp160r2", 160)),
            Map.entry("1.3.132.0.6", new Curve("secp112r1", 112)),
            Map.entry("1.3.132.0.7", new Curve("secp112r2", 112)),
            Map.entry("1.3.132.0.28", new Curve("secp128r1", 128)),
            Map.entry("1.3.132.0.29", new Curve("secp128r2", 128)),
            Map.entry("1.3.132.0.1", new Curve("sect163k1", 163)),
            Map.entry("1.3.132.0.15", new Curve("sect163r2", 163)),
            Map.entry("1.3.132.0.26", new Curve("sect233k1", 233)),
            Map.entry("1.3.132.0.27", new Curve("sect233r1", 233)),
            Map.entry("1.3.132.0.16", new Curve("sect283k1", 283)),
            Map.entry("1.3.132.0.17", new Curve("sect283r1", 283)),
            Map.entry("1.3.132.0.36", new Curve("sect409k1", 409)),
            Map.entry("1.3.132.0.37", new Curve("sect409r1", 409)),
            Map.entry("1.3.132.0.38", new Curve("sect571k1", 571)),
            Map.entry("1.3.132.0.39", new Curve("sect571r1", 571)),
            Map.entry("1.2.840.10045.3.1.2", new Curve("prime192v2", 192)),
            Map.entry("1.2.840.10045.3.1.3", new Curve("prime192v3", 192)),
            Map.entry("1.2.840.10045.3.1.4", new Curve("prime239v1", 239)),
            Map.entry("1.2.840.10045.3.1.5", new Curve("prime239v2", 239)),
            Map.entry("1.2.840.10045.3.1.6", new Curve("prime239v3", 239)),
            Map.entry("1.3.132.0.2", new Curve("sect163r1", 163)),
            Map.entry("1.3.132.0.3", new Curve("sect239k1", 239)),
            Map.entry("1.3.132.0.4", new Curve("sect113r1", 113)),
            Map.entry("1.3.132.0.5", new Curve("sect113r2", 113)),
            Map.entry("1.3.132.0.22", new Curve("sect131r1", 131)),
            Map.entry("1.3.132.0.23", new Curve("sect131r2", 131)),
            Map.entry("1.3.132.0.24", new Curve("sect193r1", 193)),
            Map.entry("1.3.132.0.25", new Curve("sect193r2", 193)),
            Map.entry("1.3.36.3.3.2.8.1.1.1", new Curve("brainpoolP160r1", 160)),
            Map.entry("1.3.36.3.3.2.8.1.1.2", new Curve("brainpoolP160t1", 160)),
            Map.entry("1.3.36.3.3.2.8.1.1.3", new Curve("brainpoolP192r1", 192)),
            Map.entry("1.3.36.3.3.2.8.1.1.4", new Curve("brainpoolP192t1", 192)),
            Map.entry("1.3.36.3.3.2.8.1.1.5", new Curve("brainpoolP224r1", 224)),
            Map.entry("1.3.36.3.3.2.8.1.1.6", new Curve("brainpoolP224t1", 224)),
            Map.entry("1.3.36.3.3.2.8.1.1.7", new Curve("brainpoolP256r1", 256)),
            Map.entry("1.3.36.3.3.2.8.1.1.8", new Curve("brainpoolP256t1", 256)),
            Map.entry("1.3.36.3.3.2.8.1.1.9", new Curve("brainpoolP320r1", 320)),
            Map.entry("1.3.36.3.3.2.8.1.1.10", new Curve("brainpoolP320t1", 320)),
            Map.entry("1.3.36.3.3.2.8.1.1.11", new Curve("brainpoolP384r1", 384)),
            Map.entry("1.3.36.3.3.2.8.1.1.12", new Curve("brainpoolP384t1", 384)),
            Map.entry("1.3.36.3.3.2.8.1.1.13", new Curve("brainpoolP512r1", 512)),
            Map.entry("1.3.36.3.3.2.8.1.1.14", new Curve("brainpoolP512t1", 512)),
            Map.entry("1.2.156.10197.1.301", new Curve("SM2", 256)));
}

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
        BigInteger modulus = numbers.next(Der.INTEGER, part).integer(part);
        BigInteger exponent = numbers.next(Der.INTEGER, part).integer(part);
        numbers.end(part);
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

    private record Curve(String name, int bits) {}

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
            Map.entry("1.3.36.3.3.2.8.1.1.7", new Curve("brainpoolP256r1", 256)),
            Map.entry("1.3.36.3.3.2.8.1.1.11", new Curve("brainpoolP384r1", 384)),
            Map.entry("1.3.36.3.3.2.8.1.1.13", new Curve("brainpoolP512r1", 512)),
            Map.entry("1.2.156.10197.1.301", new Curve("SM2", 256)));
}

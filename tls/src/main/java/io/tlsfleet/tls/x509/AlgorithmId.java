package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.der.Der;
import io.tlsfleet.tls.x509.der.DerReader;
import java.util.Arrays;
import java.util.Map;

/** AlgorithmIdentifier (RFC 5280 section 4.1.1.2). {@code parameters} is as encoded, empty when absent. */
public record AlgorithmId(String oid, byte[] parameters, byte[] der) {
    static final AlgorithmId NONE = new AlgorithmId("", new byte[0], new byte[0]);
    static final String PSS = "1.2.840.113549.1.1.10";

    static AlgorithmId read(Der sequence, String part) throws MalformedMessage {
        DerReader reader = sequence.expect(Der.SEQUENCE, part).reader();
        String oid = reader.next(Der.OID, part).oid(part);
        byte[] parameters = reader.isEmpty() ? new byte[0] : reader.next(part).encoded();
        reader.end(part);
        return new AlgorithmId(oid, parameters, sequence.encoded());
    }

    /** The name its standard gives it, or the dotted OID. */
    public String name() {
        return NAMES.getOrDefault(oid, oid);
    }

    boolean same(AlgorithmId other) {
        return Arrays.equals(der, other.der);
    }

    boolean nullOrAbsentParameters() {
        return parameters.length == 0 || parameters.length == 2 && parameters[0] == Der.NULL;
    }

    private static final Map<String, String> NAMES = Map.ofEntries(
            Map.entry("1.2.840.113549.1.1.1", "rsaEncryption"),
            Map.entry("1.2.840.113549.1.1.2", "md2WithRSAEncryption"),
            Map.entry("1.2.840.113549.1.1.3", "md4WithRSAEncryption"),
            Map.entry("1.2.840.113549.1.1.4", "md5WithRSAEncryption"),
            Map.entry("1.2.840.113549.1.1.5", "sha1WithRSAEncryption"),
            Map.entry("1.3.14.3.2.29", "sha1WithRSASignature"),
            Map.entry(PSS, "rsassaPss"),
            Map.entry("1.2.840.113549.1.1.11", "sha256WithRSAEncryption"),
            Map.entry("1.2.840.113549.1.1.12", "sha384WithRSAEncryption"),
            Map.entry("1.2.840.113549.1.1.13", "sha512WithRSAEncryption"),
            Map.entry("1.2.840.113549.1.1.14", "sha224WithRSAEncryption"),
            Map.entry("1.2.840.113549.1.1.15", "sha512-224WithRSAEncryption"),
            Map.entry("1.2.840.113549.1.1.16", "sha512-256WithRSAEncryption"),
            Map.entry("2.16.840.1.101.3.4.3.13", "rsa-with-sha3-224"),
            Map.entry("2.16.840.1.101.3.4.3.14", "rsa-with-sha3-256"),
            Map.entry("2.16.840.1.101.3.4.3.15", "rsa-with-sha3-384"),
            Map.entry("2.16.840.1.101.3.4.3.16", "rsa-with-sha3-512"),
            Map.entry("1.2.840.10040.4.1", "dsa"),
            Map.entry("1.2.840.10040.4.3", "dsa-with-sha1"),
            Map.entry("2.16.840.1.101.3.4.3.1", "dsa-with-sha224"),
            Map.entry("2.16.840.1.101.3.4.3.2", "dsa-with-sha256"),
            Map.entry("2.16.840.1.101.3.4.3.3", "dsa-with-sha384"),
            Map.entry("2.16.840.1.101.3.4.3.4", "dsa-with-sha512"),
            Map.entry("1.2.840.10045.2.1", "ecPublicKey"),
            Map.entry("1.2.840.10045.4.1", "ecdsa-with-SHA1"),
            Map.entry("1.2.840.10045.4.3.1", "ecdsa-with-SHA224"),
            Map.entry("1.2.840.10045.4.3.2", "ecdsa-with-SHA256"),
            Map.entry("1.2.840.10045.4.3.3", "ecdsa-with-SHA384"),
            Map.entry("1.2.840.10045.4.3.4", "ecdsa-with-SHA512"),
            Map.entry("2.16.840.1.101.3.4.3.9", "ecdsa-with-sha3-224"),
            Map.entry("2.16.840.1.101.3.4.3.10", "ecdsa-with-sha3-256"),
            Map.entry("2.16.840.1.101.3.4.3.11", "ecdsa-with-sha3-384"),
            Map.entry("2.16.840.1.101.3.4.3.12", "ecdsa-with-sha3-512"),
            Map.entry("1.3.101.110", "X25519"),
            Map.entry("1.3.101.111", "X448"),
            Map.entry("1.3.101.112", "Ed25519"),
            Map.entry("1.3.101.113", "Ed448"),
            Map.entry("2.16.840.1.101.3.4.3.17", "ML-DSA-44"),
            Map.entry("2.16.840.1.101.3.4.3.18", "ML-DSA-65"),
            Map.entry("2.16.840.1.101.3.4.3.19", "ML-DSA-87"),
            Map.entry("2.16.840.1.101.3.4.3.20", "SLH-DSA-SHA2-128s"),
            Map.entry("2.16.840.1.101.3.4.3.21", "SLH-DSA-SHA2-128f"),
            Map.entry("2.16.840.1.101.3.4.3.22", "SLH-DSA-SHA2-192s"),
            Map.entry("2.16.840.1.101.3.4.3.23", "SLH-DSA-SHA2-192f"),
            Map.entry("2.16.840.1.101.3.4.3.24", "SLH-DSA-SHA2-256s"),
            Map.entry("2.16.840.1.101.3.4.3.25", "SLH-DSA-SHA2-256f"),
            Map.entry("2.16.840.1.101.3.4.3.26", "SLH-DSA-SHAKE-128s"),
            Map.entry("2.16.840.1.101.3.4.3.27", "SLH-DSA-SHAKE-128f"),
            Map.entry("2.16.840.1.101.3.4.3.28", "SLH-DSA-SHAKE-192s"),
            Map.entry("2.16.840.1.101.3.4.3.29", "SLH-DSA-SHAKE-192f"),
            Map.entry("2.16.840.1.101.3.4.3.30", "SLH-DSA-SHAKE-256s"),
            Map.entry("2.16.840.1.101.3.4.3.31", "SLH-DSA-SHAKE-256f"),
            Map.entry("1.2.156.10197.1.501", "SM2-with-SM3"),
            Map.entry("1.2.643.2.2.3", "GOST3411-94-with-GOST3410-2001"),
            Map.entry("1.2.643.7.1.1.3.2", "GOST3411-2012-256-with-GOST3410-2012-256"),
            Map.entry("1.2.643.7.1.1.3.3", "GOST3411-2012-512-with-GOST3410-2012-512"));
}

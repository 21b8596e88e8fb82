package io.tlsfleet.store.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.store.TestEstate;
import io.tlsfleet.tls.x509.CertificateFacts;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.RSAPublicKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Stored certificates in a real PostgreSQL, two of whose keys were made by a device with a bad source of randomness. */
class KnownKeysTest {
    private final TestEstate estate = new TestEstate();
    private final KnownKeys keys = new KnownKeys(estate.database);
    private final Random random = new Random(5);

    @AfterEach
    void close() {
        estate.close();
    }

    @Test
    void findsStoredKeysThatShareAFactorOnce() throws Exception {
        BigInteger lazy = prime();
        List<String> bad = List.of(store(lazy.multiply(prime())), store(lazy.multiply(prime())));
        List<String> good = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            good.add(store(prime().multiply(prime())));
        }
        assertThat(keys.search()).isEqualTo(2);
        assertThat(keys.search()).as("known by now").isZero();
        assertThat(KnownKeys.among(estate.database.sql(), bad))
                .containsOnlyKeys(bad)
                .allSatisfy((spki, why) -> assertThat(why).contains("shares a factor of 512 bits"));
        assertThat(KnownKeys.among(estate.database.sql(), good)).isEmpty();
    }

    private BigInteger prime() {
        return BigInteger.probablePrime(512, random);
    }

    /** Answers the SPKI's SHA-256. */
    private String store(BigInteger modulus) throws Exception {
        KeyPair signer = KeyPairGenerator.getInstance("EC").generateKeyPair();
        X500Name name = new X500Name("CN=device");
        byte[] der = new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.valueOf(random.nextInt(1_000_000)),
                        Date.from(Instant.EPOCH),
                        Date.from(Instant.ofEpochSecond(4_000_000_000L)),
                        name,
                        KeyFactory.getInstance("RSA")
                                .generatePublic(new RSAPublicKeySpec(modulus, BigInteger.valueOf(65537))))
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate()))
                .getEncoded();
        CertificateFacts facts = CertificateFacts.read(der);
        estate.database
                .sql()
                .change(
                        """
                        INSERT INTO certificate (sha256, der, spki_sha256, subject, issuer, serial_number, key_algorithm, key_bits, names)
                        VALUES ($1, $2, $3, 'CN=device', 'CN=device', '00', 'RSA', 1024, '{}')""",
                        HexFormat.of().parseHex(facts.sha256()),
                        der,
                        HexFormat.of().parseHex(facts.spkiSha256()));
        return facts.spkiSha256();
    }
}

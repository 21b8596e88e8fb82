package io.tlsfleet.tls.keys;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.tls.Vectors;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Project Wycheproof's vectors for what we put together ourselves: AEADs by name, HKDF, HMAC, key agreement. */
class WycheproofTest {
    @ParameterizedTest
    @CsvSource({
        "aes_gcm_test, 128, 128, AES_128_GCM",
        "aes_gcm_test, 256, 128, AES_256_GCM",
        "chacha20_poly1305_test, 256, 128, CHACHA20_POLY1305",
        "aes_ccm_test, 128, 128, AES_128_CCM",
        "aes_ccm_test, 128, 64, AES_128_CCM_8",
        "aes_ccm_test, 256, 128, AES_256_CCM",
        "aes_ccm_test, 256, 64, AES_256_CCM_8"
    })
    void opensWhatIsRightAndNothingElse(String file, int keySize, int tagSize, Aead.Algorithm algorithm) {
        int asked = 0;
        for (JsonNode group : groups(file)) {
            if (group.get("ivSize").asInt() != 96
                    || group.get("keySize").asInt() != keySize
                    || group.get("tagSize").asInt() != tagSize) {
                continue;
            }
            for (JsonNode test : group.get("tests")) {
                byte[] sealed = new ByteWriter()
                        .raw(hex(test, "ct"))
                        .raw(hex(test, "tag"))
                        .toBytes();
                Aead aead = new Aead(algorithm, hex(test, "key"));
                byte[] opened = open(aead, test, sealed);
                boolean valid = test.get("result").asText().equals("valid");
                if (valid) {
                    assertThat(opened).as("%s", test).isEqualTo(hex(test, "msg"));
                    assertThat(aead.seal(hex(test, "iv"), hex(test, "aad"), hex(test, "msg")))
                            .as("%s", test)
                            .isEqualTo(sealed);
                } else {
                    assertThat(opened).as("%s", test).isNull();
                }
                asked++;
            }
        }
        assertThat(asked).isGreaterThan(5);
    }

    @ParameterizedTest
    @CsvSource({"hkdf_sha256_test, SHA_256", "hkdf_sha384_test, SHA_384"})
    void derives(String file, Hash hash) {
        Hkdf hkdf = new Hkdf(hash);
        for (JsonNode group : groups(file)) {
            for (JsonNode test : group.get("tests")) {
                int size = test.get("size").asInt();
                if (test.get("result").asText().equals("invalid")) {
                    assertThat(size).isGreaterThan(255 * hash.length());
                    continue;
                }
                byte[] key = hkdf.extract(hex(test, "salt"), hex(test, "ikm"));
                assertThat(hkdf.expand(key, hex(test, "info"), size))
                        .as("%s", test)
                        .isEqualTo(hex(test, "okm"));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"hmac_sha256_test, SHA_256", "hmac_sha384_test, SHA_384"})
    void authenticates(String file, Hash hash) {
        for (JsonNode group : groups(file)) {
            int length = group.get("tagSize").asInt() / 8;
            for (JsonNode test : group.get("tests")) {
                byte[] tag = Arrays.copyOf(hash.hmac(hex(test, "key"), hex(test, "msg")), length);
                assertThat(Arrays.equals(tag, hex(test, "tag")))
                        .as("%s", test)
                        .isEqualTo(test.get("result").asText().equals("valid"));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "x25519_test, ''",
        "x448_test, ''",
        "ecdh_secp256r1_ecpoint_test, secp256r1",
        "ecdh_secp384r1_ecpoint_test, secp384r1",
        "ecdh_secp521r1_ecpoint_test, secp521r1"
    })
    void agrees(String file, String curve) {
        int agreed = 0;
        for (JsonNode group : groups(file)) {
            for (JsonNode test : group.get("tests")) {
                byte[] secret = agree(exchange(file, curve, hex(test, "private")), hex(test, "public"));
                switch (test.get("result").asText()) {
                    case "valid" -> assertThat(secret).as("%s", test).isEqualTo(hex(test, "shared"));
                    case "invalid" -> assertThat(secret).as("%s", test).isNull();
                    default -> {
                        if (secret != null) {
                            assertThat(secret).as("%s", test).isEqualTo(hex(test, "shared"));
                        }
                    }
                }
                agreed += secret == null ? 0 : 1;
            }
        }
        assertThat(agreed).isGreaterThan(50);
    }

    private static KeyExchange exchange(String file, String curve, byte[] privateKey) {
        if (!curve.isEmpty()) {
            return new KeyExchange.Curve(curve, new BigInteger(1, privateKey));
        }
        return file.startsWith("x448")
                ? new KeyExchange.X448(new FixedRandom(privateKey))
                : new KeyExchange.X25519(clamped(privateKey));
    }

    /** RFC 7748 section 5. */
    private static byte[] clamped(byte[] scalar) {
        byte[] out = scalar.clone();
        out[0] &= (byte) 0xF8;
        out[31] = (byte) (out[31] & 0x7F | 0x40);
        return out;
    }

    private static byte @Nullable [] agree(KeyExchange exchange, byte[] peer) {
        try {
            return exchange.agree(peer);
        } catch (GeneralSecurityException | RuntimeException e) {
            return null;
        }
    }

    private static byte @Nullable [] open(Aead aead, JsonNode test, byte[] sealed) {
        try {
            return aead.open(hex(test, "iv"), hex(test, "aad"), sealed);
        } catch (MalformedMessage e) {
            return null;
        }
    }

    private static JsonNode groups(String file) {
        return Vectors.json("wycheproof-tls/" + file + ".json.gz").get("testGroups");
    }

    private static byte[] hex(JsonNode test, String field) {
        return HexFormat.of().parseHex(test.get(field).asText());
    }

    private static final class FixedRandom extends SecureRandom {
        private final byte[] value;

        private FixedRandom(byte[] value) {
            this.value = value.clone();
        }

        @Override
        public void nextBytes(byte[] bytes) {
            System.arraycopy(value, 0, bytes, 0, bytes.length);
        }
    }
}

package io.tlsfleet.tls.ech;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tlsfleet.tls.Hellos;
import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.ServerMessage.ServerHello;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.crypto.hpke.HPKEContextWithEncapsulation;
import org.junit.jupiter.api.Test;

class EchHelloTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final KeyShares SHARES = new KeyShares(new SecureRandom());
    private static final HPKE X25519 =
            new HPKE(HPKE.mode_base, HPKE.kem_X25519_SHA256, HPKE.kdf_HKDF_SHA256, HPKE.aead_AES_GCM128);

    /** RFC 9180 appendix A.1.1: what our HPKE has to give. */
    @Test
    void sealsAsTheRfcDoes() throws Exception {
        AsymmetricCipherKeyPair ephemeral = X25519.deserializePrivateKey(
                HEX.parseHex("52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736"),
                HEX.parseHex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"));
        HPKEContextWithEncapsulation context = X25519.setupBaseS(
                X25519.deserializePublicKey(
                        HEX.parseHex("3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d")),
                HEX.parseHex("4f6465206f6e2061204772656369616e2055726e"),
                ephemeral);
        assertThat(HEX.formatHex(context.getEncapsulation()))
                .isEqualTo("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431");
        assertThat(HEX.formatHex(context.seal(
                        HEX.parseHex("436f756e742d30"),
                        HEX.parseHex("4265617574792069732074727574682c20747275746820626561757479"))))
                .isEqualTo(
                        "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a");
    }

    @Test
    void hidesTheNameFromAllButTheOwnerOfTheKey() throws Exception {
        AsymmetricCipherKeyPair keys = X25519.generatePrivateKey();
        EchConfig config = EchConfig.readAll(list(config(keys, 0xFE0D, 0x20, "public.example", 0)))
                .getFirst();
        ClientHello plain = hello();
        EchHello ech = EchHello.of(plain, "secret.example", config, new Random(1));
        byte[] sent = ech.outer().encode().body();
        assertThat(new String(sent, StandardCharsets.ISO_8859_1))
                .contains("public.example")
                .doesNotContain("secret.example");

        byte[] extension =
                ech.outer().extension(Extensions.ENCRYPTED_CLIENT_HELLO).orElseThrow();
        ByteReader reader = ByteReader.of(extension);
        assertThat(reader.u8("type")).isZero();
        assertThat(reader.u16("kdf")).isEqualTo(1);
        assertThat(reader.u16("aead")).isEqualTo(1);
        assertThat(reader.u8("id")).isEqualTo(7);
        byte[] encapsulated = reader.vec16("enc");
        byte[] payload = reader.vec16("payload");
        byte[] associated = sent.clone();
        int at =
                new String(sent, StandardCharsets.ISO_8859_1).indexOf(new String(payload, StandardCharsets.ISO_8859_1));
        Arrays.fill(associated, at, at + payload.length, (byte) 0);
        byte[] info = ByteWriter.write(
                w -> w.raw("tls ech\0".getBytes(StandardCharsets.US_ASCII)).raw(config.encoded()));
        byte[] opened = X25519.setupBaseR(encapsulated, keys, info).open(associated, payload);
        assertThat(opened.length % 32).isZero();
        int end = opened.length;
        while (opened[end - 1] == 0) {
            end--;
        }
        ClientHello inner = ClientHello.decode(Arrays.copyOf(opened, end));
        assertThat(inner.sessionId()).isEmpty();
        assertThat(inner.random()).isEqualTo(plain.random());
        assertThat(inner.extension(Extensions.SERVER_NAME))
                .contains(Extensions.serverName("secret.example").data());
        assertThat(inner.extension(Extensions.ENCRYPTED_CLIENT_HELLO)).contains(new byte[] {1});
        // what is taken over stands in the outer hello, in this order
        assertThat(inner.extension(0xFD00)).isPresent();
        List<Integer> outside = Objects.requireNonNull(ech.outer().extensions()).stream()
                .map(e -> e.type().code())
                .toList();
        ByteReader taken = ByteReader.of(inner.extension(0xFD00).orElseThrow());
        List<Integer> types = ByteReader.of(taken.vec8("types")).u16List("types");
        assertThat(outside).containsSubsequence(types).hasSize(types.size() + 2);
    }

    @Test
    void takesARandomNumberForNoConfirmation() throws Exception {
        EchConfig config = EchConfig.readAll(
                        list(config(X25519.generatePrivateKey(), 0xFE0D, 0x20, "public.example", 0)))
                .getFirst();
        EchHello ech = EchHello.of(hello(), "secret.example", config, new Random(1));
        byte[] random = new byte[32];
        new Random(2).nextBytes(random);
        assertThat(ech.isAccepted(new ServerHello(
                        ProtocolVersion.TLS_1_2, random, new byte[32], new CipherSuite(0x1301), 0, List.of())))
                .contains(false);
        assertThat(ech.isAccepted(new ServerHello(
                        ProtocolVersion.TLS_1_2, random, new byte[0], new CipherSuite(0xC02F), 0, List.of())))
                .isEmpty();
    }

    @Test
    void passesOverConfigurationsThatItCannotUse() throws Exception {
        AsymmetricCipherKeyPair keys = X25519.generatePrivateKey();
        byte[] other = config(keys, 0xFE0C, 0x20, "a.example", 0);
        byte[] kem = config(keys, 0xFE0D, 0x77, "b.example", 0);
        byte[] mandatory = config(keys, 0xFE0D, 0x20, "c.example", 0x8001);
        byte[] address = config(keys, 0xFE0D, 0x20, "127.0.0.1", 0);
        byte[] good = config(keys, 0xFE0D, 0x20, "e.example", 0x0001);
        List<EchConfig> all = EchConfig.readAll(list(other, kem, mandatory, address, good));
        assertThat(all).hasSize(4);
        assertThat(EchConfig.usable(all))
                .get()
                .extracting(EchConfig::publicName)
                .isEqualTo("e.example");
        assertThat(EchConfig.usable(all.subList(0, 3))).isEmpty();
    }

    @Test
    void readsAnyListWithoutAnEscape() throws Exception {
        byte[] list = list(config(X25519.generatePrivateKey(), 0xFE0D, 0x20, "public.example", 1));
        for (int length = 0; length < list.length; length++) {
            byte[] cut = Arrays.copyOf(list, length);
            assertThatThrownBy(() -> EchConfig.readAll(cut)).isInstanceOf(MalformedMessage.class);
        }
        Random random = new Random(9849);
        for (int i = 0; i < 3000; i++) {
            byte[] changed = list.clone();
            changed[random.nextInt(changed.length)] = (byte) random.nextInt();
            try {
                var config = EchConfig.usable(EchConfig.readAll(changed));
                if (config.isPresent()) {
                    EchHello.of(hello(), "secret.example", config.get(), random);
                }
            } catch (MalformedMessage e) {
                assertThat(e).hasMessageContaining(" ");
            }
        }
    }

    private static ClientHello hello() {
        NamedGroup x25519 = new NamedGroup(0x001D);
        return Hellos.tls13(List.of(0x1301), List.of(x25519), List.of(SHARES.offer(x25519)));
    }

    private static byte[] list(byte[]... configs) {
        return ByteWriter.write(w -> w.vec16(all -> List.of(configs).forEach(all::raw)));
    }

    private static byte[] config(AsymmetricCipherKeyPair keys, int version, int kem, String name, int extension) {
        return ByteWriter.write(w -> w.u16(version).vec16(c -> {
            c.u8(7).u16(kem).vec16(X25519.serializePublicKey(keys.getPublic()));
            c.vec16(suites -> suites.u16(0x99).u16(1).u16(1).u16(1));
            c.u8(64).vec8(name.getBytes(StandardCharsets.US_ASCII));
            c.vec16(extensions -> {
                if (extension != 0) {
                    extensions.u16(extension).vec16(new byte[0]);
                }
            });
        }));
    }
}

package io.tlsfleet.tls.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.Hellos;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.keys.Tls13Suite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.wire.ByteWriter;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class QuicHandshakeTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final KeyShares SHARES = new KeyShares(new SecureRandom());

    /** RFC 9001 appendix A.5. */
    @Test
    void protectsWithChaCha20AsTheRfcDoes() throws GeneralSecurityException {
        TrafficKeys keys = new TrafficKeys(
                QuicVersion.V1,
                Tls13Suite.TLS_CHACHA20_POLY1305_SHA256,
                HEX.parseHex("9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b"));
        byte[] header = HEX.parseHex("4200bff4");
        byte[] sealed = keys.seal(654_360_564, header, new byte[] {1});
        assertThat(HEX.formatHex(sealed)).isEqualTo("655e5cd55c41f69080575d7999c25a5bfb");
        assertThat(keys.open(654_360_564, header, sealed)).containsExactly(1);
        assertThat(HEX.formatHex(keys.mask(HEX.parseHex("5e5cd55c41f69080575d7999c25a5bfb"))))
                .isEqualTo("aefefe7d03");
    }

    /** RFC 9001 appendix A.4. */
    @Test
    void knowsAGenuineRetryFromAnother() {
        byte[] retry = HEX.parseHex("ff000000010008f067a5502a4262b5746f6b656e04a265ba2eff4d829058fb3f0f2496ba");
        byte[] original = HEX.parseHex("8394c8f03e515708");
        assertThat(Retry.isGenuine(QuicVersion.V1, retry, original)).isTrue();
        assertThat(Retry.isGenuine(QuicVersion.V1, retry, new byte[8])).isFalse();
        for (int i = 0; i < retry.length; i++) {
            byte[] changed = retry.clone();
            changed[i] ^= 1;
            assertThat(Retry.isGenuine(QuicVersion.V1, changed, original)).isFalse();
        }
    }

    /** RFC 9001 appendix A.3. */
    @Test
    void opensTheServersInitialOfTheRfc() throws Exception {
        byte[] datagram = HEX.parseHex(
                "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb3"
                        + "8cc5a99f5ede4cf73c3ec2493a1839b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84"
                        + "022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc42158407dd074ee");
        LongPacket packet = LongPacket.read(datagram, 0).orElseThrow();
        assertThat(packet.kind()).isEqualTo(LongPacket.Kind.INITIAL);
        LongPacket.Opened opened = LongPacket.open(
                        datagram,
                        0,
                        packet.numberAt(),
                        packet.end(),
                        InitialKeys.server(QuicVersion.V1, HEX.parseHex("8394c8f03e515708")))
                .orElseThrow();
        assertThat(opened.packetNumber()).isEqualTo(1);
        Frames frames = Frames.read(opened.payload());
        assertThat(frames.crypto()).hasSize(1);
        assertThat(frames.crypto().getFirst().data()).startsWith(2, 0, 0, 0x56).hasSize(90);
        assertThat(frames.wantsAck()).isTrue();
    }

    @Test
    void acknowledgesWhatCameAndNothingElse() throws Exception {
        assertThat(HEX.formatHex(Frames.ack(new TreeSet<>(List.of(0L, 1L, 2L)))))
                .isEqualTo("0202000002");
        assertThat(HEX.formatHex(Frames.ack(new TreeSet<>(List.of(0L, 3L, 4L, 9L)))))
                .isEqualTo("020900020003010100");
        assertThat(Frames.read(Frames.ack(new TreeSet<>(List.of(0L, 3L, 4L, 9L))))
                        .wantsAck())
                .isFalse();
        assertThat(Frames.ack(new TreeSet<>())).isEmpty();
    }

    @Test
    void fillsItsFirstDatagramAndSaysItAgainInSilence() {
        QuicHandshake talk = handshake();
        assertThat(talk.opening().send()).allMatch(d -> d.length >= 1200 && d.length <= 1252);
        assertThat(talk.quiet().send()).hasSize(1);
        assertThat(talk.quiet().finished()).isFalse();
        assertThat(talk.quiet().finished()).isTrue();
        assertThat(talk.end(Ending.READ_TIMEOUT).reached()).isEqualTo(QuicResult.Step.SILENCE);
    }

    @Test
    void takesAVersionListOnlyForItselfAndWithoutItsOwnVersion() {
        QuicHandshake talk = handshake();
        byte[] hello = talk.opening().send().getFirst();
        byte[] destination = Arrays.copyOfRange(hello, 6, 14);
        byte[] source = Arrays.copyOfRange(hello, 15, 23);
        assertThat(talk.receive(versions(destination, source, 2)).finished()).isFalse();
        assertThat(talk.receive(versions(source, destination, 1, 0x6B3343CF)).finished())
                .isFalse();
        assertThat(talk.receive(versions(source, destination, 0x6B3343CF)).finished())
                .isTrue();
        assertThat(talk.end(Ending.FINISHED).otherVersions()).containsExactly(0x6B3343CF);
    }

    /** They are drawn anew each time (RFC 9000 section 15): no fact about the server. */
    @Test
    void leavesReservedVersionsOutOfAList() {
        QuicHandshake talk = handshake();
        byte[] hello = talk.opening().send().getFirst();
        byte[] destination = Arrays.copyOfRange(hello, 6, 14);
        byte[] source = Arrays.copyOfRange(hello, 15, 23);
        talk.receive(versions(source, destination, 0x3A7A1ADA, 0xFF00001D, 0xBABABAB0));
        assertThat(talk.end(Ending.FINISHED).otherVersions()).containsExactly(0xFF00001D, 0xBABABAB0);
    }

    /** quiche reads a token's length before it minds the version, and drops what does not hold it. */
    @Test
    void asksForVersionsWithWhatLooksLikeAnInitial() throws Exception {
        for (int seed = 0; seed < 20; seed++) {
            byte[] question =
                    new VersionQuestion(new Random(seed)).opening().send().getFirst();
            assertThat(question).hasSize(1200);
            question[1] = 0;
            question[2] = 0;
            question[3] = 0;
            question[4] = 1;
            LongPacket packet = LongPacket.read(question, 0).orElseThrow();
            assertThat(packet.token()).isEmpty();
            assertThat(packet.end()).isEqualTo(1200);
        }
    }

    @Test
    void goesOnWhenADatagramCannotBeRead() {
        QuicHandshake talk = handshake();
        byte[] hello = talk.opening().send().getFirst();
        byte[] destination = Arrays.copyOfRange(hello, 6, 14);
        byte[] source = Arrays.copyOfRange(hello, 15, 23);
        assertThat(talk.receive(new byte[] {(byte) 0xC0, 0, 0}).finished()).isFalse();
        assertThat(talk.receive(new byte[0]).finished()).isFalse();
        assertThat(talk.end(Ending.READ_TIMEOUT).unintelligible()).isNotNull();
        assertThat(talk.receive(versions(source, destination, 0x6B3343CF)).finished())
                .isTrue();
        assertThat(talk.end(Ending.FINISHED).otherVersions()).containsExactly(0x6B3343CF);
        assertThat(talk.end(Ending.FINISHED).unintelligible()).isNull();
    }

    @Test
    void takesAnyBytesWithoutAnEscape() {
        Random random = new Random(9001);
        for (int i = 0; i < 3000; i++) {
            QuicHandshake talk = handshake();
            byte[] hello = talk.opening().send().getFirst();
            byte[] destination = Arrays.copyOfRange(hello, 6, 14);
            byte[] source = Arrays.copyOfRange(hello, 15, 23);
            byte[] frames = new byte[random.nextInt(200)];
            random.nextBytes(frames);
            if (frames.length > 0) {
                frames[0] = (byte) random.nextInt(8);
            }
            byte[] sealed = LongPacket.seal(
                    QuicVersion.V1,
                    LongPacket.Kind.INITIAL,
                    source,
                    new byte[8],
                    new byte[0],
                    i % 3,
                    frames,
                    InitialKeys.server(QuicVersion.V1, destination));
            if (i % 2 == 0) {
                sealed[random.nextInt(sealed.length)] ^= (byte) (1 << random.nextInt(8));
            }
            talk.receive(sealed);
            talk.receive(Arrays.copyOf(sealed, random.nextInt(sealed.length)));
            assertThat(talk.end(Ending.READ_TIMEOUT).finished()).isFalse();
        }
    }

    private static byte[] versions(byte[] to, byte[] from, int... versions) {
        return ByteWriter.write(w -> {
            w.u8(0x80).u32(0).vec8(to).vec8(from);
            for (int version : versions) {
                w.u32(Integer.toUnsignedLong(version));
            }
        });
    }

    private static QuicHandshake handshake() {
        NamedGroup x25519 = new NamedGroup(0x001D);
        return new QuicHandshake(
                Hellos.tls13(List.of(0x1301), List.of(x25519), List.of(SHARES.offer(x25519))),
                SHARES,
                QuicVersion.V1,
                new Random(1));
    }
}

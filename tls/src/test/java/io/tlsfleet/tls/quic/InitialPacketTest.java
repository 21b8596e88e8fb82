package io.tlsfleet.tls.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tlsfleet.tls.wire.MalformedMessage;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InitialPacketTest {
    private static final byte[] ID = HexFormat.of().parseHex("8394c8f03e515708");

    /** RFC 9001 appendix A.2: the sealed packet begins so, and ends in this tag. */
    @Test
    void sealsTheClientInitialOfTheRfc() throws MalformedMessage {
        byte[] payload = new byte[1162];
        byte[] crypto = HexFormat.of()
                .parseHex("060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c"
                        + "00000413011302010000c000000010000e00000b6578616d706c652e636f6dff01000100000a00080006001d"
                        + "0017001800100007000504616c706e000500050100000000003300260024001d00209370b2c9caa47fbabaf4"
                        + "559fedba753de171fa71f50f1ce15d43e994ec74d748002b0003020304000d0010000e040305030603020308"
                        + "04080508060 02d00020101001c00024001003900320408ffffffffffffffff05048000ffff07048000ffff08"
                                .replace(" ", "")
                        + "01100104800075300901100f088394c8f03e51570806048000ffff");
        System.arraycopy(crypto, 0, payload, 0, crypto.length);
        InitialPacket packet = new InitialPacket(QuicVersion.V1, ID, new byte[0], new byte[0], 2, payload);
        byte[] sealed = packet.seal(InitialKeys.client(QuicVersion.V1, ID));
        assertThat(HexFormat.of().formatHex(sealed))
                .startsWith("c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242b123dc9b")
                .endsWith("e221af44860018ab0856972e194cd934")
                .hasSize(2400);

        InitialPacket.Header header = InitialPacket.header(sealed, 0).orElseThrow();
        InitialPacket opened = InitialPacket.open(sealed, 0, header, InitialKeys.client(QuicVersion.V1, ID))
                .orElseThrow();
        assertThat(opened.packetNumber()).isEqualTo(2);
        assertThat(opened.cryptoFrames()).hasSize(1);
        assertThat(opened.cryptoFrames().getFirst().data()).hasSize(241);
    }

    @Test
    void opensVersionTwoAndRefusesOtherKeys() throws MalformedMessage {
        byte[] payload = new byte[64];
        payload[0] = 1;
        byte[] sealed = new InitialPacket(QuicVersion.V2, ID, ID, new byte[3], 7, payload)
                .seal(InitialKeys.server(QuicVersion.V2, ID));
        InitialPacket.Header header = InitialPacket.header(sealed, 0).orElseThrow();
        assertThat(InitialPacket.open(sealed, 0, header, InitialKeys.server(QuicVersion.V2, ID)))
                .get()
                .extracting(InitialPacket::packetNumber)
                .isEqualTo(7L);
        assertThat(InitialPacket.open(sealed, 0, header, InitialKeys.client(QuicVersion.V2, ID)))
                .isEmpty();
    }

    @Test
    void readsAnyBytesWithoutAnEscape() {
        Random random = new Random(9000);
        byte[] sealed = new InitialPacket(QuicVersion.V1, ID, ID, new byte[0], 1, new byte[300])
                .seal(InitialKeys.client(QuicVersion.V1, ID));
        for (int i = 0; i < 5000; i++) {
            byte[] bytes = Arrays.copyOf(sealed, 1 + random.nextInt(sealed.length));
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                Optional<InitialPacket.Header> header = InitialPacket.header(bytes, 0);
                header.ifPresent(
                        h -> InitialPacket.open(bytes, 0, h, InitialKeys.client(h.version(), h.destinationId())));
            } catch (MalformedMessage e) {
                assertThat(e).hasMessageContaining(" ");
            }
        }
        assertThatThrownBy(() -> InitialPacket.header(Arrays.copyOf(sealed, 6), 0))
                .isInstanceOf(MalformedMessage.class);
    }

    @Test
    void putsPiecesTogetherInAnyOrder() {
        CryptoStream stream = new CryptoStream();
        stream.add(new InitialPacket.Crypto(3, new byte[] {4, 5}));
        assertThat(stream.prefix()).isEmpty();
        stream.add(new InitialPacket.Crypto(0, new byte[] {1, 2, 3}));
        stream.add(new InitialPacket.Crypto(1 << 20, new byte[] {9}));
        assertThat(stream.prefix()).containsExactly(1, 2, 3, 4, 5);
    }
}

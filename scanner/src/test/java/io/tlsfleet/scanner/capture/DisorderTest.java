package io.tlsfleet.scanner.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Segments of one connection that come in another order than they were sent, or do not come at all. */
class DisorderTest {
    private static final int RAW = 101;
    /** One suite, one unknown extension of 2,000 bytes. */
    private static final byte[] HELLO = HexFormat.of()
            .parseHex("16030107ff" + "010007fb" + "0303" + "5a".repeat(32) + "00" + "0002002f" + "0100" + "07d0"
                    + "123407cc" + "a5".repeat(1996));

    private final List<SeenHello> hellos = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(longs = {5_000, 0xFFFF_FF00L})
    void findsAHelloWhoseSynNobodySawInAnyOrder(long first) throws IOException {
        byte[] connect =
                "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        Random random = new Random(first);
        for (byte[] stream : List.of(HELLO, Recapture.join(connect, HELLO))) {
            for (int round = 0; round < 50; round++) {
                List<byte[]> segments = segments(stream, first);
                Collections.shuffle(segments, random);
                read(segments);
                assertThat(hellos).extracting(SeenHello::frame).containsExactly(segments.size());
                assertThat(hellos.getFirst().body()).isEqualTo(Arrays.copyOfRange(HELLO, 9, HELLO.length));
            }
        }
    }

    @Test
    void keepsWhatCameBeforeALateOrRepeatedSyn() throws IOException {
        List<byte[]> late = segments(HELLO, 1000);
        late.add(2, tcp(999, true, new byte[0]));
        late.addFirst(tcp(999, true, new byte[0]));
        read(late);
        assertThat(hellos).hasSize(1);
        read(late.subList(1, late.size()));
        assertThat(hellos).hasSize(1);
        read(List.of(tcp(1000, false, HELLO), tcp(999, true, new byte[0]), tcp(1000, false, HELLO)));
        assertThat(hellos).as("a new connection").hasSize(2);
    }

    @Test
    void findsAHelloBehindALostSegment() throws IOException {
        read(List.of(tcp(999, true, new byte[0]), tcp(1010, false, HELLO)));
        assertThat(hellos).extracting(SeenHello::frame).containsExactly(2);
        read(List.of(tcp(999, true, new byte[0]), tcp(1010, false, HELLO), tcp(1010 + HELLO.length, false, HELLO)));
        assertThat(hellos).extracting(SeenHello::frame).containsExactly(2, 3);
    }

    @Test
    void doesNotMakeAHelloOfBytesFromBothSidesOfAGap() throws IOException {
        List<byte[]> segments = segments(HELLO, 1000);
        segments.remove(2);
        segments.add(tcp(1000 + HELLO.length, false, new byte[3000]));
        read(segments);
        assertThat(hellos).isEmpty();
    }

    @Test
    void aHelloFarFromAllBeforeItIsOfAnotherConnection() throws IOException {
        read(List.of(tcp(1000, false, HELLO), tcp(0x4000_0000, false, HELLO), tcp(0xC000_0000, false, HELLO)));
        assertThat(hellos).extracting(SeenHello::frame).containsExactly(1, 2, 3);
        read(List.of(tcp(1000, false, HELLO), tcp(1000, false, HELLO)));
        assertThat(hellos).as("sent again").hasSize(1);
    }

    private static List<byte[]> segments(byte[] stream, long first) {
        List<byte[]> segments = new ArrayList<>();
        for (int at = 0; at < stream.length; at += 300) {
            segments.add(
                    tcp((int) first + at, false, Arrays.copyOfRange(stream, at, Math.min(stream.length, at + 300))));
        }
        return segments;
    }

    private void read(List<byte[]> packets) throws IOException {
        hellos.clear();
        byte[] capture = Recapture.pcap(0xA1B2C3D4, ByteOrder.LITTLE_ENDIAN, RAW, packets);
        CaptureHellos.read(new ByteArrayInputStream(capture), hellos::add, told -> {});
    }

    private static byte[] tcp(int sequence, boolean syn, byte[] payload) {
        return ByteBuffer.allocate(40 + payload.length)
                .putShort((short) 0x4500)
                .putShort((short) (40 + payload.length))
                .putInt(0)
                .putInt(0x40060000)
                .putInt(0x0A000001)
                .putInt(0x0A000002)
                .putShort((short) 40_000)
                .putShort((short) 443)
                .putInt(sequence)
                .putInt(0)
                .put((byte) 0x50)
                .put((byte) (syn ? 2 : 0x18))
                .put(40, payload)
                .array();
    }
}

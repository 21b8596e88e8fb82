package io.tlsfleet.scanner.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a capture may take of memory, and what is said of what was left out. */
class CaptureLimitsTest {
    private static final int RAW = 101;
    private static final byte[] HELLO =
            HexFormat.of().parseHex("160301002d" + "01000029" + "0303" + "00".repeat(32) + "00" + "0002002f" + "0100");
    private static final int PIECE = 60_000;
    private static final long BUDGET = 1 << 20;

    private final List<SeenHello> hellos = new ArrayList<>();
    private final List<String> told = new ArrayList<>();

    @Test
    void keepsWhatWaitsBehindAGapWithinItsBudget() throws IOException {
        List<byte[]> packets = new ArrayList<>();
        for (int flow = 0; flow < 40; flow++) {
            packets.add(tcp(flow, 999, true, new byte[0]));
            packets.add(tcp(flow, 2000, false, new byte[PIECE]));
        }
        packets.add(tcp(99, 1000, false, HELLO));
        read(packets, BUDGET);
        assertThat(hellos).extracting(SeenHello::frame).containsExactly(81);
        // 17 pieces of 60,000 bytes and 96 fit into a megabyte
        assertThat(told)
                .containsExactly("23 unfinished flows were too many to keep: hellos in them may be missing,"
                        + " split the capture");
    }

    @Test
    void keepsFragmentsWithinItsBudget() throws IOException {
        List<byte[]> packets = new ArrayList<>();
        packets.addAll(List.of(
                fragment(99, 24, false, Arrays.copyOfRange(segment(1000, false, HELLO), 24, 20 + HELLO.length))));
        for (int datagram = 0; datagram < 40; datagram++) {
            packets.add(fragment(datagram, 8, true, new byte[PIECE]));
        }
        packets.add(fragment(98, 24, false, Arrays.copyOfRange(segment(1000, false, HELLO), 24, 20 + HELLO.length)));
        packets.add(fragment(98, 0, true, Arrays.copyOf(segment(1000, false, HELLO), 24)));
        packets.add(fragment(99, 0, true, Arrays.copyOf(segment(1000, false, HELLO), 24)));
        read(packets, BUDGET);
        assertThat(hellos)
                .as("the old one was sent away")
                .extracting(SeenHello::frame)
                .containsExactly(43);
        assertThat(told).singleElement().asString().startsWith("24 unfinished flows were too many to keep");
    }

    @Test
    void keepsUnfinishedHellosWithinItsBudget() throws IOException {
        byte[] begun = Arrays.copyOf(HexFormat.of().parseHex("1603013ff001003fec0303"), 15_000);
        List<byte[]> packets = new ArrayList<>();
        for (int flow = 0; flow < 100; flow++) {
            packets.add(tcp(flow, 1000, false, begun));
        }
        packets.add(tcp(99, 16_000, false, new byte[5000]));
        packets.add(tcp(101, 1000, false, HELLO));
        read(packets, BUDGET);
        assertThat(hellos).extracting(SeenHello::frame).containsExactly(101, 102);
        assertThat(told).singleElement().asString().startsWith("31 unfinished flows were too many to keep");
    }

    @Test
    void saysNothingWhereAllFits() throws IOException {
        List<byte[]> packets = new ArrayList<>();
        for (int flow = 0; flow < 40; flow++) {
            packets.add(tcp(flow, 999, true, new byte[0]));
            packets.add(tcp(flow, 1010, false, Arrays.copyOfRange(HELLO, 10, HELLO.length)));
            packets.add(tcp(flow, 1000, false, Arrays.copyOf(HELLO, 10)));
        }
        read(packets, 2000);
        assertThat(hellos).hasSize(40);
        assertThat(told).isEmpty();
    }

    @Test
    void goesOnBehindAGapOnce64KiBWaitOrTheCaptureEnds() throws IOException {
        byte[] behind = Arrays.copyOf(HELLO, PIECE);
        List<byte[]> packets = List.of(
                tcp(1, 999, true, new byte[0]),
                tcp(1, 2000, false, behind),
                tcp(1, 2000 + PIECE, false, new byte[PIECE]),
                tcp(2, 1000, false, HELLO));
        read(packets, BUDGET);
        assertThat(hellos).extracting(SeenHello::frame).as("at once").containsExactly(2, 4);
        read(List.of(packets.get(0), packets.get(1), packets.get(3)), BUDGET);
        assertThat(hellos).extracting(SeenHello::frame).as("at the end").containsExactly(3, 2);
    }

    @Test
    void saysHowManyFramesTheSnapshotLengthCut() throws IOException {
        byte[] capture = Recapture.pcap(
                0xA1B2C3D4,
                ByteOrder.LITTLE_ENDIAN,
                RAW,
                List.of(Arrays.copyOf(tcp(1, 1000, false, HELLO), 60), tcp(2, 1000, false, HELLO)));
        ByteBuffer.wrap(capture).order(ByteOrder.LITTLE_ENDIAN).putInt(24 + 12, 40 + HELLO.length);
        read(capture, BUDGET);
        assertThat(hellos).hasSize(1);
        assertThat(told).singleElement().asString().startsWith("1 frame is cut short by the snapshot length");
    }

    @Test
    void isNotBroughtDownByPacketsInPackets() throws IOException {
        // PPPoE in GRE in IPv4, thirty thousand times, as long as no header says how long it is
        byte[] once = HexFormat.of()
                .parseHex("1100000100000021" + "4500000000000000402f0000" + "0a0000010a000002" + "00008864");
        ByteBuffer packet = ByteBuffer.allocate(14 + once.length * 30_000).put(12, new byte[] {(byte) 0x88, 0x64});
        for (int i = 0; i < 30_000; i++) {
            packet.put(14 + i * once.length, once);
        }
        read(Recapture.pcap(0xA1B2C3D4, ByteOrder.LITTLE_ENDIAN, 1, List.of(packet.array())), BUDGET);
        assertThat(hellos).isEmpty();
    }

    @Test
    void saysWhereAFileIsCut() throws IOException {
        byte[] whole = Recapture.pcap(
                0xA1B2C3D4,
                ByteOrder.LITTLE_ENDIAN,
                RAW,
                List.of(tcp(1, 1000, false, HELLO), tcp(2, 1000, false, HELLO)));
        for (byte[] capture : List.of(whole, Recapture.gzip(whole))) {
            read(capture, BUDGET);
            assertThat(hellos).hasSize(2);
            assertThat(told).isEmpty();
        }
        for (int left : new int[] {whole.length - 1, 24 + 16 + 40 + HELLO.length + 1}) {
            read(Arrays.copyOf(whole, left), BUDGET);
            assertThat(hellos).hasSize(1);
            assertThat(told).containsExactly("ends within frame 2");
        }
        read(Arrays.copyOf(Recapture.gzip(whole), Recapture.gzip(whole).length - 4), BUDGET);
        assertThat(told).as("gzip without its end").containsExactly("ends within frame 3");
    }

    @Test
    void saysWhichLinkTypesAreNotRead() throws IOException {
        List<byte[]> packets = List.of(tcp(1, 1000, false, HELLO), tcp(2, 1000, false, HELLO));
        read(Recapture.pcap(0xA1B2C3D4, ByteOrder.LITTLE_ENDIAN, 250, packets), BUDGET);
        assertThat(hellos).isEmpty();
        assertThat(told).containsExactly("link type 250 is not read, 2 frames passed over");
    }

    private void read(List<byte[]> packets, long budget) throws IOException {
        read(Recapture.pcap(0xA1B2C3D4, ByteOrder.LITTLE_ENDIAN, RAW, packets), budget);
    }

    private void read(byte[] capture, long budget) throws IOException {
        hellos.clear();
        told.clear();
        CaptureHellos.read(new ByteArrayInputStream(capture), hellos::add, told::add, budget);
    }

    private static byte[] tcp(int flow, int sequence, boolean syn, byte[] payload) {
        return ip(flow, 0, segment(sequence, syn, payload));
    }

    private static byte[] fragment(int flow, int at, boolean more, byte[] payload) {
        return ip(flow, at / 8 | (more ? 0x2000 : 0), payload);
    }

    private static byte[] segment(int sequence, boolean syn, byte[] payload) {
        return ByteBuffer.allocate(20 + payload.length)
                .putShort((short) 40_000)
                .putShort((short) 443)
                .putInt(sequence)
                .putInt(0)
                .put((byte) 0x50)
                .put((byte) (syn ? 2 : 0x18))
                .put(20, payload)
                .array();
    }

    private static byte[] ip(int flow, int place, byte[] payload) {
        return ByteBuffer.allocate(20 + payload.length)
                .put((byte) 0x45)
                .put((byte) 0)
                .putShort((short) (20 + payload.length))
                .putShort((short) 7)
                .putShort((short) place)
                .put((byte) 64)
                .put((byte) 6)
                .putShort((short) 0)
                .putInt(0x0A000000 + flow)
                .putInt(0x0B000001)
                .put(payload)
                .array();
    }
}

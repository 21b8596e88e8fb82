package io.tlsfleet.scanner.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.Vectors;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The packets of one Ethernet capture, put behind the headers of other link layers, must give the same hellos. */
class LinkLayersTest {
    private static final int PCAP = 0xA1B2C3D4;

    @ParameterizedTest
    @CsvSource({
        "1, 000000000001000000000002 0800, false",
        "1, 000000000001000000000002 8100 0005 0800, false",
        "1, 000000000001000000000002 0100 AAAA03 000000 0800, false",
        "1, 000000000001000000000002 8864 1100 0001 0100 0021, false",
        "1, 000000000001000000000002 0800 45000000 00000000 402F0000 0A000001 0A000002 0000 6558 000000000001000000000002 0800, false",
        "1, 000000000001000000000002 0800 45000000 00000000 402F0000 0A000001 0A000002 0000 88BE 000000000001000000000002 0800, false",
        "1, 000000000001000000000002 0800 45000000 00000000 402F0000 0A000001 0A000002 1000 88BE 00000000 1001000000000000 000000000001000000000002 0800, false",
        "1, 000000000001000000000002 0800 45000000 00000000 402F0000 0A000001 0A000002 1000 22EB 00000000 200100000000000000000000 000000000001000000000002 0800, false",
        "1, 000000000001000000000002 0800 45000000 00000000 402F0000 0A000001 0A000002 3081 880B 0100000100000000 00000000 FF03 0021, false",
        "1, 000000000001000000000002 0800 45000000 00000000 40110000 0A000001 0A000002 CCCC 12B5 00000000 0800000000002A00 000000000001000000000002 0800, false",
        "1, 000000000001000000000002 0800 45000000 00000000 40110000 0A000001 0A000002 CCCC 2118 00000000 0800000000002A00 000000000001000000000002 0800, false",
        "1, 000000000001000000000002 0800 45000000 00000000 40110000 0A000001 0A000002 CCCC 17C1 00000000 0200655800002A00 0000000000000000 000000000001000000000002 0800, false",
        "1, 000000000001000000000002 0800 45000000 00000000 40110000 0A000001 0A000002 0868 0868 00000000 30FF010000000001, false",
        "1, 000000000001000000000002 0800 45000000 00000000 40110000 0A000001 0A000002 0868 0868 00000000 34FF010000000001 00000085 01000100, false",
        "1, 000000000001000000000002 8847 00001140 00000000 000000000001000000000002 0800, false",
        "1, 000000000001000000000002 8848 00001140, false",
        "117, 3D000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000, false",
        "192, 00000800 01000000 000000000001000000000002 0800, false",
        "258, 0C000000 01000000 01000000 000000000001000000000002 0800, false",
        "9, FF030021, false",
        "9, 21, false",
        "50, FF03 0021, false",
        "51, 1100 0001 0100 0021, false",
        "104, 0F00 0800, false",
        "105, 0801 0000 000000000001000000000002000000000003 0000 AAAA03 000000 0800, false",
        "105, 8801 0000 000000000001000000000002000000000003 0000 0000 AAAA03 000000 0800, false",
        "108, 00000002, false",
        "109, 000000020000000000000000, false",
        "113, 0000 0001 0006 0000000000000000 0800, false",
        "127, 0000 0800 00000000 0801 0000 000000000001000000000002000000000003 0000 AAAA03 000000 0800, false",
        "228, '', false",
        "276, 0800 0000 00000001 0001 00 06 0000000000000000, false",
        "1, 000000000001000000000002 0800, true"
    })
    void findsTheSameHellos(int linkType, String header, boolean patched) throws IOException {
        List<byte[]> packets = packets();
        byte[] front = HexFormat.of().parseHex(header.replace(" ", ""));
        List<String> hellos = hellos(capture(linkType, front, packets, patched));
        assertThat(hellos).isNotEmpty().isEqualTo(hellos(capture(101, new byte[0], packets, false)));
    }

    @ParameterizedTest
    @CsvSource({"105, 0841 0000 000000000001000000000002000000000003 0000 AAAA03 000000 0800", "9, FF03C021", "147, ''"
    })
    void passesOverWhatIsEncryptedOrSomethingElse(int linkType, String header) throws IOException {
        byte[] front = HexFormat.of().parseHex(header.replace(" ", ""));
        assertThat(hellos(capture(linkType, front, packets(), false))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void readsNetfilterLogs(boolean littleEndian) throws IOException {
        List<byte[]> framed = new ArrayList<>();
        for (byte[] packet : packets()) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            DataOutputStream data = new DataOutputStream(out);
            data.writeInt(0x02000000);
            attribute(data, 10, HexFormat.of().parseHex("6100"), littleEndian);
            attribute(data, 9, packet, littleEndian);
            framed.add(out.toByteArray());
        }
        assertThat(hellos(capture(239, new byte[0], framed, false)))
                .isNotEmpty()
                .isEqualTo(hellos(capture(101, new byte[0], packets(), false)));
    }

    private static void attribute(DataOutputStream out, int type, byte[] value, boolean little) throws IOException {
        int length = value.length + 4;
        out.writeShort(little ? Short.reverseBytes((short) length) : length);
        out.writeShort(little ? Short.reverseBytes((short) type) : type);
        out.write(value);
        out.write(new byte[-length & 3]);
    }

    private static List<byte[]> packets() throws IOException {
        List<byte[]> packets = new ArrayList<>();
        try (InputStream in = Files.newInputStream(Vectors.path("ja4-foxio/pcap/badcurveball.pcap"));
                CaptureFile file = new CaptureFile(in)) {
            for (CaptureFile.Packet packet = file.next(); packet != null; packet = file.next()) {
                byte[] bytes = packet.bytes();
                if (packet.linkType() == 1 && bytes[12] == 8 && bytes[13] == 0) {
                    packets.add(Arrays.copyOfRange(bytes, 14, bytes.length));
                }
            }
        }
        return packets;
    }

    private static byte[] capture(int linkType, byte[] front, List<byte[]> packets, boolean patched)
            throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        DataOutputStream data = new DataOutputStream(out);
        data.writeInt(patched ? 0xA1B2CD34 : PCAP);
        data.writeInt(0x00020004);
        data.writeLong(0);
        data.writeInt(65535);
        data.writeInt(linkType);
        for (byte[] packet : packets) {
            data.writeLong(0);
            data.writeInt(front.length + packet.length);
            data.writeInt(front.length + packet.length);
            if (patched) {
                data.writeLong(1);
            }
            data.write(front);
            data.write(packet);
        }
        return out.toByteArray();
    }

    private static List<String> hellos(byte[] capture) throws IOException {
        List<String> hellos = new ArrayList<>();
        CaptureHellos.read(
                new ByteArrayInputStream(capture),
                hello -> hellos.add(hello.frame() + " " + hello.client() + " "
                        + HexFormat.of().formatHex(hello.body())),
                left -> {});
        return hellos;
    }
}

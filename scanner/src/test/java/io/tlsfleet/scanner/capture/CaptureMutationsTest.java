package io.tlsfleet.scanner.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.Vectors;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What holds of a capture must hold of the same traffic in another file, over another link, over a worse network. */
class CaptureMutationsTest {
    private static final int SEED = 20261121;
    private static final int MOST_BYTES = 400_000;

    /** Frames of Ethernet with IPv4, and the hellos in them. */
    private record Traffic(String name, List<byte[]> frames, Set<String> hellos) {}

    private static final List<Traffic> ALL = new ArrayList<>();

    @BeforeAll
    static void read() throws IOException {
        for (String set : List.of("ja4-foxio", "tls-arkime", "tls-suricata", "tls-zeek")) {
            try (DirectoryStream<Path> files =
                    Files.newDirectoryStream(Vectors.path(set + "/pcap"), "*.{pcap,pcapng}")) {
                for (Path file : files) {
                    if (Files.size(file) <= MOST_BYTES) {
                        List<byte[]> frames = frames(Files.readAllBytes(file));
                        byte[] again = Recapture.pcap(0xA1B2C3D4, ByteOrder.LITTLE_ENDIAN, 1, frames);
                        Set<String> hellos = hellos(again);
                        if (!hellos.isEmpty()) {
                            ALL.add(new Traffic(set + "/" + file.getFileName(), frames, hellos));
                        }
                    }
                }
            }
        }
        assertThat(ALL).as("captures of Ethernet with hellos over IPv4").hasSizeGreaterThan(60);
    }

    @Test
    void readsEveryFormOfFile() throws IOException {
        Map<String, Function<List<byte[]>, byte[]>> forms = new LinkedHashMap<>();
        for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
            forms.put("pcap " + order, f -> Recapture.pcap(0xA1B2C3D4, order, 1, f));
            forms.put("pcap with nanoseconds " + order, f -> Recapture.pcap(0xA1B23C4D, order, 1, f));
            forms.put("pcap with long headers " + order, f -> Recapture.pcap(0xA1B2CD34, order, 1, f));
            forms.put("pcapng " + order, f -> Recapture.pcapng(order, 1, f, new Random(SEED)));
        }
        forms.put(
                "pcapng gzipped",
                f -> Recapture.gzip(Recapture.pcapng(ByteOrder.LITTLE_ENDIAN, 1, f, new Random(SEED))));
        forms.put(
                "two sections",
                f -> Recapture.join(
                        Recapture.pcapng(ByteOrder.BIG_ENDIAN, 1, f.subList(0, f.size() / 2), new Random(SEED)),
                        Recapture.pcapng(
                                ByteOrder.LITTLE_ENDIAN, 1, f.subList(f.size() / 2, f.size()), new Random(SEED))));
        same(forms);
    }

    @Test
    void readsEveryLink() throws IOException {
        Map<String, Function<List<byte[]>, byte[]>> forms = new LinkedHashMap<>();
        forms.put("VLAN", f -> ethernet(each(f, p -> Recapture.tagged(p, 0x8100))));
        forms.put("QinQ", f -> ethernet(each(f, p -> Recapture.tagged(p, 0x88A8, 0x8100))));
        forms.put("old QinQ", f -> ethernet(each(f, p -> Recapture.tagged(p, 0x9100, 0x8100))));
        forms.put("Linux cooked", f -> link(113, each(f, Recapture::cooked)));
        forms.put("Linux cooked 2", f -> link(276, each(f, Recapture::cooked2)));
        forms.put("raw IP", f -> link(101, each(f, Recapture::ip)));
        forms.put("IPv4", f -> link(228, each(f, Recapture::ip)));
        forms.put("BSD loopback", f -> link(0, each(f, Recapture::loopback)));
        same(forms);
    }

    @Test
    void putsPiecesTogether() throws IOException {
        Map<String, BiFunction<List<byte[]>, Random, byte[]>> forms = new LinkedHashMap<>();
        forms.put("IPv4 fragments", (f, random) -> {
            List<byte[]> all = new ArrayList<>();
            for (byte[] frame : f) {
                all.addAll(Recapture.fragmented(frame, all.size(), random));
            }
            return ethernet(all);
        });
        forms.put("IPv6 with extension headers", (f, random) -> {
            List<byte[]> all = new ArrayList<>();
            f.forEach(frame -> all.addAll(Recapture.ipv6(frame, all.size(), false)));
            return ethernet(all);
        });
        forms.put("IPv6 fragments, the last first", (f, random) -> {
            List<byte[]> all = new ArrayList<>();
            f.forEach(frame -> all.addAll(Recapture.ipv6(frame, all.size(), true)));
            return ethernet(all);
        });
        forms.put("small segments", (f, random) -> {
            List<byte[]> all = new ArrayList<>();
            f.forEach(frame -> all.addAll(Recapture.segmented(frame, random)));
            return ethernet(all);
        });
        forms.put("segments out of order, twice, and again with other bytes", (f, random) -> {
            List<byte[]> all = new ArrayList<>();
            f.forEach(frame -> all.addAll(Recapture.segmented(frame, random)));
            return ethernet(Recapture.disordered(all, random));
        });
        Random random = new Random(SEED);
        Map<String, Function<List<byte[]>, byte[]>> drawn = new LinkedHashMap<>();
        forms.forEach((name, form) -> drawn.put(name, f -> form.apply(f, random)));
        same(drawn);
    }

    @Test
    void readsWhatIsLeftOfACaptureThatWasCut() throws IOException {
        Random random = new Random(SEED);
        int cut = 0;
        for (Traffic traffic : ALL) {
            byte[] whole = ethernet(traffic.frames());
            for (int i = 0; i < 8; i++) {
                Set<String> left = hellos(Arrays.copyOf(whole, 24 + random.nextInt(whole.length - 24)));
                assertThat(traffic.hellos())
                        .as(traffic.name() + ", seed " + SEED)
                        .containsAll(left);
                cut += left.size() < traffic.hellos().size() ? 1 : 0;
            }
            int length = 60 + random.nextInt(300);
            hellos(ethernet(each(traffic.frames(), f -> Arrays.copyOf(f, Math.min(f.length, length)))));
        }
        assertThat(cut).as("that something was cut").isGreaterThan(50);
    }

    @Test
    void survivesAnyByte() throws IOException {
        Random random = new Random(SEED);
        int refused = 0;
        for (Traffic traffic : ALL) {
            for (int i = 0; i < 6; i++) {
                byte[] bytes = i % 2 == 0
                        ? ethernet(traffic.frames())
                        : Recapture.pcapng(ByteOrder.LITTLE_ENDIAN, 1, traffic.frames(), random);
                for (int n = 0; n < 1 + bytes.length / 500; n++) {
                    bytes[4 + random.nextInt(bytes.length - 4)] = (byte) random.nextInt(256);
                }
                try {
                    CaptureHellos.read(new ByteArrayInputStream(bytes), hello -> {}, left -> {});
                } catch (IOException e) {
                    assertThat(e.getMessage()).isNotBlank();
                    refused++;
                }
            }
        }
        assertThat(refused).as("that some were refused, with words").isGreaterThan(10);
    }

    private static void same(Map<String, Function<List<byte[]>, byte[]>> forms) throws IOException {
        for (Map.Entry<String, Function<List<byte[]>, byte[]>> form : forms.entrySet()) {
            int found = 0;
            for (Traffic traffic : ALL) {
                assertThat(hellos(form.getValue().apply(traffic.frames())))
                        .as(form.getKey() + ": " + traffic.name() + ", seed " + SEED)
                        .isEqualTo(traffic.hellos());
                found += traffic.hellos().size();
            }
            System.out.printf("%-60s %3d captures, %4d hellos, all found%n", form.getKey(), ALL.size(), found);
        }
    }

    private static List<byte[]> each(List<byte[]> frames, Function<byte[], byte[]> change) {
        return frames.stream().map(change).toList();
    }

    private static byte[] ethernet(List<byte[]> frames) {
        return link(1, frames);
    }

    private static byte[] link(int type, List<byte[]> packets) {
        return Recapture.pcap(0xA1B2C3D4, ByteOrder.LITTLE_ENDIAN, type, packets);
    }

    private static List<byte[]> frames(byte[] capture) throws IOException {
        List<byte[]> frames = new ArrayList<>();
        try (CaptureFile file = new CaptureFile(new ByteArrayInputStream(capture))) {
            for (CaptureFile.Packet packet = file.next(); packet != null; packet = file.next()) {
                if (packet.linkType() == 1 && Recapture.isIpv4(packet.bytes())) {
                    frames.add(packet.bytes());
                }
            }
        }
        return frames;
    }

    private static Set<String> hellos(byte[] capture) throws IOException {
        Set<String> hellos = new TreeSet<>();
        CaptureHellos.read(
                new ByteArrayInputStream(capture),
                hello -> hellos.add(hello.transport() + " " + (hello.client() ? "c " : "s ") + hello.body().length + " "
                        + Arrays.hashCode(hello.body())),
                left -> {});
        return hellos;
    }
}

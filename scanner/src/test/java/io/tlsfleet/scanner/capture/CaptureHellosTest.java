package io.tlsfleet.scanner.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.tls.Vectors;
import io.tlsfleet.tls.fingerprint.ClientFingerprint;
import io.tlsfleet.tls.fingerprint.Fingerprinter;
import io.tlsfleet.tls.fingerprint.ServerFingerprint;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CaptureHellosTest {
    private record Prints(Set<String> ja3, Set<String> ja3s, Set<String> ja4, Set<String> names, Set<String> bodies) {}

    private final Map<Path, Prints> read = new HashMap<>();

    @Test
    void findsEveryRecordedHello() {
        int found = 0;
        for (String set : List.of("ja4-foxio", "tls-arkime")) {
            for (JsonNode stream : Vectors.jsonLines(set + "/hellos.jsonl.gz")) {
                Prints prints =
                        prints(Vectors.path(set + "/pcap/" + stream.get("pcap").asText()));
                for (String kind : List.of("client_hello", "server_hello")) {
                    for (JsonNode hello : stream.get(kind)) {
                        assertThat(prints.bodies())
                                .as(stream.get("id").asText() + " " + kind)
                                .contains(hello.asText().substring(8));
                        found++;
                    }
                }
            }
        }
        assertThat(found).isGreaterThanOrEqualTo(154);
    }

    @Test
    void readsQuicAndDtlsAsOthersDo() {
        assertThat(prints(Vectors.path("ja4-foxio/pcap/quic-tls-handshake.pcapng"))
                        .ja4())
                .contains("q13d0310h3_55b375c5d22e_cd85d2d88918");
        Map<String, String> arkime = Map.of(
                "quicietf.pcap", "q13d0311h3_55b375c5d22e_3512bcbbc9ec",
                "quicietfooo.pcap", "q13d0312h3_55b375c5d22e_73e2d9e6cde6",
                "wireshark-dtls0.pcap", "d00i270000_fd1a708466c1_000000000000",
                "wireshark-dtls12.pcap", "dd2i030300_f7e428980f70_6c817ce3d217",
                "cloudshark-dtls1.pcap", "dd1i440200_49bcda3e7ebf_18d1e47e0978");
        arkime.forEach((file, ja4) -> assertThat(
                        prints(Vectors.path("tls-arkime/pcap/" + file)).ja4())
                .as(file)
                .contains(ja4));
    }

    @Test
    void agreesWithSuricata() {
        int compared = 0;
        for (JsonNode test : Vectors.json("tls-suricata/cases.json")) {
            // no signature algorithms: Suricata hashes "extensions_", the text of JA4 "extensions" without underscore
            boolean differs = test.get("test").asText().equals("bug-5713-02-ja4");
            Prints prints =
                    prints(Vectors.path("tls-suricata/pcap/" + test.get("pcap").asText()));
            for (JsonNode check : test.get("checks")) {
                if (check.path("count").asInt() == 0) {
                    continue;
                }
                JsonNode match = check.path("match");
                String where = test.get("test").asText();
                compared += contains(where, prints.ja3(), match.path("tls.ja3.hash"))
                        + contains(where, prints.ja3s(), match.path("tls.ja3s.hash"))
                        + (differs ? 0 : contains(where, prints.ja4(), match.path("tls.ja4")))
                        + contains(where, prints.names(), match.path("tls.sni"));
            }
        }
        assertThat(compared).isGreaterThanOrEqualTo(49);
    }

    @Test
    void readsEveryCaptureWithoutAnEscapeAlsoWhenItIsCut() throws IOException {
        int files = 0;
        for (String set : List.of("ja4-foxio", "tls-arkime", "tls-suricata", "tls-zeek")) {
            try (DirectoryStream<Path> captures =
                    Files.newDirectoryStream(Vectors.path(set + "/pcap"), "*.{pcap,pcapng}")) {
                for (Path capture : captures) {
                    prints(capture);
                    byte[] whole = Files.readAllBytes(capture);
                    byte[] cut = Arrays.copyOf(whole, whole.length * 2 / 3);
                    CaptureHellos.read(new ByteArrayInputStream(cut), hello -> {}, left -> {});
                    files++;
                }
            }
        }
        assertThat(files).isGreaterThan(100);
    }

    @Test
    void refusesWhatIsNoCapture() {
        assertThatThrownBy(() -> CaptureHellos.read(new ByteArrayInputStream(new byte[100]), hello -> {}, left -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("neither pcap nor pcapng");
    }

    private static int contains(String where, Set<String> values, JsonNode wanted) {
        if (!wanted.isTextual()) {
            return 0;
        }
        assertThat(values).as(where).contains(wanted.asText());
        return 1;
    }

    private Prints prints(Path capture) {
        return read.computeIfAbsent(capture, CaptureHellosTest::fingerprints);
    }

    private static Prints fingerprints(Path capture) {
        Prints prints = new Prints(new HashSet<>(), new HashSet<>(), new HashSet<>(), new HashSet<>(), new HashSet<>());
        List<SeenHello> hellos = new ArrayList<>();
        try (InputStream in = Files.newInputStream(capture)) {
            CaptureHellos.read(in, hellos::add, left -> {});
            Fingerprinter fingerprinter = new Fingerprinter();
            for (SeenHello hello : hellos) {
                prints.bodies().add(HexFormat.of().formatHex(hello.body()));
                try {
                    add(prints, hello, fingerprinter);
                } catch (MalformedMessage e) {
                    // fuzzed captures hold broken hellos too
                    prints.bodies().add("malformed");
                }
            }
        } catch (IOException e) {
            throw new AssertionError(capture.toString(), e);
        }
        return prints;
    }

    private static void add(Prints prints, SeenHello hello, Fingerprinter fingerprinter) throws MalformedMessage {
        if (hello.client()) {
            ClientFingerprint print = fingerprinter.client(hello.body(), hello.transport());
            prints.ja3().add(print.ja3());
            prints.ja4().add(print.ja4());
            if (print.serverName() != null) {
                prints.names().add(print.serverName());
            }
        } else {
            ServerFingerprint print = fingerprinter.server(hello.body());
            prints.ja3s().add(print.ja3s());
        }
    }
}

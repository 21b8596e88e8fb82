package io.tlsfleet.fleet.sensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;

class SensorLogTest {
    private static final String JA3 = "0".repeat(31) + "a";
    private static final String JA4 = "t13d1516h2_8daaf6152771_e5627efa2ab1";
    private static final LocalDate DAY = LocalDate.of(2026, 11, 21);

    private final SensorLog log = new SensorLog();

    @Test
    void readsSuricata() {
        assertThat(log.read("""
                {"timestamp":"2026-11-21T23:59:59.123456+0000","event_type":"tls","src_ip":"192.0.2.9","dest_ip":"198.51.100.1",\
                "dest_port":443,"tls":{"sni":"Shop.example","version":"TLS 1.3","ja3":{"hash":"%s","string":"771"},"ja4":"%s"}}""".formatted(JA3, JA4)))
                .containsExactly(
                        new ClientSighting(DAY, "shop.example:443", "ja3", JA3, 1),
                        new ClientSighting(DAY, "shop.example:443", "ja4", JA4, 1));
        assertThat(log.read("{\"event_type\":\"flow\",\"src_ip\":\"192.0.2.9\"}"))
                .isEmpty();
    }

    @Test
    void readsZeekInBothForms() {
        assertThat(log.read(
                        "{\"ts\":1795269199.5,\"id.orig_h\":\"192.0.2.9\",\"id.resp_h\":\"2001:db8::1\",\"id.resp_p\":8443,\"ja4\":\"%s\"}"
                                .formatted(JA4)))
                .containsExactly(new ClientSighting(DAY, "[2001:db8::1]:8443", "ja4", JA4, 1));
        log.read("#separator \\x09");
        log.read("#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tserver_name\tja3");
        assertThat(log.read("1795269199.5\tC1\t192.0.2.9\t5000\t198.51.100.1\t443\tapi.example\t" + JA3))
                .containsExactly(new ClientSighting(DAY, "api.example:443", "ja3", JA3, 1));
        assertThat(log.read("1795269199.5\tC1\t192.0.2.9\t5000\t198.51.100.1\t443\t-\t-"))
                .isEmpty();
        assertThatThrownBy(() -> log.read("1795269199.5\tC1"))
                .hasMessageContaining("2 fields where the header names 8");
    }

    @Test
    void readsLogsOfProxies() {
        assertThat(log.read("Nov 21 lb1 haproxy: time=2026-11-21T10:00:00+01:00 sni=www.example port=443 ja4=" + JA4))
                .containsExactly(new ClientSighting(DAY, "www.example:443", "ja4", JA4, 1));
        assertThat(
                        log.read(
                                "time=1795269199 sni=\"www.example\" port=443 ciphers=\"ECDHE-RSA-AES128-GCM-SHA256:AES128-SHA\""))
                .singleElement()
                .satisfies(s -> assertThat(s.kind()).isEqualTo("suites"));
        assertThatThrownBy(() -> log.read("GET / HTTP/1.1")).hasMessageContaining("docs/sensors.md");
    }

    @Test
    void makesAFingerprintOfWhatHaproxyLogs() {
        ClientSighting seen = log.read(
                        "haproxy[7]: time=2026-11-21T10:00:00Z sni=- server=10.0.0.1 port=443 hello=771 ciphers=C02B1A1A002F"
                                + " extensions=FF010000000B000A curves=0017 formats=00")
                .getFirst();
        // MD5 of 771,49195-47,65281-0-11-10,23,0
        assertThat(seen.kind()).isEqualTo("ja3");
        assertThat(seen.fingerprint()).isEqualTo("c37bd8b85f5cb936f49bc5e79f410d65");
        assertThat(seen.endpoint()).isEqualTo("10.0.0.1:443");
        assertThat(seen.profile()).isEqualTo(ClientProfile.ofJa3Text("771,49195-47,65281-0-11-10,23,0"));
    }

    @Test
    void readsTheNamesThatNginxLogs() {
        ClientSighting seen = log.read(
                        "time=1795269199 sni=www.example port=443 ciphers=\"TLS_AES_128_GCM_SHA256:ECDHE-RSA-AES128-SHA:DES-CBC3-SHA:0x00ff:0xeaea\""
                                + " curves=\"0x11ec:X25519:prime256v1:secp384r1\"")
                .getFirst();
        assertThat(seen.kind()).isEqualTo("suites");
        assertThat(java.util.Objects.requireNonNull(seen.profile()).cipherSuites())
                .containsExactly("0x1301", "0xC013", "0x000A", "0x00FF");
        assertThat(seen.profile().groups()).containsExactly("0x11EC", "0x001D", "0x0017", "0x0018");
    }

    @Test
    void knowsEveryNameThatOpenSslHas() throws IOException {
        Process openssl = new ProcessBuilder("openssl", "ciphers", "-V", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0")
                .redirectErrorStream(true)
                .start();
        int checked = 0;
        try (var lines = openssl.inputReader()) {
            for (String line : lines.lines().toList()) {
                String[] words = line.strip().split("\\s+", -1);
                int code = Integer.decode(words[0].replace(",0x", ""));
                assertThat(OpensslNames.suites(words[4])).as(line).containsExactly(code);
                checked++;
            }
        }
        assertThat(checked).isGreaterThan(100);
    }

    @Test
    void addsUpAndKeepsNoAddressOfAClient() {
        Sightings sightings = new Sightings();
        for (int i = 0; i < 7; i++) {
            log.read(
                            "{\"timestamp\":\"2026-11-21T10:00:00.000000+0000\",\"event_type\":\"tls\",\"src_ip\":\"192.0.2.%d\",\"dest_ip\":\"198.51.100.1\",\"dest_port\":443,\"tls\":{\"ja4\":\"%s\"}}"
                                    .formatted(i, JA4))
                    .forEach(sightings::add);
        }
        assertThat(sightings.all()).containsExactly(new ClientSighting(DAY, "198.51.100.1:443", "ja4", JA4, 7));
        assertThat(sightings.all().toString()).doesNotContain("192.0.2");
    }
}

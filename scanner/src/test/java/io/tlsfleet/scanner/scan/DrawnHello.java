package io.tlsfleet.scanner.scan;

import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.handshake.Extension;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** ClientHellos of clients that might be: versions, suites, groups, schemes and shares drawn by lot. */
final class DrawnHello {
    private static final int[] OLDER = {
        0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA8, 0xCCA9, 0xC009, 0xC013, 0xC014, 0xC00A, 0xC027, 0x009C, 0x009D, 0x002F,
        0x0035, 0x003C, 0x0041, 0x000A, 0x009E, 0x0033
    };
    private static final int[] TLS13 = {0x1301, 0x1302, 0x1303};
    private static final int[] GROUPS = {0x001D, 0x0017, 0x0018, 0x0019, 0x001E, 0x11EC};
    private static final int[] SCHEMES = {
        0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0401, 0x0501, 0x0601, 0x0807, 0x0201, 0x0203
    };

    private DrawnHello() {}

    static byte[] body(Random random, KeyShares keys) {
        ProtocolVersion highest = List.of(
                        ProtocolVersion.TLS_1_0,
                        ProtocolVersion.TLS_1_1,
                        ProtocolVersion.TLS_1_2,
                        ProtocolVersion.TLS_1_2,
                        ProtocolVersion.TLS_1_3,
                        ProtocolVersion.TLS_1_3,
                        ProtocolVersion.TLS_1_3)
                .get(random.nextInt(7));
        boolean tls13 = highest.equals(ProtocolVersion.TLS_1_3);
        boolean older = !tls13 || random.nextInt(4) > 0;
        List<Integer> suites = new ArrayList<>();
        if (tls13) {
            suites.addAll(drawn(TLS13, 3, random));
        }
        if (older) {
            suites.addAll(drawn(OLDER, random.nextInt(3) == 0 ? 3 : 16, random));
            suites.add(0x00FF);
        }
        List<NamedGroup> groups =
                drawn(GROUPS, 5, random).stream().map(NamedGroup::new).toList();
        List<Extension> extensions = new ArrayList<>();
        if (random.nextInt(5) > 0) {
            extensions.add(Extensions.serverName("localhost"));
        }
        boolean named = tls13 || random.nextInt(6) > 0;
        if (named) {
            extensions.add(Extensions.supportedGroups(groups));
            extensions.add(Extensions.ecPointFormats());
        }
        if (tls13 || highest.equals(ProtocolVersion.TLS_1_2) && random.nextInt(8) > 0) {
            extensions.add(Extensions.signatureAlgorithms(
                    drawn(SCHEMES, 9, random).stream().map(SignatureScheme::new).toList()));
        }
        if (random.nextInt(3) == 0) {
            extensions.add(Extensions.alpn(
                    List.of(List.of("h2", "http/1.1"), List.of("http/1.1"), List.of("spdy/3"), List.of("h2"))
                            .get(random.nextInt(4))));
        }
        if (tls13) {
            List<ProtocolVersion> versions = new ArrayList<>(List.of(ProtocolVersion.TLS_1_3));
            if (older) {
                versions.add(ProtocolVersion.TLS_1_2);
            }
            extensions.add(Extensions.supportedVersions(versions));
            extensions.add(Extensions.pskKeyExchangeModes());
            List<NamedGroup> shared =
                    new ArrayList<>(groups.subList(0, random.nextInt(Math.min(3, groups.size() + 1))));
            shared.sort(Comparator.comparingInt(groups::indexOf));
            extensions.add(Extensions.keyShares(shared.stream().map(keys::offer).toList()));
        }
        byte[] nonce = new byte[32];
        random.nextBytes(nonce);
        return new ClientHello(
                        tls13 ? ProtocolVersion.TLS_1_2 : highest,
                        nonce,
                        tls13 ? nonce : new byte[0],
                        suites.stream().map(CipherSuite::new).toList(),
                        new byte[] {0},
                        extensions)
                .encode()
                .body();
    }

    private static List<Integer> drawn(int[] from, int most, Random random) {
        List<Integer> all = new ArrayList<>(IntStream.of(from).boxed().toList());
        Collections.shuffle(all, random);
        return all.subList(0, 1 + random.nextInt(Math.min(most, all.size())));
    }
}

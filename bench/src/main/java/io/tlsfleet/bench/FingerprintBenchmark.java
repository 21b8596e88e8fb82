package io.tlsfleet.bench;

import io.tlsfleet.tls.fingerprint.Fingerprinter;
import io.tlsfleet.tls.fingerprint.Transport;
import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.handshake.Extension;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * {@code FingerprintBenchmark [SECONDS]}: ClientHellos in memory to JA3 and JA4, by one thread; told is the thread's own CPU
 * time, so that neighbours on the machine do not count. 4,096 different hellos of 200 to 1,800 bytes, their names, randoms,
 * shares and (as browsers have it) the order of their extensions drawn by lot, from 40 lists of cipher suites as a network
 * has them, and from as many lists as hellos, where nothing that was hashed can be used again.
 */
public final class FingerprintBenchmark {
    private static final int HELLOS = 4096;
    private static final int SEED = 20261121;
    private static final int ROUNDS = 5;
    private static final int[] SUITES = {
        0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0xC013, 0xC014, 0x009C, 0x009D, 0x002F,
        0x0035, 0xC009, 0xC00A, 0x009E, 0x009F, 0xCCAA, 0xC023, 0xC024, 0xC027, 0xC028, 0x0067, 0x006B, 0x0033, 0x0039,
        0x003C, 0x003D, 0x00FF
    };

    private final byte[][] hellos;
    private final Fingerprinter fingerprinter = new Fingerprinter();
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private long sink;

    private FingerprintBenchmark(int lists) {
        this.hellos = drawn(lists);
    }

    public static void main(String[] args) throws MalformedMessage {
        long seconds = args.length > 0 ? Long.parseLong(args[0]) : 3;
        for (int lists : new int[] {40, HELLOS}) {
            FingerprintBenchmark bench = new FingerprintBenchmark(lists);
            bench.round(seconds);
            double best = 0;
            List<Long> rates = new ArrayList<>();
            for (int i = 0; i < ROUNDS; i++) {
                double rate = bench.round(seconds);
                best = Math.max(best, rate);
                rates.add((long) rate);
            }
            Collections.sort(rates);
            System.out.printf(
                    Locale.ROOT,
                    "%d hellos of %d bytes on average, %d lists of suites: median %,d hellos a second of CPU (JA3 and JA4), best"
                            + " %,d%n",
                    HELLOS,
                    bench.bytes() / HELLOS,
                    lists,
                    rates.get(ROUNDS / 2),
                    (long) best);
            if (bench.sink == 42) {
                System.out.println();
            }
        }
    }

    /** Hellos a second of this thread's CPU time. */
    private double round(long seconds) throws MalformedMessage {
        long from = threads.getCurrentThreadCpuTime();
        long until = System.nanoTime() + seconds * 1_000_000_000;
        long done = 0;
        while (System.nanoTime() < until) {
            for (byte[] hello : hellos) {
                Fingerprinter.Hashes hashes = fingerprinter.hashes(hello, 0, hello.length, Transport.TCP);
                sink += hashes.ja3().charAt(7) + hashes.ja4().charAt(20);
            }
            done += hellos.length;
        }
        return done * 1e9 / (threads.getCurrentThreadCpuTime() - from);
    }

    private long bytes() {
        long bytes = 0;
        for (byte[] hello : hellos) {
            bytes += hello.length;
        }
        return bytes;
    }

    private static byte[][] drawn(int lists) {
        Random random = new Random(SEED);
        List<List<Integer>> drawn = new ArrayList<>();
        for (int i = 0; i < lists; i++) {
            List<Integer> suites = new ArrayList<>(IntStream.of(SUITES).boxed().toList());
            Collections.shuffle(suites, random);
            drawn.add(suites.subList(0, 12 + random.nextInt(SUITES.length - 12)));
        }
        byte[][] hellos = new byte[HELLOS][];
        for (int i = 0; i < HELLOS; i++) {
            hellos[i] = hello(drawn.get(i % lists), random);
        }
        return hellos;
    }

    private static byte[] hello(List<Integer> suites, Random random) {
        int grease = 0x0A0A + 0x1010 * random.nextInt(16);
        boolean browser = random.nextInt(3) > 0;
        List<CipherSuite> offered =
                new ArrayList<>(suites.stream().map(CipherSuite::new).toList());
        List<Extension> extensions = new ArrayList<>(List.of(
                Extensions.serverName("host-" + random.nextInt(100_000) + ".example.org"),
                Extensions.empty(Extensions.EXTENDED_MASTER_SECRET),
                Extensions.renegotiationInfo(),
                Extensions.supportedGroups(List.of(
                        new NamedGroup(browser ? grease : 0x001E),
                        new NamedGroup(0x11EC),
                        new NamedGroup(0x001D),
                        new NamedGroup(0x0017),
                        new NamedGroup(0x0018))),
                Extensions.ecPointFormats(),
                Extensions.empty(Extensions.SESSION_TICKET),
                Extensions.alpn(List.of("h2", "http/1.1")),
                Extensions.statusRequest(),
                Extensions.signatureAlgorithms(
                        IntStream.of(0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601)
                                .mapToObj(SignatureScheme::new)
                                .toList()),
                Extensions.empty(Extensions.SIGNED_CERTIFICATE_TIMESTAMP),
                Extensions.pskKeyExchangeModes(),
                Extensions.supportedVersions(List.of(ProtocolVersion.TLS_1_3, ProtocolVersion.TLS_1_2))));
        byte[] share = new byte[random.nextBoolean() ? 1260 : 38];
        random.nextBytes(share);
        extensions.add(new Extension(Extensions.KEY_SHARE, share));
        if (browser) {
            extensions.add(new Extension(Extensions.COMPRESS_CERTIFICATE, new byte[] {2, 0, 2}));
            extensions.add(new Extension(17613, new byte[] {0, 3, 2, 'h', '2'}));
            Collections.shuffle(extensions, random);
            extensions.addFirst(Extensions.empty(grease));
            offered.addFirst(new CipherSuite(grease));
        }
        byte[] nonce = new byte[32];
        random.nextBytes(nonce);
        return new ClientHello(ProtocolVersion.TLS_1_2, nonce, nonce, offered, new byte[] {0}, extensions)
                .encode()
                .body();
    }
}

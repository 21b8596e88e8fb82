package io.tlsfleet.tls.x509;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.tls.Vectors;
import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.der.DerWriter;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever bytes come: a value or a MalformedMessage, and soon. */
class HostileBytesTest {
    private static final Instant AT = Instant.parse("2026-11-21T08:00:00Z");
    private static final int ROUNDS = Integer.getInteger("hostile.rounds", 100_000);
    private static final Duration LIMIT = Duration.ofMillis(50);
    private final TrustStore mozilla = TrustStore.mozilla();

    private static List<byte[]> seeds(String file, String field) {
        List<byte[]> seeds = new ArrayList<>();
        for (JsonNode test : Vectors.json(file)) {
            seeds.add(Base64.getDecoder().decode(test.get(field).asText()));
        }
        return seeds;
    }

    private interface Target {
        void take(byte[] bytes);
    }

    /** Flips, cuts, repeats and splices; half the time with lengths put right by luck only. */
    private static byte[] mutate(byte[] seed, Random random) {
        byte[] bytes = seed.clone();
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes && bytes.length > 2; i++) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(6)) {
                case 0 -> bytes[at] = (byte) random.nextInt();
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes = Arrays.copyOf(bytes, at + 1);
                case 3 -> bytes[at] = (byte) (random.nextBoolean() ? 0xFF : 0x80);
                case 4 -> {
                    int from = random.nextInt(bytes.length);
                    int length = Math.min(random.nextInt(32), bytes.length - Math.max(at, from));
                    System.arraycopy(seed, Math.min(from, seed.length - length), bytes, at, length);
                }
                default -> bytes[at] = (byte) (bytes[at] + 1);
            }
        }
        return bytes;
    }

    /** This thread's time on a processor, ns: the machine may be busy with others. */
    private static long processor() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static void run(String name, List<byte[]> seeds, Target target) {
        long seed = Long.getLong("hostile.seed", 20261121);
        Random random = new Random(seed);
        int slow = 0;
        long worst = 0;
        for (int i = 0; i < ROUNDS / 4; i++) {
            byte[] bytes = mutate(seeds.get(random.nextInt(seeds.size())), random);
            long start = processor();
            try {
                target.take(bytes);
            } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
                throw new AssertionError(
                        name + " with seed " + seed + ", round " + i + ": "
                                + Base64.getEncoder().encodeToString(bytes),
                        e);
            }
            long took = processor() - start;
            if (took > LIMIT.toNanos()) {
                // one more time: what was compiled or loaded meanwhile is not the input's
                start = processor();
                target.take(bytes);
                took = Math.min(took, processor() - start);
                slow += took > LIMIT.toNanos() ? 1 : 0;
            }
            worst = Math.max(worst, took);
        }
        System.out.printf("%-14s %,d mutants, slowest %.1f ms%n", name, ROUNDS / 4, worst / 1e6);
        assertThat(slow).as("slower than " + LIMIT).isZero();
    }

    @Test
    void certificates() {
        List<byte[]> seeds = seeds("boringssl-pki/crl.json", "cert_der_b64");
        JsonNode limbo = Vectors.json("x509-limbo/online.json").get("testcases");
        limbo.forEach(test -> seeds.addAll(X509VectorsTest.pem(test.get("peer_certificate"))));
        run("certificates", seeds, bytes -> {
            CertificateFacts facts = CertificateFacts.read(bytes);
            assertThat(facts.subject().text()).doesNotContain("\u001b");
            ChainJudge.judge(ChainQuestion.of(List.of(bytes, bytes), List.of(mozilla), AT)
                    .withHost("example.com"));
        });
    }

    @Test
    void ocspResponses() {
        List<byte[]> seeds = seeds("ocsp-openssl/cases.json", "ocsp_response_der_b64");
        List<byte[]> subjects = seeds("ocsp-openssl/cases.json", "subject_cert_der_b64");
        run(
                "OCSP",
                seeds,
                bytes -> ChainJudge.judge(
                        ChainQuestion.of(subjects.subList(0, 2), List.of(), AT).withStaples(Map.of("TLSv1.3", bytes))));
    }

    @Test
    void revocationLists() {
        List<byte[]> seeds = seeds("boringssl-pki/crl.json", "crl_der_b64");
        byte[] leaf = seeds("boringssl-pki/crl.json", "cert_der_b64").getFirst();
        byte[] issuer = seeds("boringssl-pki/crl.json", "issuer_der_b64").getFirst();
        TrustStore store = TrustStore.of("given", List.of(issuer));
        run(
                "CRLs",
                seeds,
                bytes -> ChainJudge.judge(
                        ChainQuestion.of(List.of(leaf), List.of(store), Instant.parse("2017-03-09T00:00:00Z"))
                                .withRevocation(List.of(bytes), List.of(), true)));
    }

    @Test
    void timestampLists() throws MalformedMessage {
        List<byte[]> seeds = new ArrayList<>();
        Vectors.json("x509-limbo/online.json").get("testcases").forEach(test -> {
            byte[] list = CertificateFacts.read(
                            X509VectorsTest.pem(test.get("peer_certificate")).getFirst())
                    .extensions()
                    .sctList();
            if (list != null) {
                seeds.add(list);
            }
        });
        byte[] leaf = X509VectorsTest.pem(Vectors.json("x509-limbo/online.json")
                        .get("testcases")
                        .get(0)
                        .get("peer_certificate"))
                .getFirst();
        run(
                "SCT lists",
                seeds,
                bytes -> ChainJudge.judge(
                        ChainQuestion.of(List.of(leaf), List.of(), AT).withTlsScts(List.of(bytes))));
    }

    @Test
    void deepNestingEndsEarly() {
        byte[] deep = {0x05, 0x00};
        for (int i = 0; i < 10_000; i++) {
            deep = DerWriter.sequence(deep);
        }
        CertificateFacts facts = CertificateFacts.read(deep);
        assertThat(facts.malformed()).isTrue();
        assertThat(facts.defects().getFirst().detail()).contains("nested deeper than 32");
    }

    @Test
    void manyEqualIssuersEndWithinTheBudget() {
        JsonNode test = Vectors.json("x509-limbo/online.json").get("testcases").get(0);
        byte[] leaf = X509VectorsTest.pem(test.get("peer_certificate")).getFirst();
        List<byte[]> chain = new ArrayList<>(List.of(leaf));
        byte[] issuer =
                X509VectorsTest.pem(test.get("untrusted_intermediates").get(0)).getFirst();
        Random random = new Random(1);
        for (int i = 0; i < 99; i++) {
            byte[] variant = issuer.clone();
            // the signature differs, so each is another certificate of the same name and key
            variant[variant.length - 1 - random.nextInt(200)] ^= 1;
            chain.add(variant);
        }
        long start = System.nanoTime();
        ChainVerdict verdict = ChainJudge.judge(ChainQuestion.of(chain, List.of(mozilla), AT));
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        assertThat(verdict.trusted()).isFalse();
        assertThat(verdict.unread()).isEqualTo(80);
        assertThat(took).isLessThan(Duration.ofSeconds(2));
    }
}

package io.tlsfleet.scanner.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.wire.MalformedMessage;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The corpus, and mutants of it: nothing but a value or MalformedMessage, none over 50 ms of CPU. {@code -Dmutants=10000000} is
 * the long run, {@code -Dmutants.seed=N} another one; see {@code docs/decisions/engine-honesty.md}.
 */
class MutantsTest {
    private static final int MUTANTS = Integer.getInteger("mutants", 100_000);
    private static final long SEED = Long.getLong("mutants.seed", 20261121);
    private static final long LIMIT_NANOS = 50_000_000;

    /** All targets but the one that calculates with keys, which gets a twentieth of the others' share. */
    private static final int OTHERS = Target.values().length - 1;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    @ParameterizedTest
    @EnumSource
    void mutantsGiveAValueOrMalformedMessage(Target target) throws IOException, URISyntaxException {
        Mutator mutator = new Mutator(seeds(target), SEED + target.name().hashCode());
        int rounds = MUTANTS / (target == Target.KEYS ? 20 * OTHERS : OTHERS);
        long worst = 0;
        byte[] worstBytes = {};
        for (int i = 0; i < rounds; i++) {
            byte[] bytes = mutator.next();
            long took = cpuNanos(target, bytes, i);
            if (took > LIMIT_NANOS) {
                // once more: loading a class is not its input's fault
                took = Math.min(took, cpuNanos(target, bytes, i));
            }
            if (took > worst) {
                worst = took;
                worstBytes = bytes;
            }
        }
        System.out.printf(Locale.ROOT, "%-12s %,d mutants, slowest %.1f ms%n", target, rounds, worst / 1e6);
        assertThat(worst)
                .as(() -> "an input of " + target)
                .withFailMessage("%d ns for %s", worst, Base64.getEncoder().encodeToString(worstBytes))
                .isLessThanOrEqualTo(LIMIT_NANOS);
    }

    private static long cpuNanos(Target target, byte[] bytes, int round) {
        long start = THREADS.getCurrentThreadCpuTime();
        try {
            target.run(bytes);
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            throw new AssertionError(
                    "%s, seed %d, round %d: %s"
                            .formatted(target, SEED, round, Base64.getEncoder().encodeToString(bytes)),
                    e);
        }
        return THREADS.getCurrentThreadCpuTime() - start;
    }

    @ParameterizedTest
    @EnumSource
    void theCorpusIsRead(Target target) throws IOException, URISyntaxException {
        List<byte[]> seeds = seeds(target);
        assertThat(seeds).hasSizeGreaterThanOrEqualTo(2);
        seeds.forEach(target::run);
    }

    /** Else the mutants would be refused at their first byte, and prove nothing. */
    @Test
    void theCorpusIsUnderstood() throws IOException, URISyntaxException, MalformedMessage {
        for (Target target : List.of(Target.RECORD, Target.HANDSHAKE)) {
            for (byte[] seed : seeds(target)) {
                target.take(seed);
            }
        }
    }

    private static List<byte[]> seeds(Target target) throws IOException, URISyntaxException {
        String name = target == Target.KEYS ? "flight" : target.name().toLowerCase(Locale.ROOT);
        Path directory = Path.of(Objects.requireNonNull(MutantsTest.class.getResource("/fuzz/" + name))
                .toURI());
        try (var files = Files.list(directory)) {
            return files.sorted()
                    .map(file -> {
                        try {
                            return Files.readAllBytes(file);
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    })
                    .toList();
        }
    }
}

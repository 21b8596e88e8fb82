package io.tlsfleet.store.survival;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.store.DatabaseAddress;
import io.tlsfleet.store.DatabaseAway;
import io.tlsfleet.store.TestEstate;
import io.tlsfleet.store.TestPostgres;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Bars 1 and 2 of the reliability list: a worker is killed amid a batch, PostgreSQL crashes twice, and in the end each
 * target was scanned exactly once and nothing that was acknowledged is missing. Larger: {@code -Dsurvival.targets=50000},
 * {@code -Dsurvival.kills=20}, at other moments with {@code -Dsurvival.seed=N}.
 */
class CrashTest {
    private static final int TARGETS = Integer.getInteger("survival.targets", 6_000);
    private static final int KILLS = Integer.getInteger("survival.kills", 1);
    private static final Random SEEDED = new Random(Long.getLong("survival.seed", 1));
    private static final long LEASE_MILLIS = 2_000;
    private static final Duration LONG = Duration.ofSeconds(120 + TARGETS / 100);

    @TempDir
    private Path directory;

    @Test
    void aKilledWorkerAndTwoCrashesLoseNothingAndDoubleNothing() throws Exception {
        try (TestPostgres postgres = TestPostgres.own()) {
            DatabaseAddress address = postgres.database();
            List<Process> workers = new ArrayList<>();
            try (TestEstate estate = new TestEstate(address)) {
                estate.targets(TARGETS);
                workers.add(worker(address, "one"));
                workers.add(worker(address, "two"));
                awaitScanned(estate, TARGETS / 20 + SEEDED.nextInt(TARGETS / 10), LONG);
                workers.getFirst().destroyForcibly();
                postgres.stop("immediate");
                postgres.start();
                for (int kill = 1; kill < KILLS; kill++) {
                    workers.add(worker(address, "more-" + kill));
                    awaitScanned(
                            estate, TARGETS / 10 + (long) ((kill + SEEDED.nextDouble()) * TARGETS / (3 * KILLS)), LONG);
                    workers.getLast().destroyForcibly();
                }
                awaitScanned(estate, TARGETS / 2, LONG);
                postgres.stop("immediate");
                postgres.start();
                awaitScanned(estate, TARGETS, LONG);

                assertThat(estate.count("address_now WHERE scans <> 1"))
                        .as("scanned twice")
                        .isZero();
                assertThat(estate.count("scan_run")).isEqualTo(TARGETS);
                assertThat(estate.count("schedule WHERE lease_token IS NOT NULL OR next_at <= now()"))
                        .isZero();
                List<String> acknowledged = acknowledged();
                assertThat(acknowledged).doesNotHaveDuplicates();
                assertThat(estate.count("address_now WHERE endpoint_id IN (" + String.join(",", acknowledged) + ")"))
                        .as("acknowledged and kept")
                        .isEqualTo(acknowledged.size());
            } finally {
                for (Process worker : workers) {
                    worker.destroyForcibly();
                    worker.waitFor(10, TimeUnit.SECONDS);
                }
            }
        }
    }

    private Process worker(DatabaseAddress address, String name) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Worker.class.getName(),
                        String.valueOf(address.port()),
                        address.database(),
                        String.valueOf(LEASE_MILLIS),
                        "50",
                        directory.resolve(name).toString())
                .redirectErrorStream(true)
                .redirectOutput(new File(directory.toFile(), name + ".log"))
                .start();
    }

    private List<String> acknowledged() throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(f -> !f.toString().endsWith(".log")).toList()) {
                lines.addAll(Files.readAllLines(file));
            }
        }
        return lines;
    }

    private void awaitScanned(TestEstate estate, long atLeast, Duration within)
            throws InterruptedException, IOException {
        long end = System.nanoTime() + within.toNanos();
        long scanned = 0;
        while (System.nanoTime() < end) {
            try {
                scanned = estate.count("schedule WHERE last_at IS NOT NULL");
                if (scanned >= atLeast) {
                    return;
                }
            } catch (DatabaseAway e) {
                scanned = -1; // crashed a moment ago
            }
            Thread.sleep(100);
        }
        throw new AssertionError(scanned + " of " + atLeast + " within " + within + "\n"
                + Files.readString(directory.resolve("two.log")));
    }
}

package io.tlsfleet.scanner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jdk.management.VirtualThreadSchedulerMXBean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A scan of a list leaves half of the processors to the event loops: in a JVM of its own with four, as the scheduler itself has it. */
class SharedProcessorsTest {
    @TempDir
    private Path dir;

    private int closed;

    @BeforeEach
    void findAClosedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }
    }

    @Test
    void aListHasHalfOfThem() throws Exception {
        Path list = Files.writeString(dir.resolve("list"), target() + "\nlocalhost:" + closed + "\n");
        assertThat(carriers(List.of(), "--targets", list.toString())).isEqualTo("2 carriers");
        assertThat(carriers(List.of(), target(), "localhost:" + closed)).isEqualTo("2 carriers");
        assertThat(carriers(List.of(), target(), "--all-addresses")).isEqualTo("2 carriers");
    }

    @Test
    void oneEndpointHasAllOfThem() throws Exception {
        Path list = Files.writeString(dir.resolve("list"), target() + "\n");
        assertThat(carriers(List.of(), target())).isEqualTo("4 carriers");
        assertThat(carriers(List.of(), "--targets", list.toString())).isEqualTo("4 carriers");
    }

    @Test
    void whatTheOperatorSaysCounts() throws Exception {
        assertThat(carriers(List.of("-Djdk.virtualThreadScheduler.parallelism=3"), target(), "localhost:" + closed))
                .isEqualTo("3 carriers");
    }

    private String target() {
        return "127.0.0.1:" + closed;
    }

    /** In the order of the launcher. */
    static final class Scanning {
        private Scanning() {}

        public static void main(String[] args) {
            HeadStart.take(List.of());
            Said said = Said.scan(args);
            VirtualThreadSchedulerMXBean scheduler =
                    ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);
            System.out.println(
                    said.exit() == 3 ? scheduler.getParallelism() + " carriers" : "exit " + said.exit() + said.err());
        }
    }

    private String carriers(List<String> options, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:ActiveProcessorCount=4",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))));
        command.addAll(options);
        command.add(Scanning.class.getName());
        command.addAll(List.of("--depth", "certificate", "--no-network-fetch"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command)
                .redirectError(dir.resolve("err").toFile())
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return out.lines().reduce((first, last) -> last).orElse("nothing");
    }
}

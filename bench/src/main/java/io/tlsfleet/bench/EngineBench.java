package io.tlsfleet.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code EngineBench DEPTH ENDPOINTS FROM COMMAND…}: lets the scanner of that command loose on one nginx with Mozilla's
 * intermediate profile behind as many loopback addresses, and reads from {@code /proc} what CPU the process took between its
 * {@code FROM}th report and its last. {@code nmap SCRIPTS ENDPOINTS} does the same to nmap, whose whole run counts. To be run
 * in a network of its own: nginx listens on every address. nginx's own CPU an endpoint is printed beside: its work is the same in
 * each run, so it says how fast the machine was. Started by {@code bench/run engine}.
 */
public final class EngineBench {
    private static final Duration TICK = Duration.ofMillis(1000 / 100); // USER_HZ, the unit of /proc/PID/stat
    private static final int TLS_PORT = 8443;
    private static final int STATUS_PORT = 8444;

    private final Path directory;
    private final Process nginx;

    private EngineBench(Path directory) throws IOException, InterruptedException {
        this.directory = directory;
        nginx = nginx();
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        EngineBench bench = new EngineBench(Files.createTempDirectory("engine-bench"));
        try {
            List<String> words = List.of(args);
            if (words.getFirst().equals("nmap")) {
                bench.nmap(words.get(1), Integer.parseInt(words.get(2)));
            } else {
                int endpoints = Integer.parseInt(words.get(1));
                bench.scan(words.getFirst(), endpoints, Integer.parseInt(words.get(2)), words.subList(3, words.size()));
            }
        } finally {
            bench.nginx.descendants().forEach(ProcessHandle::destroy);
            bench.nginx.destroy();
            bench.nginx.waitFor();
        }
    }

    private Process nginx() throws IOException, InterruptedException {
        key("rsa", "rsa:2048");
        key("ec", "ec -pkeyopt ec_paramgen_curve:P-256");
        Files.writeString(directory.resolve("nginx.conf"), """
                daemon off; worker_processes 1; pid %1$s/nginx.pid; error_log %1$s/nginx.log; worker_rlimit_nofile 16384;
                events { worker_connections 8000; }
                http {
                  access_log off;
                  server {
                    listen 0.0.0.0:%2$d ssl backlog=4096; server_name localhost;
                    ssl_certificate %1$s/rsa.pem; ssl_certificate_key %1$s/rsa.key;
                    ssl_certificate %1$s/ec.pem; ssl_certificate_key %1$s/ec.key;
                    ssl_protocols TLSv1.2 TLSv1.3; ssl_ecdh_curve X25519:prime256v1:secp384r1;
                    ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;
                    ssl_prefer_server_ciphers off; ssl_session_tickets off;
                    location / { return 200 ok; }
                  }
                  server { listen 127.0.0.1:%3$d; location / { stub_status; } }
                }
                """.formatted(directory, TLS_PORT, STATUS_PORT));
        Process process = new ProcessBuilder(
                        "nginx", "-c", directory.resolve("nginx.conf").toString())
                .inheritIO()
                .start();
        for (int i = 0; i < 100; i++) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), STATUS_PORT), 100);
                return process;
            } catch (IOException e) {
                Thread.sleep(50);
            }
        }
        throw new IOException("nginx does not listen");
    }

    private void key(String name, String kind) throws IOException, InterruptedException {
        String command = ("openssl req -x509 -nodes -days 30 -newkey %2$s -keyout %3$s/%1$s.key -out %3$s/%1$s.pem"
                        + " -subj /CN=localhost -addext subjectAltName=DNS:localhost")
                .formatted(name, kind, directory);
        Process openssl = new ProcessBuilder(command.split(" ", -1))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("openssl.log").toFile())
                .start();
        if (openssl.waitFor() != 0) {
            throw new IOException("openssl: " + Files.readString(directory.resolve("openssl.log")));
        }
    }

    /** What nginx has accepted so far, on both its ports. */
    private static long accepted() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), STATUS_PORT)) {
            socket.getOutputStream()
                    .write("GET / HTTP/1.0\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String text = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            String[] lines = text.lines().toArray(String[]::new);
            for (int i = 0; i < lines.length; i++) {
                if (lines[i].startsWith("server accepts")) {
                    return Long.parseLong(lines[i + 1].strip().split(" ", -1)[0]);
                }
            }
            throw new IOException("no stub_status: " + text);
        }
    }

    private Path targets(int endpoints, boolean withPort) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < endpoints; i++) {
            int n = i + 1;
            lines.append("127.%d.%d.%d".formatted(1 + (n >> 16), n >> 8 & 0xFF, n & 0xFF));
            lines.append(withPort ? ":" + TLS_PORT + " sni=localhost\n" : "\n");
        }
        Path file = directory.resolve("targets");
        Files.writeString(file, lines);
        return file;
    }

    private record Sample(
            int reports,
            double cpuSeconds,
            double nginxSeconds,
            long nanos,
            long accepted,
            long heapKib,
            Map<String, Double> threads) {}

    private void scan(String depth, int endpoints, int from, List<String> command)
            throws IOException, InterruptedException {
        Path reports = directory.resolve("reports.ndjson");
        List<String> words = new ArrayList<>(command);
        words.addAll(List.of("scan", "--targets", targets(endpoints, true).toString(), "--depth", depth));
        words.addAll(List.of("--format", "ndjson", "--output", reports.toString()));
        Process process = new ProcessBuilder(words).inheritIO().start();
        List<Sample> samples = new ArrayList<>();
        LineCount count = new LineCount(reports);
        int step = Math.max(1, endpoints / 24);
        for (int next = step; process.isAlive(); Thread.sleep(5)) {
            int done = count.lines();
            if (done >= next) {
                samples.add(new Sample(
                        done,
                        cpuSeconds(process.pid()),
                        nginxSeconds(),
                        System.nanoTime(),
                        accepted(),
                        residentKib(process.pid()),
                        threads(process.pid())));
                next = done - done % step + step;
            }
        }
        int code = process.waitFor();
        Sample start =
                samples.stream().filter(s -> s.reports >= from).findFirst().orElseThrow();
        Sample end = samples.getLast();
        int counted = end.reports - start.reports;
        System.out.printf(
                Locale.ROOT,
                "%-12s %,d endpoints, the %,dth to the %,dth: %.3f ms CPU each (nginx %.3f), %.1f connections each, %.0f endpoints/s, resident %,d to %,d KiB, exit %d, complete %,d%n",
                depth,
                endpoints,
                start.reports,
                end.reports,
                (end.cpuSeconds - start.cpuSeconds) * 1000 / counted,
                (end.nginxSeconds - start.nginxSeconds) * 1000 / counted,
                (end.accepted - start.accepted - samples.size() + samples.indexOf(start) + 0.0) / counted,
                counted * 1e9 / (end.nanos - start.nanos),
                start.heapKib,
                end.heapKib,
                code,
                complete(reports));
        end.threads.forEach((name, seconds) -> System.out.printf(
                Locale.ROOT,
                "  of it %-16s %.3f ms%n",
                name,
                (seconds - start.threads.getOrDefault(name, 0.0)) * 1000 / counted));
        Sample before = new Sample(0, 0, 0, 0, 0, 0, Map.of());
        for (Sample sample : samples) {
            System.out.printf(
                    Locale.ROOT,
                    "  %,8d  %.3f ms%n",
                    sample.reports,
                    (sample.cpuSeconds - before.cpuSeconds) * 1000 / (sample.reports - before.reports));
            before = sample;
        }
    }

    private static long complete(Path reports) throws IOException {
        try (var lines = Files.lines(reports)) {
            return lines.filter(line -> line.contains("\"outcome\":\"complete\""))
                    .count();
        }
    }

    private void nmap(String scripts, int endpoints) throws IOException, InterruptedException {
        String command = "nmap -n -Pn -sT -p %d --script %s -iL %s -oN %s >/dev/null; times"
                .formatted(TLS_PORT, scripts, targets(endpoints, false), directory.resolve("nmap.txt"));
        long before = accepted();
        double nginxBefore = nginxSeconds();
        long start = System.nanoTime();
        Process process = new ProcessBuilder("sh", "-c", command)
                .redirectErrorStream(true)
                .start();
        String[] lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                .lines()
                .toArray(String[]::new);
        double wall = (System.nanoTime() - start) / 1e9;
        double cpu = 0;
        for (String time : lines[lines.length - 1].split(" ", -1)) {
            int minutes = time.indexOf('m');
            cpu += 60 * Integer.parseInt(time.substring(0, minutes))
                    + Double.parseDouble(time.substring(minutes + 1, time.length() - 1));
        }
        System.out.printf(
                Locale.ROOT,
                "nmap %s, %,d endpoints: %.3f ms CPU each (nginx %.3f), %.1f connections each, %.0f endpoints/s%n",
                scripts,
                endpoints,
                cpu * 1000 / endpoints,
                (nginxSeconds() - nginxBefore) * 1000 / endpoints,
                (accepted() - before - 1.0) / endpoints,
                endpoints / wall);
    }

    private double nginxSeconds() throws IOException {
        double seconds = 0;
        for (ProcessHandle worker : nginx.descendants().toList()) {
            seconds += cpuSeconds(worker.pid());
        }
        return seconds;
    }

    /** User and system time of one process, all its threads. */
    private static double cpuSeconds(long pid) throws IOException {
        return cpuSeconds(Path.of("/proc", Long.toString(pid), "stat"));
    }

    private static double cpuSeconds(Path file) throws IOException {
        String stat = Files.readString(file);
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * (TICK.toNanos() / 1e9);
    }

    /** CPU seconds of a process by what its threads do; of those that are gone nothing is known. */
    private static Map<String, Double> threads(long pid) throws IOException {
        Map<String, Double> seconds = new TreeMap<>();
        try (var tasks = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path task : tasks.toList()) {
                try {
                    String name = Files.readString(task.resolve("comm")).strip();
                    String kind = name.contains("Compiler")
                            ? "JIT compiler"
                            : name.startsWith("vert.x")
                                    ? "event loops"
                                    : name.startsWith("ForkJoin")
                                            ? "virtual threads"
                                            : name.startsWith("GC") || name.startsWith("G1") || name.startsWith("VM")
                                                    ? "GC and VM"
                                                    : "other";
                    seconds.merge(kind, cpuSeconds(task.resolve("stat")), Double::sum);
                } catch (NoSuchFileException endedMeanwhile) {
                    // counted while it lived
                }
            }
        }
        return seconds;
    }

    private static long residentKib(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(line -> line.startsWith("VmRSS"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }

    /** Lines of a growing file, each byte read once. */
    private static final class LineCount {
        private final Path file;
        private long at;
        private int lines;

        LineCount(Path file) {
            this.file = file;
        }

        int lines() throws IOException {
            if (!Files.exists(file)) {
                return 0;
            }
            try (var channel = Files.newByteChannel(file)) {
                channel.position(at);
                java.nio.ByteBuffer buffer = java.nio.ByteBuffer.allocate(1 << 20);
                while (channel.read(buffer.clear()) > 0) {
                    for (int i = 0; i < buffer.position(); i++) {
                        lines += buffer.get(i) == '\n' ? 1 : 0;
                    }
                    at += buffer.position();
                }
            }
            return lines;
        }
    }
}

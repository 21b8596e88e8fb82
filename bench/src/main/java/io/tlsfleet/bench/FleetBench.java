package io.tlsfleet.bench;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.store.Columns;
import io.tlsfleet.store.Database;
import io.tlsfleet.store.DatabaseAddress;
import io.tlsfleet.store.Migrations;
import io.tlsfleet.store.inventory.Targets;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * {@code FleetBench URL ENDPOINTS certificate|standard|full WORKERS [mixed]}: a fleet on 127.0.0.0/8 served by one nginx with Mozilla's intermediate profile, in
 * an empty database on this machine, scanned by the product's own workers: once at that depth, then once more in steady
 * state ({@code verify}, unless certificate). {@code mixed}: a tenth refuses connections, a twentieth accepts and is silent,
 * three tenths are names behind ten addresses. Reported: time, rate, processor time of each part, memory, connections.
 */
public final class FleetBench implements AutoCloseable {
    private static final Duration LONGEST = Duration.ofMinutes(Long.getLong("bench.minutes", 60));

    private final Vertx vertx = Vertx.vertx();
    private final Database database;
    private final DatabaseAddress address;
    private final Path folder;
    private final List<ServerSocket> tarpits = new ArrayList<>();
    private final List<Process> workers = new ArrayList<>();
    private final Process nginx;
    private final int port;

    private FleetBench(DatabaseAddress address) throws IOException, InterruptedException {
        this.address = address;
        this.database = Database.open(vertx, address, 4);
        this.folder = Files.createTempDirectory("fleet-bench");
        port = freePort();
        Process key = new ProcessBuilder(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "ec",
                        "-pkeyopt",
                        "ec_paramgen_curve:P-256",
                        "-nodes",
                        "-keyout",
                        "key.pem",
                        "-out",
                        "cert.pem",
                        "-days",
                        "90",
                        "-subj",
                        "/CN=fleet.example")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("openssl.out").toFile())
                .start();
        if (key.waitFor() != 0) {
            throw new IOException("openssl failed: see " + folder);
        }
        Files.writeString(folder.resolve("nginx.conf"), """
                daemon off; master_process off; pid nginx.pid; error_log error.log crit;
                events { worker_connections 8192; }
                http { access_log off; server { listen 0.0.0.0:%d ssl backlog=4096; allow 127.0.0.0/8; deny all;
                  ssl_protocols TLSv1.2 TLSv1.3; ssl_ecdh_curve X25519:prime256v1:secp384r1; ssl_prefer_server_ciphers off;
                  ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305;
                  ssl_certificate cert.pem; ssl_certificate_key key.pem; return 200 "fleet"; } }
                """.formatted(port));
        nginx = new ProcessBuilder("nginx", "-p", folder + "/", "-c", "nginx.conf")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("nginx.out").toFile())
                .start();
        while (!listens()) {
            if (!nginx.isAlive()) {
                throw new IOException("nginx failed: see " + folder);
            }
            Thread.sleep(50);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    private boolean listens() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    public static void main(String[] args) throws Exception {
        DatabaseAddress address = DatabaseAddress.parse(args[0]);
        Migrations.run(address);
        int endpoints = Integer.parseInt(args[1]);
        Depth depth = Depth.valueOf(args[2].toUpperCase(Locale.ROOT));
        try (FleetBench bench = new FleetBench(address)) {
            boolean mixed = args.length > 4 && args[4].equals("mixed");
            bench.fill(endpoints, depth, mixed);
            bench.work(Integer.parseInt(args[3]));
            bench.run(endpoints, depth.word() + (mixed ? ", mixed" : ""));
            boolean certificate = depth == Depth.CERTIFICATE;
            for (String again : certificate ? List.of("certificate again") : List.of("verify", "verify again")) {
                bench.database
                        .sql()
                        .change(
                                "UPDATE schedule SET next_at = now() - random() * interval '1 h' WHERE isfinite(next_at)");
                bench.run(endpoints, again);
            }
        }
    }

    private void fill(int endpoints, Depth depth, boolean mixed) throws IOException {
        int tarpit = freePort();
        List<Target> targets = new ArrayList<>();
        for (int i = 0; i < endpoints; i++) {
            int kind = mixed ? i % 20 : 19;
            String host = "127." + (80 + i / 60_000) + "." + i / 240 % 250 + "." + (1 + i % 240);
            if (kind < 2) {
                host = "127.90." + i / 240 % 250 + "." + (1 + i % 240) + ":1"; // nobody listens
            } else if (kind == 2) {
                host = "127.91." + i / 240 % 250 + "." + (1 + i % 240);
                tarpits.add(new ServerSocket(tarpit, 100, InetAddress.ofLiteral(host)));
                host += ":" + tarpit;
            } else if (kind < 9) {
                host = "127.80.250." + (1 + i % 10);
            }
            targets.add(new Target(
                    "e" + i + ".example",
                    port,
                    null,
                    null,
                    List.of(host),
                    depth,
                    Map.of("kind", kind < 2 ? "dead" : kind == 2 ? "tarpit" : "good"),
                    "owner-" + i % 50,
                    "local",
                    null,
                    86_400));
        }
        for (int from = 0; from < targets.size(); from += 5_000) {
            List<Target> some = targets.subList(from, Math.min(targets.size(), from + 5_000));
            database.doInTransaction(sql -> new Targets(sql).put(some, "local", "bench"));
        }
    }

    private void work(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            workers.add(new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx512m",
                            "-XX:+UseSerialGC",
                            "--enable-native-access=ALL-UNNAMED",
                            "-cp",
                            System.getProperty("java.class.path"),
                            "io.tlsfleet.launcher.Main",
                            "worker",
                            "--site",
                            "local",
                            "--database-url",
                            "postgresql://" + address.user() + ":" + address.password() + "@" + address.host() + ":"
                                    + address.port() + "/" + address.database())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("worker-" + i + ".log").toFile())
                    .start());
        }
    }

    private void run(int endpoints, String what) throws InterruptedException, IOException {
        Instant since = Instant.now();
        long begin = System.nanoTime();
        double[] cpu = {cpuOf(workers), cpuOf(List.of(nginx)), databaseCpu()};
        long open = endpoints;
        long goodAt = 0;
        while (open > 0 && System.nanoTime() - begin < LONGEST.toNanos()) {
            Thread.sleep(1_000);
            open = open(since, "");
            if (goodAt == 0 && open(since, " AND t.tags->>'kind' = 'good'") == 0) {
                goodAt = System.nanoTime();
            }
        }
        double wall = seconds(System.nanoTime() - begin);
        double[] spent = {
            cpuOf(workers) - cpu[0], cpuOf(List.of(nginx)) - cpu[1], databaseCpu() - cpu[2],
        };
        int cores = Runtime.getRuntime().availableProcessors();
        System.out.printf(
                Locale.ROOT,
                "%s, %d endpoints, %d workers: %s in %.0f s (good ones %.0f s), %.1f/s; CPU ms an endpoint: workers %.2f, servers %.2f,"
                        + " database %.2f; %.0f %% of %d cores had; %d connections (%.1f an endpoint); memory %s MiB; %s; %d repeats%n",
                what,
                endpoints,
                workers.size(),
                open == 0 ? "all" : endpoints - open + " of them",
                wall,
                goodAt == 0 ? wall : seconds(goodAt - begin),
                (endpoints - open) / wall,
                spent[0] * 1000 / endpoints,
                spent[1] * 1000 / endpoints,
                spent[2] * 1000 / endpoints,
                100 * (spent[0] + spent[1] + spent[2]) / (wall * cores),
                cores,
                sum("connections"),
                (double) sum("connections") / endpoints,
                memory(),
                outcomes(),
                Columns.number(database.sql().one("SELECT sum(repeats) AS n FROM schedule"), "n"));
    }

    private long open(Instant since, String where) {
        return Columns.number(
                database.sql()
                        .one(
                                "SELECT count(*) AS n FROM schedule s JOIN target t ON t.id = s.endpoint_id LEFT JOIN address_now a"
                                        + " ON a.endpoint_id = t.id WHERE coalesce(a.last_at, '-infinity') < $1"
                                        + where,
                                since),
                "n");
    }

    /** Of the last scan of every endpoint. */
    private long sum(String column) {
        return Columns.number(
                database.sql().one("SELECT coalesce(sum(" + column + "), 0)::bigint AS n FROM address"), "n");
    }

    private String outcomes() {
        List<String> all = new ArrayList<>();
        for (Row row : database.sql()
                .rows("SELECT t.tags->>'kind' AS kind, a.outcome::text AS outcome, count(*) AS n FROM address a"
                        + " JOIN target t ON t.id = a.endpoint_id GROUP BY 1, 2 ORDER BY 1, 2")) {
            all.add(Columns.text(row, "kind") + " " + Columns.text(row, "outcome") + " " + Columns.number(row, "n"));
        }
        return String.join(", ", all);
    }

    private String memory() throws IOException {
        List<String> peaks = new ArrayList<>();
        for (Process worker : workers) {
            for (String line : Files.readAllLines(Path.of("/proc", String.valueOf(worker.pid()), "status"))) {
                if (line.startsWith("VmHWM:")) {
                    peaks.add(String.valueOf(Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024));
                }
            }
        }
        return String.join(" + ", peaks);
    }

    private static double cpuOf(List<Process> processes) {
        double all = 0;
        for (Process process : processes) {
            all += process.info().totalCpuDuration().map(d -> d.toNanos() / 1e9).orElse(0.0);
        }
        return all;
    }

    /** Of all servers' processes, those that have ended too: what their parent has reaped, and those that still are. */
    private double databaseCpu() throws IOException {
        long parent = stat(database.sql().one("SELECT pg_backend_pid() AS pid").getInteger("pid"))[1];
        long ticks = stat(parent)[13] + stat(parent)[14];
        for (ProcessHandle child :
                ProcessHandle.of(parent).orElseThrow().children().toList()) {
            long[] fields = stat(child.pid());
            ticks += fields[11] + fields[12];
        }
        return ticks / 100.0;
    }

    /** The numbers of {@code /proc/PID/stat} from its third field on; zeros of a process that is gone. */
    private static long[] stat(long pid) throws IOException {
        long[] numbers = new long[15];
        Path file = Path.of("/proc", String.valueOf(pid), "stat");
        if (Files.isReadable(file)) {
            String text = Files.readString(file);
            String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
            for (int i = 1; i < numbers.length; i++) {
                numbers[i] = Long.parseLong(fields[i]);
            }
        }
        return numbers;
    }

    private static double seconds(long nanos) {
        return nanos / 1e9;
    }

    @Override
    public void close() throws IOException {
        for (Process process : workers) {
            process.destroy();
        }
        try {
            for (Process process : workers) {
                process.waitFor(20, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        nginx.destroy();
        for (ServerSocket tarpit : tarpits) {
            tarpit.close();
        }
        database.close();
        vertx.close().await();
    }
}

package io.tlsfleet.launcher;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.DatabaseAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assertions;

/** The product as an operator runs it: a process of its own, told by command line, signals and HTTP. */
final class Product implements AutoCloseable {
    private static final Pattern LISTENS = Pattern.compile("tlsfleet is at (http://\\S+)");

    private final Process process;
    private final Path out;
    private final Path data;
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    private Product(Process process, Path out, Path data) {
        this.process = process;
        this.out = out;
        this.data = data;
    }

    static Product start(Path folder, String name, String... arguments) {
        return start(folder, name, List.of(), arguments);
    }

    /** {@code before}: what the JVM is run by, as a limit of its processor. */
    static Product start(Path folder, String name, List<String> before, String... arguments) {
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx384m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName()));
        command.addAll(Arrays.asList(arguments));
        Path out = folder.resolve(name + ".log");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            return new Product(process, out, folder.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String url(DatabaseAddress address) {
        return "postgresql://" + address.user() + ":" + address.password() + "@127.0.0.1:" + address.port() + "/"
                + address.database();
    }

    Process process() {
        return process;
    }

    String said() {
        try {
            return Files.exists(out) ? Files.readString(out) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void awaitSaying(String text, Duration within) {
        await(() -> said().contains(text), within, text);
    }

    void await(BooleanSupplier what, Duration within, String described) {
        long end = System.nanoTime() + within.toNanos();
        while (!what.getAsBoolean()) {
            if (System.nanoTime() > end || !process.isAlive()) {
                Assertions.fail(
                        "not " + described + (process.isAlive() ? " within " + within : ", it ended") + "\n" + said());
            }
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** Of {@code up}: where it listens, once it does. */
    URI base() {
        awaitSaying("sign in", Duration.ofMinutes(2));
        Matcher matcher = LISTENS.matcher(said());
        Assertions.assertTrue(matcher.find(), said());
        return URI.create(matcher.group(1));
    }

    JsonNode get(String path) {
        HttpResponse<String> response = send("GET", path, "");
        Assertions.assertEquals(200, response.statusCode(), path + response.body());
        return Json.parse(response.body());
    }

    HttpResponse<String> send(String method, String path, String body, String... headers) {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(base().resolve(path))
                    .timeout(Duration.ofSeconds(60))
                    .header(
                            "Authorization",
                            "Bearer "
                                    + Files.readString(data.resolve("admin-token"))
                                            .strip())
                    .header("Content-Type", "application/json")
                    .method(method, HttpRequest.BodyPublishers.ofString(body));
            if (headers.length > 0) {
                request.headers(headers);
            }
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** SIGTERM; answers how long it took to go. */
    Duration terminate(Duration within) {
        long begin = System.nanoTime();
        process.destroy();
        try {
            Assertions.assertTrue(process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS), "still there\n" + said());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    @Override
    public void close() {
        process.destroyForcibly();
        client.close();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

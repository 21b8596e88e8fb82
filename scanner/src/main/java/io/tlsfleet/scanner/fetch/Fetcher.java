package io.tlsfleet.scanner.fetch;

import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.connect.Connector;
import io.tlsfleet.scanner.connect.Destination;
import io.tlsfleet.scanner.connect.Limits;
import io.tlsfleet.scanner.connect.Talk;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Fetches over plain HTTP, on the caller's (virtual) thread. Addresses are looked up here and dialled as addresses; each
 * one passes the connector's gate, redirects included. One address is asked for the same thing once at a time, and what
 * it said is kept: the caller says for how long.
 */
public final class Fetcher {
    static final int MAX_REDIRECTS = 3;
    private static final int KEPT_ANSWERS = 2_048;
    private static final long KEPT_BYTES = 128L << 20;
    private static final Duration FAILURES_KEPT = Duration.ofMinutes(5);
    private static final Duration TIME = Duration.ofSeconds(10);
    private static final Duration LARGE_TIME = Duration.ofMinutes(1);

    /** Looks a name up; throws what it will when there is none. */
    public interface Names {
        List<InetAddress> addresses(String host) throws Exception;
    }

    /** Bytes, or why there are none. */
    public record Fetched(
            Instant at, byte @Nullable [] bytes, @Nullable String failure) {}

    /** How long a good answer may be kept. */
    public interface Keeping {
        Duration of(byte[] answer);
    }

    private record Kept(Fetched answer, Instant until) {}

    private final Connector connector;
    private final Names names;
    private final InstantSource clock;
    private final Map<String, ReentrantLock> running = new ConcurrentHashMap<>();
    private final Map<String, Kept> kept = new LinkedHashMap<>(64, 0.75f, true);
    private long keptBytes;

    public Fetcher(Connector connector, Names names, InstantSource clock) {
        this.connector = connector;
        this.names = names;
        this.clock = clock;
    }

    public Fetched get(String url, int maxBytes, Keeping keeping) throws InterruptedException {
        return fetch(url, null, "", maxBytes, keeping);
    }

    public Fetched post(String url, byte[] body, String contentType, int maxBytes, Keeping keeping)
            throws InterruptedException {
        return fetch(url, body, contentType, maxBytes, keeping);
    }

    /** Not kept: an answer may be as large as all that is. */
    Fetched getLarge(String url, int maxBytes) throws InterruptedException {
        return follow(url, null, "", maxBytes, LARGE_TIME);
    }

    private Fetched fetch(String url, byte @Nullable [] body, String contentType, int maxBytes, Keeping keeping)
            throws InterruptedException {
        String key = body == null ? url : url + " " + Base64.getEncoder().encodeToString(body);
        ReentrantLock lock = running.computeIfAbsent(key, k -> new ReentrantLock());
        lock.lockInterruptibly();
        try {
            Fetched known = known(key);
            if (known != null) {
                return known;
            }
            Fetched answer = follow(url, body, contentType, maxBytes, TIME);
            byte[] bytes = answer.bytes();
            keep(key, answer, bytes == null ? FAILURES_KEPT : keeping.of(bytes));
            return answer;
        } finally {
            lock.unlock();
            if (!lock.hasQueuedThreads()) {
                running.remove(key, lock);
            }
        }
    }

    private Fetched follow(String url, byte @Nullable [] body, String contentType, int maxBytes, Duration time)
            throws InterruptedException {
        String at = url;
        for (int i = 0; i <= MAX_REDIRECTS; i++) {
            HttpAnswer answer = once(at, body, contentType, maxBytes, time);
            if (answer.redirects()) {
                try {
                    at = new URI(at)
                            .resolve(new URI(answer.headers().getOrDefault("location", "")))
                            .toString();
                } catch (URISyntaxException | IllegalArgumentException e) {
                    return failed("redirected to what is no URL");
                }
                continue;
            }
            if (answer.failure() != null) {
                return failed(answer.failure());
            }
            return answer.status() == 200 && answer.body().length > 0
                    ? new Fetched(clock.instant(), answer.body(), null)
                    : failed(answer.status() == 200 ? "an empty answer" : "HTTP " + answer.status());
        }
        return failed("more than " + MAX_REDIRECTS + " redirects");
    }

    private Fetched failed(String why) {
        return new Fetched(clock.instant(), null, why);
    }

    private HttpAnswer once(String url, byte @Nullable [] body, String contentType, int maxBytes, Duration time)
            throws InterruptedException {
        URI uri;
        try {
            uri = new URI(url.strip());
        } catch (URISyntaxException e) {
            return HttpAnswer.failed("no URL");
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        String host = uri.getHost();
        if (!scheme.equals("http")) {
            return HttpAnswer.failed("unsupported scheme " + (scheme.matches("[a-z]{1,8}") ? scheme : "?"));
        }
        if (host == null || uri.getRawUserInfo() != null) {
            return HttpAnswer.failed("no host, or a password, in the URL");
        }
        int port = uri.getPort() < 0 ? 80 : uri.getPort();
        List<InetAddress> addresses;
        try {
            addresses = names.addresses(host.startsWith("[") ? host.substring(1, host.length() - 1) : host);
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            return HttpAnswer.failed(Reason.DNS_FAILURE.word());
        }
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        String name = port == 80 ? host : host + ":" + port;
        HttpAnswer last = HttpAnswer.failed(Reason.DNS_FAILURE.word());
        for (InetAddress address : addresses.subList(0, Math.min(2, addresses.size()))) {
            last = dial(
                    new Destination(address, port),
                    new HttpExchange(name, path + query, body, contentType, maxBytes),
                    maxBytes,
                    time);
            if (last.failure() == null) {
                return last;
            }
        }
        return last;
    }

    private HttpAnswer dial(Destination to, HttpExchange exchange, int maxBytes, Duration time)
            throws InterruptedException {
        Limits limits = new Limits(Duration.ofSeconds(5), Duration.ofSeconds(5), time, maxBytes + (64 << 10));
        try {
            Talk<HttpAnswer> talk = connector.talk(to, exchange, limits).get();
            return switch (talk) {
                case Talk.Held<HttpAnswer> held -> held.result();
                case Talk.NotHeld<HttpAnswer> not ->
                    HttpAnswer.failed(not.reason().word() + ": " + not.detail());
            };
        } catch (java.util.concurrent.ExecutionException e) {
            return HttpAnswer.failed(Reason.INTERNAL.word());
        }
    }

    private @Nullable Fetched known(String key) {
        synchronized (kept) {
            Kept found = kept.get(key);
            if (found != null && clock.instant().isAfter(found.until)) {
                drop(key);
                return null;
            }
            return found == null ? null : found.answer;
        }
    }

    private void keep(String key, Fetched answer, Duration time) {
        if (time.isNegative() || time.isZero()) {
            return;
        }
        synchronized (kept) {
            drop(key);
            kept.put(key, new Kept(answer, clock.instant().plus(time)));
            keptBytes += size(answer);
            while (kept.size() > KEPT_ANSWERS || keptBytes > KEPT_BYTES) {
                drop(kept.keySet().iterator().next());
            }
        }
    }

    private void drop(String key) {
        Kept gone = kept.remove(key);
        if (gone != null) {
            keptBytes -= size(gone.answer);
        }
    }

    private static long size(Fetched answer) {
        byte[] bytes = answer.bytes();
        return bytes == null ? 0 : bytes.length;
    }
}

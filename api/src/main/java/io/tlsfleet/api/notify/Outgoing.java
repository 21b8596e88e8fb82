package io.tlsfleet.api.notify;

import io.tlsfleet.fleet.target.AddressGate;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One request to a place that a person named: the address is resolved once, passes the gate and is the one dialled (a name
 * that turns to another address in between gains nothing); no redirect is followed; fifteen seconds; of the answer at most
 * 64 KiB are read and none shown but its first words.
 */
public final class Outgoing implements AutoCloseable {
    private static final int TIMEOUT_SECONDS = 15;
    private static final int MAX_ANSWER = 64 * 1024;
    private static final int SHOWN = 200;
    /** Receivers share hosts (hooks.slack.com): those that hang leave room for the others. Vert.x's own bound is five. */
    private static final int TO_ONE_HOST = 1000;

    private final HttpClient client;
    private final AddressGate gate;
    private final InstantSource clock;

    public Outgoing(Vertx vertx, AddressGate gate, InstantSource clock) {
        this(vertx, gate, clock, null);
    }

    /** {@code authorities}: PEM that servers' certificates stand on instead of the JDK's. */
    public Outgoing(Vertx vertx, AddressGate gate, InstantSource clock, @Nullable Path authorities) {
        HttpClientOptions options = new HttpClientOptions()
                .setConnectTimeout(TIMEOUT_SECONDS * 1000)
                .setKeepAlive(false)
                .setVerifyHost(true)
                .setMaxInitialLineLength(8192);
        if (authorities != null) {
            options.setTrustOptions(new PemTrustOptions().addCertPath(authorities.toString()));
        }
        this.client = vertx.createHttpClient(options, new PoolOptions().setHttp1MaxSize(TO_ONE_HOST));
        this.gate = gate;
        this.clock = clock;
    }

    /** What came back: whole, and its first words; {@code retryAfterSeconds} -1 where nothing was said. */
    public record Answer(int status, long retryAfterSeconds, String text, String body) {}

    /** All of an answer of up to 64 KiB; {@code retryAfter} as it was sent, null where it was not. */
    public record Reply(int status, @Nullable String retryAfter, byte[] body) {}

    /** {@code IllegalArgumentException}: this URL is never asked. {@code TimeoutException} and others: nothing came back. */
    public Answer send(String method, String url, Map<String, String> headers, byte[] body) throws Exception {
        Reply reply = ask(method, url, headers, body);
        return new Answer(
                reply.status,
                seconds(reply.retryAfter),
                shown(reply.body),
                new String(reply.body, StandardCharsets.UTF_8));
    }

    /** As {@link #send}. */
    public Reply get(String url, Map<String, String> headers) throws Exception {
        return ask("GET", url, headers, new byte[0]);
    }

    private Reply ask(String method, String url, Map<String, String> headers, byte[] body) throws Exception {
        URI uri = URI.create(url);
        boolean tls = "https".equals(uri.getScheme());
        if (!tls && !"http".equals(uri.getScheme()) || uri.getHost() == null) {
            throw new IllegalArgumentException("URL has neither http nor https and a host");
        }
        int port = uri.getPort() > 0 ? uri.getPort() : tls ? 443 : 80;
        InetAddress address = resolve(uri.getHost());
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        RequestOptions request = new RequestOptions()
                .setMethod(HttpMethod.valueOf(method))
                .setServer(SocketAddress.inetSocketAddress(port, address.getHostAddress()))
                .setHost(uri.getHost())
                .setPort(port)
                .setSsl(tls)
                .setFollowRedirects(false)
                .setURI(uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery());
        headers.forEach(request::putHeader);
        Future<Reply> reply = client.request(request)
                .compose(r -> r.send(Buffer.buffer(body)).compose(response -> {
                    Buffer read = Buffer.buffer();
                    response.handler(chunk -> {
                        if (read.length() < MAX_ANSWER) {
                            read.appendBuffer(chunk);
                        }
                        if (read.length() >= MAX_ANSWER) {
                            r.reset();
                        }
                    });
                    return response.end()
                            .otherwiseEmpty()
                            .map(ignored -> new Reply(
                                    response.statusCode(), response.getHeader("Retry-After"), read.getBytes()));
                }));
        return await(reply);
    }

    /** The address of a host that may be dialled. */
    public InetAddress resolve(String host) throws UnknownHostException {
        InetAddress address = InetAddress.getByName(host.startsWith("[") ? host.substring(1, host.length() - 1) : host);
        Optional<String> objection = gate.objection(address);
        if (objection.isPresent()) {
            throw new IllegalArgumentException("not allowed: " + objection.get()
                    + "; a server may connect into networks of yours that --allow-outgoing CIDR names");
        }
        return address;
    }

    @Override
    public void close() {
        client.close();
    }

    private static Reply await(Future<Reply> answer) throws Exception {
        try {
            return answer.toCompletionStage().toCompletableFuture().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new TimeoutException("no answer within " + TIMEOUT_SECONDS + " s");
        } catch (java.util.concurrent.ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /** RFC 9110: a number of seconds, or a date. */
    private long seconds(@Nullable String retryAfter) {
        if (retryAfter == null) {
            return -1;
        }
        if (retryAfter.matches("\\d{1,9}")) {
            return Long.parseLong(retryAfter);
        }
        try {
            Instant until = DateTimeFormatter.RFC_1123_DATE_TIME.parse(retryAfter, Instant::from);
            return Math.max(0, Duration.between(clock.instant(), until).toSeconds());
        } catch (DateTimeParseException e) {
            return -1;
        }
    }

    private static String shown(byte[] read) {
        String text = new String(read, 0, Math.min(read.length, SHOWN), StandardCharsets.UTF_8);
        return text.replaceAll("[\\p{Cntrl}\\p{Cf}]+", " ").strip();
    }
}

package io.tlsfleet.api.notify;

import io.tlsfleet.fleet.target.AddressGate;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
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
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One request to a place that a person named: the address is resolved once, passes the gate and is the one dialled (a name
 * that turns to another address in between gains nothing); no redirect is followed; fifteen seconds; of the answer at most
 * 64 KiB are read and none shown but its first words.
 */
public final class Outgoing implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final int MAX_ANSWER = 64 * 1024;
    private static final int SHOWN = 200;
    /** Receivers share hosts (hooks.slack.com): those that hang leave room for the others. Vert.x's own bound is five. */
    private static final int TO_ONE_HOST = 1000;

    /** Who asked is told by the answer's future; without a handler Vert.x makes an error of ours of it in the log. */
    private static final Handler<Throwable> UNHEARD = fault -> {};

    private final HttpClient client;
    private final AddressGate gate;
    private final Anchors anchors;
    private final InstantSource clock;
    private final Duration patience;

    public Outgoing(Vertx vertx, Reach reach, InstantSource clock) {
        this(vertx, reach, clock, null);
    }

    /** {@code authorities}: PEM that servers' certificates stand on instead of all others. */
    public Outgoing(Vertx vertx, Reach reach, InstantSource clock, @Nullable Path authorities) {
        this(vertx, reach, clock, authorities, PATIENCE);
    }

    Outgoing(Vertx vertx, Reach reach, InstantSource clock, @Nullable Path authorities, Duration patience) {
        HttpClientOptions options = new HttpClientOptions()
                .setConnectTimeout((int) PATIENCE.toMillis())
                .setKeepAlive(false)
                .setVerifyHost(true)
                .setMaxInitialLineLength(8192);
        options.setTrustOptions(
                authorities == null
                        ? reach.anchors().options()
                        : new PemTrustOptions().addCertPath(authorities.toString()));
        this.client = vertx.httpClientBuilder()
                .with(options)
                .with(new PoolOptions().setHttp1MaxSize(TO_ONE_HOST))
                .withConnectHandler(connection -> connection.exceptionHandler(UNHEARD))
                .build();
        this.gate = reach.gate();
        this.anchors = reach.anchors();
        this.clock = clock;
        this.patience = patience;
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
                RetryAfter.read(reply.retryAfter, clock.instant())
                        .map(Duration::toSeconds)
                        .orElse(-1L),
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
        Attempt attempt = new Attempt();
        return attempt.outcome(client.request(request).compose(r -> attempt.send(r, body)), patience);
    }

    /** A request on its way and what has come of its answer; when its time is up it is hung up on. */
    private static final class Attempt {
        private final Buffer read = Buffer.buffer();
        private @Nullable HttpClientRequest request;
        private @Nullable HttpClientResponse head;
        private boolean over;

        synchronized Future<Reply> send(HttpClientRequest connected, byte[] body) {
            connected.exceptionHandler(UNHEARD);
            if (over) { // told as not sent: it must not arrive after that
                connected.connection().close();
                return Future.failedFuture("too late");
            }
            request = connected;
            return connected.send(Buffer.buffer(body)).compose(this::receive);
        }

        private synchronized Future<Reply> receive(HttpClientResponse response) {
            head = response;
            response.exceptionHandler(UNHEARD).handler(this::take);
            return response.end().otherwiseEmpty().map(ignored -> reply(response));
        }

        private synchronized void take(Buffer chunk) {
            if (read.length() < MAX_ANSWER) {
                read.appendBuffer(chunk);
            }
            if (read.length() >= MAX_ANSWER) {
                hangUp();
            }
        }

        private synchronized Reply reply(HttpClientResponse response) {
            return new Reply(response.statusCode(), response.getHeader("Retry-After"), read.getBytes());
        }

        Reply outcome(Future<Reply> answer, Duration patience) throws Exception {
            try {
                return answer.toCompletionStage().toCompletableFuture().get(patience.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                return soFar().orElseThrow(
                                () -> new TimeoutException("no answer within " + patience.toSeconds() + " s"));
            } catch (ExecutionException e) {
                throw e.getCause() instanceof Exception cause ? cause : e;
            } finally {
                end();
            }
        }

        /** A status is an answer, however long its body takes: who took a notice is not told again. */
        private synchronized Optional<Reply> soFar() {
            return Optional.ofNullable(head).map(this::reply);
        }

        private synchronized void end() {
            over = true;
            hangUp();
        }

        private void hangUp() {
            if (request != null) {
                request.connection().close();
            }
        }
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

    /** Whom others who connect from here believe, too. */
    Anchors anchors() {
        return anchors;
    }

    @Override
    public void close() {
        client.close();
    }

    private static String shown(byte[] read) {
        String text = new String(read, 0, Math.min(read.length, SHOWN), StandardCharsets.UTF_8);
        return text.replaceAll("[\\p{Cntrl}\\p{Cf}]+", " ").strip();
    }
}

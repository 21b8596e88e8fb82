package io.tlsfleet.api.notify;

import io.tlsfleet.fleet.target.AddressGate;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One request to a place that a person named: the address is resolved once, passes the gate and is the one dialled (a name
 * that turns to another address in between gains nothing); no redirect is followed; fifteen seconds; of the answer at most
 * 64 KiB are read and none shown but its first words.
 */
public final class Outgoing implements AutoCloseable {
    private static final int TIMEOUT_SECONDS = 15;
    private static final int MAX_ANSWER = 64 * 1024;
    private static final int SHOWN = 200;

    private final HttpClient client;
    private final AddressGate gate;

    public Outgoing(Vertx vertx, AddressGate gate) {
        this.client = vertx.createHttpClient(new HttpClientOptions()
                .setConnectTimeout(TIMEOUT_SECONDS * 1000)
                .setKeepAlive(false)
                .setVerifyHost(true)
                .setMaxInitialLineLength(8192));
        this.gate = gate;
    }

    /** What came back; {@code retryAfterSeconds} -1 where nothing was said. */
    public record Answer(int status, long retryAfterSeconds, String text) {}

    /** {@code IllegalArgumentException}: this URL is never asked. {@code TimeoutException} and others: nothing came back. */
    public Answer send(String method, String url, Map<String, String> headers, byte[] body) throws Exception {
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
        Future<Answer> answer = client.request(request)
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
                            .map(ignored -> new Answer(
                                    response.statusCode(), seconds(response.getHeader("Retry-After")), shown(read)));
                }));
        return await(answer);
    }

    /** The address of a host that may be dialled. */
    public InetAddress resolve(String host) throws UnknownHostException {
        InetAddress address = InetAddress.getByName(host.startsWith("[") ? host.substring(1, host.length() - 1) : host);
        Optional<String> objection = gate.objection(address);
        if (objection.isPresent()) {
            throw new IllegalArgumentException("not allowed: " + objection.get());
        }
        return address;
    }

    @Override
    public void close() {
        client.close();
    }

    private static Answer await(Future<Answer> answer) throws Exception {
        try {
            return answer.toCompletionStage().toCompletableFuture().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new TimeoutException("no answer within " + TIMEOUT_SECONDS + " s");
        } catch (java.util.concurrent.ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private static long seconds(@org.jspecify.annotations.Nullable String retryAfter) {
        return retryAfter != null && retryAfter.matches("\\d{1,6}") ? Long.parseLong(retryAfter) : -1;
    }

    private static String shown(Buffer read) {
        String text = read.getString(0, Math.min(read.length(), SHOWN));
        return text.replaceAll("[\\p{Cntrl}\\p{Cf}]+", " ").strip();
    }
}

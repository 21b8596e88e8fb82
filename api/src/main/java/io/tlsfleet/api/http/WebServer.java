package io.tlsfleet.api.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The listening socket. Stops by taking no more and letting what runs end. */
public final class WebServer {
    private static final Logger LOG = LoggerFactory.getLogger(WebServer.class);
    private static final int GRACE_SECONDS = 10;
    private static final int RELOAD_MILLIS = 30_000;
    private static final int IDLE_SECONDS = 75;

    private final Vertx vertx;
    private final ApiConfig config;
    private final HttpServer server;
    private final List<Route> routes;
    private long reloading = -1;
    private @Nullable FileTime loaded;

    WebServer(Vertx vertx, ApiConfig config, Edge edge, List<Route> routes) {
        this.vertx = vertx;
        this.config = config;
        this.routes = List.copyOf(routes);
        HttpServerOptions options = new HttpServerOptions()
                .setHost(config.bind())
                .setPort(config.port())
                .setCompressionSupported(true)
                .setHttp2ClearTextEnabled(false)
                .setMaxInitialLineLength(16_384)
                .setMaxHeaderSize(32_768)
                .setIdleTimeout(IDLE_SECONDS)
                .setIdleTimeoutUnit(TimeUnit.SECONDS);
        if (config.tls() != null) {
            options.setSsl(true)
                    .setUseAlpn(true)
                    .setEnabledSecureTransportProtocols(Set.of("TLSv1.2", "TLSv1.3"))
                    .setKeyCertOptions(pem(config.tls()));
            if (config.tls().asksWorkers()) {
                options.setClientAuth(ClientAuth.REQUEST).setTrustOptions(AnyClient.TRUST);
            }
        }
        this.server = vertx.createHttpServer(options)
                .requestHandler(edge.handler(routes))
                .invalidRequestHandler(
                        request -> request.response().setStatusCode(400).end());
    }

    /** Answers the port that was taken. */
    public Future<Integer> listen() {
        ApiConfig.Tls tls = config.tls();
        if (tls != null) {
            loaded = changed(tls);
            reloading = vertx.setPeriodic(RELOAD_MILLIS, tick -> reload(tls));
        }
        return server.listen().map(HttpServer::actualPort);
    }

    public List<Route> routes() {
        return routes;
    }

    public Future<Void> close() {
        if (reloading >= 0) {
            vertx.cancelTimer(reloading);
        }
        return server.shutdown(GRACE_SECONDS, TimeUnit.SECONDS);
    }

    /** A renewed certificate is served without a restart; a broken one is told and the old one stays. */
    private void reload(ApiConfig.Tls tls) {
        FileTime now = changed(tls);
        if (now == null || now.equals(loaded)) {
            return;
        }
        loaded = now;
        vertx.executeBlocking(() -> {
                    tls.check(); // the one may be written and the other not yet
                    return new PemKeyCertOptions()
                            .addCertValue(Buffer.buffer(Files.readAllBytes(tls.certificate())))
                            .addKeyValue(Buffer.buffer(Files.readAllBytes(tls.key())));
                })
                .compose(pem -> server.updateSSLOptions(options(tls, pem)))
                .onSuccess(done -> LOG.info("the certificate of the API was read again from {}", tls.certificate()))
                .onFailure(e -> LOG.warn(
                        "the new certificate {} cannot be used, the old one stays: {}",
                        tls.certificate(),
                        e.getMessage()));
    }

    private static ServerSSLOptions options(ApiConfig.Tls tls, PemKeyCertOptions pem) {
        ServerSSLOptions options = new ServerSSLOptions();
        options.setUseAlpn(true)
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.2", "TLSv1.3"))
                .setKeyCertOptions(pem);
        if (tls.asksWorkers()) {
            options.setTrustOptions(AnyClient.TRUST);
            options.setClientAuth(ClientAuth.REQUEST);
        }
        return options;
    }

    private static @Nullable FileTime changed(ApiConfig.Tls tls) {
        try {
            FileTime certificate = Files.getLastModifiedTime(tls.certificate());
            FileTime key = Files.getLastModifiedTime(tls.key());
            return certificate.compareTo(key) > 0 ? certificate : key;
        } catch (IOException e) {
            return null;
        }
    }

    private static PemKeyCertOptions pem(ApiConfig.Tls tls) {
        return new PemKeyCertOptions()
                .setCertPath(tls.certificate().toString())
                .setKeyPath(tls.key().toString());
    }
}

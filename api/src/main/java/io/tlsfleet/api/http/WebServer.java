package io.tlsfleet.api.http;

import io.tlsfleet.fleet.target.FileFault;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.X509KeyManager;
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
    private List<String> loaded = List.of();

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
                    .setKeyCertOptions(keys(config.tls()));
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
            loaded = seen(tls);
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
    Future<Void> reload(ApiConfig.Tls tls) {
        List<String> now = seen(tls);
        if (now.equals(loaded)) {
            return Future.succeededFuture();
        }
        loaded = now;
        // the one may be written and the other not yet: then this fails, and the other changes what is seen
        return vertx.executeBlocking(() -> options(tls, keys(tls)))
                .compose(options -> server.updateSSLOptions(options))
                .onSuccess(done -> LOG.info("the certificate of the API was read again from {}", tls.certificate()))
                .onFailure(e -> LOG.warn(
                        "the new certificate of the API cannot be used, the old one stays: {}", e.getMessage()))
                .mapEmpty();
    }

    private static ServerSSLOptions options(ApiConfig.Tls tls, KeyCertOptions keys) {
        ServerSSLOptions options = new ServerSSLOptions();
        options.setUseAlpn(true)
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.2", "TLSv1.3"))
                .setKeyCertOptions(keys);
        if (tls.asksWorkers()) {
            options.setTrustOptions(AnyClient.TRUST);
            options.setClientAuth(ClientAuth.REQUEST);
        }
        return options;
    }

    /**
     * Of each file what changes when it is written or another takes its name. Not the time alone: a key is made before the
     * certificate that it is for, and may be moved here after it.
     */
    private static List<String> seen(ApiConfig.Tls tls) {
        return Stream.of(tls.certificate(), tls.key())
                .map(file -> {
                    try {
                        BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
                        return now.lastModifiedTime() + " " + now.size() + " " + now.fileKey();
                    } catch (IOException e) {
                        return FileFault.of(e);
                    }
                })
                .toList();
    }

    private static KeyCertOptions keys(ApiConfig.Tls tls) {
        try {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(tls.identity().keyStore(), new char[0]);
            return KeyCertOptions.wrap((X509KeyManager) keys.getKeyManagers()[0]);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "--tls-certificate " + tls.certificate() + ", --tls-key " + tls.key() + ": " + e.getMessage(), e);
        }
    }
}

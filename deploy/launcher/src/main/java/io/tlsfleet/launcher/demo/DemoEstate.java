package io.tlsfleet.launcher.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;

/**
 * The estate's own main: {@code DemoEstate DIRECTORY NETWORK}, NETWORK the first three numbers of a loopback address with
 * a dot ({@code 127.80.4.}). Says {@code ready} on stdout when all listen, and ends when stdin does: with whoever
 * started it, however that ended.
 */
public final class DemoEstate {
    private static final int HELPER_PORT = 8080;

    private final DemoAuthority authority;
    private final OcspSigner ocsp;
    private final String network;
    private final InstantSource clock;

    private DemoEstate(DemoAuthority authority, String network, InstantSource clock) {
        this.authority = authority;
        this.ocsp = new OcspSigner(authority);
        this.network = network;
        this.clock = clock;
    }

    @SuppressWarnings("CatchAndPrintStackTrace") // standard error is the estate's log
    public static void main(String[] args) throws Exception {
        // before the first class of JSSE is loaded, or it is too late
        Security.setProperty("jdk.tls.disabledAlgorithms", "");
        Security.setProperty("jdk.certpath.disabledAlgorithms", "");
        Security.setProperty("jdk.tls.legacyAlgorithms", "");
        String network = args[1];
        try {
            InstantSource clock = InstantSource.system();
            DemoAuthority authority = DemoAuthority.in(Path.of(args[0]), helper(network), clock.instant());
            new DemoEstate(authority, network, clock).listen();
            say("ready");
            while (System.in.read() >= 0) {
                // the parent lives
            }
        } catch (BindException e) {
            say("taken: " + e.getMessage());
        } catch (Exception e) { // such as a directory that is taken away: the listeners must not stay behind
            e.printStackTrace();
        }
        Runtime.getRuntime().halt(0);
    }

    private static String helper(String network) {
        return network + "254:" + HELPER_PORT;
    }

    private void listen() throws IOException, GeneralSecurityException {
        serveHelper();
        for (DemoServer server : DemoServer.values()) {
            String address = server.address(network);
            switch (server) {
                case TARPIT ->
                    Listener.open(new ServerSocket(), address, DemoServer.PORT, socket -> {
                        byte[] sink = new byte[4096];
                        while (socket.getInputStream().read(sink) >= 0) {
                            // heard, and not answered
                        }
                    });
                case PLAIN_HTTP ->
                    Listener.open(
                            new ServerSocket(),
                            address,
                            DemoServer.PORT,
                            socket ->
                                    Listener.http(socket.getInputStream(), socket.getOutputStream(), server.foundAs()));
                default -> serveTls(server, address);
            }
        }
    }

    private void serveTls(DemoServer server, String address) throws IOException, GeneralSecurityException {
        X509Certificate[] chain = authority.chain(server);
        PrivateKey key = authority.key(server);
        switch (server) {
            case POST_QUANTUM_ONLY ->
                BouncyServer.postQuantumOnly().listen(address, DemoServer.PORT, chain, key, server.foundAs());
            case STAPLED_GOOD ->
                BouncyServer.stapling(ocsp.staple(chain[0], clock.instant().minus(Duration.ofHours(12))))
                        .listen(address, DemoServer.PORT, chain, key, server.foundAs());
            case STAPLED_EXPIRED ->
                BouncyServer.stapling(ocsp.staple(chain[0], clock.instant().minus(Duration.ofDays(14))))
                        .listen(address, DemoServer.PORT, chain, key, server.foundAs());
            default ->
                JsseServer.of(server)
                        .listen(address, DemoServer.PORT, chain, key, authority.intermediate(), server.foundAs());
        }
    }

    /** What the certificates point at: the issuer's certificate, and a responder. */
    private void serveHelper() throws IOException {
        HttpServer http =
                HttpServer.create(new InetSocketAddress(Inet4Address.ofLiteral(network + "254"), HELPER_PORT), 64);
        http.createContext(
                "/intermediate.cer",
                exchange -> answer(
                        exchange,
                        "application/pkix-cert",
                        () -> authority.intermediate().getEncoded()));
        http.createContext(
                "/ocsp",
                exchange -> answer(exchange, "application/ocsp-response", () -> {
                    byte[] request = exchange.getRequestMethod().equals("POST")
                            ? exchange.getRequestBody().readNBytes(16_384)
                            : Base64.getDecoder()
                                    .decode(exchange.getRequestURI().getPath().substring("/ocsp/".length()));
                    return ocsp.answer(request, clock.instant());
                }));
        http.start();
    }

    private interface Body {
        byte[] make() throws Exception;
    }

    private static void answer(HttpExchange exchange, String type, Body body) throws IOException {
        try (exchange) {
            byte[] bytes = body.make();
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        } catch (Exception e) {
            exchange.sendResponseHeaders(400, -1);
        }
    }

    private static void say(String line) throws IOException {
        java.io.FileOutputStream out = new java.io.FileOutputStream(java.io.FileDescriptor.out);
        out.write((line + "\n").getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        out.flush();
    }
}

package io.tlsfleet.api.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The pages, from the class path. What is no file answers {@code index.html}, because the routes live in the browser;
 * names under {@code assets/} carry their hash and are kept for ever.
 */
final class StaticFiles {
    private static final String HTML = "text/html; charset=utf-8";
    private static final Map<String, String> TYPES = Map.ofEntries(
            Map.entry("html", HTML),
            Map.entry("js", "text/javascript; charset=utf-8"),
            Map.entry("css", "text/css; charset=utf-8"),
            Map.entry("svg", "image/svg+xml"),
            Map.entry("png", "image/png"),
            Map.entry("ico", "image/x-icon"),
            Map.entry("json", "application/json"),
            Map.entry("webmanifest", "application/manifest+json"),
            Map.entry("woff2", "font/woff2"),
            Map.entry("txt", "text/plain; charset=utf-8"));
    private static final String MISSING =
            "<!doctype html><title>tlsfleet</title><p>This build has no pages. The API is under /api/v1, described by /openapi.json.\n";

    private final String root;
    private final String prefix;
    private final ClassLoader loader;
    private final Map<String, Optional<Buffer>> read = new ConcurrentHashMap<>();

    /** {@code prefix}: the path below which people reach the pages; their first one says it to the others. */
    StaticFiles(String root, String prefix, ClassLoader loader) {
        this.root = root;
        this.prefix = prefix;
        this.loader = loader;
    }

    void serve(HttpServerRequest request, HttpServerResponse response) {
        String path = request.path() == null ? "/" : request.path();
        boolean plain = path.matches("(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+") && !path.contains("..");
        Optional<Buffer> file = plain && extension(path).isPresent() ? file(path) : Optional.empty();
        if (file.isPresent()) {
            send(response, extension(path).orElseThrow(), file.get(), path.startsWith("/assets/"));
        } else if (path.startsWith("/assets/")) {
            // an old page asks for a file of an old build: index.html in its place would only confuse it
            response.setStatusCode(404).putHeader("Cache-Control", "no-store").end();
        } else {
            send(response, HTML, file("/index.html").orElse(Buffer.buffer(MISSING)), false);
        }
    }

    private static void send(HttpServerResponse response, String type, Buffer body, boolean forEver) {
        response.putHeader("Content-Type", type)
                .putHeader(
                        "Vary", "Accept-Encoding") // a cache between keeps what was compressed for who asked for that
                .putHeader("Cache-Control", forEver ? "public, max-age=31536000, immutable" : "no-cache")
                .end(body);
    }

    private static Optional<String> extension(String path) {
        int dot = path.lastIndexOf('.');
        return dot < 0 ? Optional.empty() : Optional.ofNullable(TYPES.get(path.substring(dot + 1)));
    }

    private Optional<Buffer> file(String path) {
        Optional<Buffer> known = read.get(path);
        if (known == null) {
            known = load(path);
            if (known.isPresent()) {
                read.put(path, known);
            }
        }
        return known;
    }

    /** The build names its files relative to the first page, which is served under every path. */
    private byte[] placed(byte[] index) {
        return new String(index, StandardCharsets.UTF_8)
                .replace("=\"./", "=\"" + prefix + "/")
                .replace("name=\"prefix\" content=\"\"", "name=\"prefix\" content=\"" + prefix + "\"")
                .getBytes(StandardCharsets.UTF_8);
    }

    private Optional<Buffer> load(String path) {
        try (InputStream in = loader.getResourceAsStream(root + path)) {
            if (in == null) {
                return Optional.empty();
            }
            byte[] bytes = in.readAllBytes();
            return Optional.of(Buffer.buffer(path.equals("/index.html") ? placed(bytes) : bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package io.tlsfleet.store;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the database is and as whom: {@code postgresql://user:password@host:port/database?sslmode=verify-full&sslrootcert=FILE}.
 * Its text never shows the password.
 */
public record DatabaseAddress(
        String host,
        int port,
        String database,
        String user,
        String password,
        String sslMode,
        @Nullable Path sslRoot) {
    public static final int DEFAULT_PORT = 5432;
    private static final Set<String> SSL_MODES =
            Set.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");
    private static final Set<String> OPTIONS = Set.of("user", "password", "sslmode", "sslrootcert");

    public DatabaseAddress {
        if (host.isBlank() || database.isBlank() || user.isBlank()) {
            throw new IllegalArgumentException(
                    "a database URL needs a host, a database and a user: postgresql://user:password@host:port/database");
        }
        if (!SSL_MODES.contains(sslMode)) {
            throw new IllegalArgumentException(
                    "sslmode=" + sslMode + " is none of disable, allow, prefer, require, verify-ca, verify-full");
        }
    }

    public static DatabaseAddress parse(String url) {
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("the database URL cannot be read at character " + e.getIndex()
                    + ": write postgresql://user:password@host:port/database, special characters as %XX");
        }
        if (!"postgresql".equals(uri.getScheme()) && !"postgres".equals(uri.getScheme())) {
            throw new IllegalArgumentException("the database URL begins with " + uri.getScheme()
                    + ": only postgresql://user:password@host:port/database is known");
        }
        Map<String, String> options = options(uri.getRawQuery());
        String login = uri.getRawUserInfo() == null ? "" : uri.getRawUserInfo();
        int colon = login.indexOf(':');
        String user = decoded(colon < 0 ? login : login.substring(0, colon));
        String password = colon < 0 ? "" : decoded(login.substring(colon + 1));
        String host = uri.getHost() == null ? "" : uri.getHost().replaceAll("[\\[\\]]", "");
        String path = uri.getRawPath() == null ? "" : uri.getRawPath();
        String root = options.get("sslrootcert");
        return new DatabaseAddress(
                host,
                uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
                decoded(path.startsWith("/") ? path.substring(1) : path),
                options.getOrDefault("user", user),
                options.getOrDefault("password", password),
                options.getOrDefault("sslmode", "prefer"),
                root == null ? null : Path.of(root));
    }

    private static Map<String, String> options(@Nullable String query) {
        Map<String, String> options = new LinkedHashMap<>();
        for (String pair : query == null ? new String[0] : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            if (equals < 0 || !OPTIONS.contains(name)) {
                throw new IllegalArgumentException(
                        "the database URL's option '" + name + "' is not known; there are sslmode and sslrootcert");
            }
            options.put(name, decoded(pair.substring(equals + 1)));
        }
        return options;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return "postgresql://" + user + "@" + host + ":" + port + "/" + database;
    }
}

package io.tlsfleet.api.auth;

import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Cookies that stand for a token in a browser, since an event stream carries no header. Kept as SHA-256, too. */
public final class Sessions {
    public static final Duration LONGEST = Duration.ofDays(7);
    private static final String PLAIN = "tlsfleet_session";
    private static final String SECURE = "__Host-tlsfleet_session";
    private static final int BYTES = 32;

    private Sessions() {}

    public static String random(RandomGenerator random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    public static byte[] sha256(String session) {
        return ApiToken.sha256(session);
    }

    /** The Set-Cookie header. Strict: pages of ours ask for everything themselves. */
    public static String set(String session, Duration age, boolean tls) {
        return name(tls) + "=" + session + "; Path=/; Max-Age=" + age.toSeconds() + "; HttpOnly; SameSite=Strict"
                + (tls ? "; Secure" : "");
    }

    public static String clear(boolean tls) {
        return set("", Duration.ZERO, tls);
    }

    /** The session in these Cookie headers, if there is one. */
    public static @Nullable String cookie(List<String> headers, boolean tls) {
        for (String header : headers) {
            for (String pair : header.split(";", -1)) {
                int equals = pair.indexOf('=');
                if (equals > 0 && pair.substring(0, equals).strip().equals(name(tls))) {
                    String value = pair.substring(equals + 1).strip();
                    return value.isEmpty() || value.length() > 200 ? null : value;
                }
            }
        }
        return null;
    }

    private static String name(boolean tls) {
        return tls ? SECURE : PLAIN;
    }
}

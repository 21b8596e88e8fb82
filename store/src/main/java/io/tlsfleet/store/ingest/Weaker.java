package io.tlsfleet.store.ingest;

import io.tlsfleet.fleet.change.Change;
import java.util.regex.Pattern;

/** Whether a change opens what was closed: an old version, a weak suite, a proven attack. A hint for lists, no finding. */
final class Weaker {
    private static final Pattern OLD = Pattern.compile(".*/(SSLv2|SSLv3|TLSv1\\.0|TLSv1\\.1)");
    private static final Pattern WEAK_SUITE = Pattern.compile(".*(NULL|EXPORT|anon|RC4|RC2|DES).*");

    private Weaker() {}

    static boolean is(Change change) {
        String after = change.after();
        return switch (change.kind()) {
            case PROTOCOL ->
                "accepted".equals(after) && OLD.matcher(change.fact()).matches();
            case CIPHER_SUITE ->
                after != null
                        && (WEAK_SUITE.matcher(after).matches()
                                || WEAK_SUITE.matcher(change.fact()).matches());
            case VULNERABILITY -> "vulnerable".equals(after);
            case OUTCOME,
                    CIPHER_ORDER,
                    GROUP,
                    GROUP_ORDER,
                    DH_PARAMETERS,
                    SIGNATURE_SCHEME,
                    CERTIFICATE,
                    CHAIN,
                    STAPLE,
                    ALPN,
                    SERVER_NAME,
                    RESUMPTION,
                    CLIENT_AUTHENTICATION,
                    FEATURE,
                    TOLERANCE,
                    FINGERPRINT,
                    DNS,
                    QUIC,
                    HTTP -> false;
        };
    }
}

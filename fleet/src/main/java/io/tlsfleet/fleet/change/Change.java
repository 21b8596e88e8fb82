package io.tlsfleet.fleet.change;

import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One difference. {@code fact} is a JSON pointer into the report; {@code before} and {@code after} are for people, null
 * where there was or is none.
 */
public record Change(
        Kind kind,
        String fact,
        @Nullable String before,
        @Nullable String after) {

    /** What a person would say has changed. */
    public enum Kind {
        OUTCOME,
        PROTOCOL,
        CIPHER_SUITE,
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
        VULNERABILITY,
        FINGERPRINT,
        DNS,
        QUIC,
        HTTP;

        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** "protocol TLS 1.0: refused, was accepted". */
    public String text() {
        String subject =
                fact.substring(fact.lastIndexOf('/') + 1).replace("~1", "/").replace("~0", "~");
        String name = kind.word().replace('-', ' ');
        String what = subject.isEmpty() || subject.equals(name) ? name : name + " " + subject;
        if (before == null) {
            return what + ": new: " + Objects.requireNonNullElse(after, "");
        }
        return after == null ? what + ": gone: " + before : what + ": " + after + ", was " + before;
    }
}

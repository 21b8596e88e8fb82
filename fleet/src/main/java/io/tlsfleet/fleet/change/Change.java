package io.tlsfleet.fleet.change;

import io.tlsfleet.fleet.observation.Observation;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
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

    /** "protocol TLSv1.0: refused, was accepted"; "cipher order TLSv1.2: server, was client". */
    public String text() {
        String name = kind.word().replace('-', ' ');
        String subject = Arrays.stream(fact.split("/"))
                .skip(2)
                .filter(part -> !(part.equals("order") && name.endsWith("order")))
                .map(part -> part.replace("~1", "/").replace("~0", "~"))
                .collect(Collectors.joining(" "));
        String what = subject.isEmpty() || subject.equals(name) ? name : name + " " + subject;
        if (before == null) {
            return what + ": new: " + Objects.requireNonNullElse(after, "");
        }
        return after == null ? what + ": gone: " + before : what + ": " + after + ", was " + before;
    }

    /** As it stands in the header or the record, not as our types have it. */
    static String shown(Object value) {
        return switch (value) {
            case Observation.Http.Hsts hsts ->
                "max-age=" + hsts.maxAgeSeconds() + (hsts.includeSubDomains() ? "; includeSubDomains" : "")
                        + (hsts.preload() ? "; preload" : "");
            case Observation.Dns.HttpsRecord https ->
                "alpn=" + String.join(",", https.alpn()) + (https.ech() ? " ech" : "")
                        + (https.owner() == null ? "" : " at " + https.owner());
            case List<?> several ->
                several.isEmpty()
                        ? "none"
                        : several.stream().map(String::valueOf).collect(Collectors.joining(", "));
            default -> value.toString();
        };
    }
}

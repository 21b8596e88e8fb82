package io.tlsfleet.api.renewal;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.notify.RetryAfter;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.tls.x509.CertificateFacts;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What an issuer says of one certificate (RFC 9773 section 4.2). */
record RenewalInfo(Instant start, Instant end, @Nullable String explanation) {
    private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();
    private static final Duration LEAST = Duration.ofMinutes(1);
    private static final Duration MOST = Duration.ofDays(1);
    /** Section 4.3.3: where nothing was said, or nothing that can be read. */
    static final Duration USUAL = Duration.ofHours(6);

    private static final int LONGEST_URL = 500;

    /** Section 4.1: the key id of the authority key identifier, a dot, the serial number as DER has it. Empty: it has no such id. */
    static Optional<String> id(CertificateFacts leaf) {
        var authority = leaf.extensions().authorityKeyId();
        byte[] key = authority == null ? null : authority.keyId();
        return key == null || leaf.serialNumber().length == 0
                ? Optional.empty()
                : Optional.of(BASE64URL.encodeToString(key) + "." + BASE64URL.encodeToString(leaf.serialNumber()));
    }

    /** {@code IllegalArgumentException} says what is wrong with it. */
    static RenewalInfo read(byte[] body) {
        JsonNode json;
        try {
            json = Json.parse(new String(body, StandardCharsets.UTF_8));
        } catch (UncheckedIOException e) {
            throw new IllegalArgumentException("the answer is no JSON: " + Json.fault(e), e);
        }
        JsonNode window = json.path("suggestedWindow");
        Instant start = instant(window, "start");
        Instant end = instant(window, "end");
        if (!end.isAfter(start)) {
            throw new IllegalArgumentException("suggestedWindow ends before it begins");
        }
        String explanation = json.path("explanationURL").textValue();
        return new RenewalInfo(
                start,
                end,
                explanation == null || explanation.length() > LONGEST_URL || !explanation.matches("https?://[!-~]+")
                        ? null
                        : explanation);
    }

    /** Seconds or a date; never under a minute nor over a day (section 4.3.2). */
    static Duration wait(@Nullable String retryAfter, Instant now) {
        Duration said = RetryAfter.read(retryAfter, now).orElse(USUAL);
        return said.compareTo(LEAST) < 0 ? LEAST : said.compareTo(MOST) > 0 ? MOST : said;
    }

    private static Instant instant(JsonNode window, String member) {
        try {
            return OffsetDateTime.parse(window.path(member).asText()).toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("suggestedWindow." + member + " is no RFC 3339 time", e);
        }
    }
}

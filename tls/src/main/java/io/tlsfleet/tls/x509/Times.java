package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.der.Der;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.function.Consumer;

/** Time (RFC 5280 section 4.1.2.5): to the second, in UTC. What is readable but not in that form is told. */
final class Times {
    private Times() {}

    static Instant read(Der time, String part) throws MalformedMessage {
        return read(time, part, problem -> {}, remark -> {});
    }

    /** {@code problem} hears what no strict reader accepts, {@code remark} that the other time type was due. */
    static Instant read(Der time, String part, Consumer<String> problem, Consumer<String> remark)
            throws MalformedMessage {
        String text = new String(time.content(), StandardCharsets.ISO_8859_1);
        boolean utc = time.is(Der.UTC_TIME);
        if (!utc && !time.is(Der.GENERALIZED_TIME)) {
            throw new MalformedMessage("%s: tag 0x%02X is no time".formatted(part, time.tag()));
        }
        int yearDigits = utc ? 2 : 4;
        int digits = 0;
        while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
            digits++;
        }
        String zone = text.substring(digits);
        int full = yearDigits + 10;
        if (digits != full && digits != full - 2) {
            throw new MalformedMessage(part + ": '" + DisplayText.safe(text) + "' is no time");
        }
        if (digits != full || !zone.equals("Z")) {
            problem.accept("'" + DisplayText.safe(text) + "' is not to the second in UTC");
        }
        int year = Integer.parseInt(text.substring(0, yearDigits));
        if (utc) {
            year += year < 50 ? 2000 : 1900;
        } else if (year < 2050) {
            remark.accept("GeneralizedTime for the year " + year);
        }
        int seconds = digits == full ? Integer.parseInt(text, full - 2, full, 10) : 0;
        if (seconds == 60) {
            problem.accept("'" + DisplayText.safe(text) + "' is in no minute: they end at 59");
            seconds = 59;
        }
        try {
            int at = yearDigits;
            LocalDateTime local = LocalDateTime.of(
                    year,
                    Integer.parseInt(text, at, at + 2, 10),
                    Integer.parseInt(text, at + 2, at + 4, 10),
                    Integer.parseInt(text, at + 4, at + 6, 10),
                    Integer.parseInt(text, at + 6, at + 8, 10),
                    seconds);
            return local.toInstant(offset(zone, part));
        } catch (DateTimeException e) {
            throw new MalformedMessage(part + ": '" + DisplayText.safe(text) + "' is no time");
        }
    }

    private static ZoneOffset offset(String zone, String part) throws MalformedMessage {
        String bare = zone.startsWith(".") ? zone.replaceFirst("^\\.[0-9]+", "") : zone;
        if (bare.equals("Z") || bare.isEmpty()) {
            return ZoneOffset.UTC;
        }
        if (bare.matches("[+-][01][0-9][0-5][0-9]")) {
            return ZoneOffset.of(bare);
        }
        throw new MalformedMessage(part + ": '" + DisplayText.safe(zone) + "' is no time zone");
    }
}

package io.tlsfleet.api.notify;

import io.tlsfleet.store.query.Certificates.Certificate;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The ends of certificates as an iCalendar object (RFC 5545): one event a certificate, whose UID stays the same so that a
 * calendar program moves and removes it, with a reminder a week before.
 */
public final class Calendar {
    private static final DateTimeFormatter UTC =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final int LINE_OCTETS = 75;

    private Calendar() {}

    public static String of(List<Certificate> certificates, @Nullable String linkBase, Instant now) {
        StringBuilder text = new StringBuilder();
        line(text, "BEGIN:VCALENDAR");
        line(text, "VERSION:2.0");
        line(text, "PRODID:-//tlsfleet//expiry//EN");
        line(text, "CALSCALE:GREGORIAN");
        line(text, "METHOD:PUBLISH");
        line(text, "X-WR-CALNAME:Certificates that end");
        line(text, "REFRESH-INTERVAL;VALUE=DURATION:PT1H");
        for (Certificate certificate : certificates) {
            Instant end = certificate.notAfter();
            if (end != null) {
                event(text, certificate, end, linkBase, now);
            }
        }
        line(text, "END:VCALENDAR");
        return text.toString();
    }

    private static void event(
            StringBuilder text, Certificate certificate, Instant end, @Nullable String linkBase, Instant now) {
        String name = certificate.names().isEmpty()
                ? certificate.subject()
                : certificate.names().getFirst().replaceFirst("^(DNS|IP):", "");
        String where = Wording.endpoints((int) Math.min(certificate.endpoints(), Integer.MAX_VALUE));
        String owners = certificate.owners().isEmpty() ? "" : "; owner " + String.join(", ", certificate.owners());
        line(text, "BEGIN:VEVENT");
        line(text, "UID:" + certificate.sha256() + "@tlsfleet");
        line(text, "DTSTAMP:" + UTC.format(now));
        line(text, "DTSTART:" + UTC.format(end));
        line(text, "DURATION:PT0S");
        line(text, "SUMMARY:" + escaped("Certificate ends: " + name + " (" + where + ")"));
        line(
                text,
                "DESCRIPTION:"
                        + escaped("Served at " + where + owners + ". Issued by " + certificate.issuer()
                                + ". Renew it, install the new one, and the event goes away with the next scan."));
        line(text, "TRANSP:TRANSPARENT");
        if (linkBase != null) {
            line(text, "URL:" + linkBase + "/certificates/" + certificate.sha256());
        }
        line(text, "BEGIN:VALARM");
        line(text, "ACTION:DISPLAY");
        line(text, "DESCRIPTION:" + escaped("Certificate ends in a week: " + name));
        line(text, "TRIGGER:-P7D");
        line(text, "END:VALARM");
        line(text, "END:VEVENT");
    }

    /** Text of strangers: what RFC 5545 gives a meaning to is escaped, controls are shown as what they are. */
    private static String escaped(String text) {
        return Rendering.shown(text).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,");
    }

    /** Folded after 75 octets, never within a character. */
    private static void line(StringBuilder text, String line) {
        int octets = 0;
        for (int i = 0; i < line.length(); ) {
            int c = line.codePointAt(i);
            int length = Character.toString(c).getBytes(StandardCharsets.UTF_8).length;
            if (octets + length > LINE_OCTETS) {
                text.append("\r\n ");
                octets = 1;
            }
            text.appendCodePoint(c);
            octets += length;
            i += Character.charCount(c);
        }
        text.append("\r\n");
    }
}

package io.tlsfleet.fleet.diagnosis;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a service that is not TLS speaks, told by the first byte of its answer: where a record's type would stand. */
final class Greeting {
    private static final Pattern RECORD_TYPE = Pattern.compile("record: content type (\\d{1,3})");

    private Greeting() {}

    /** The detail in an operator's words where it names a byte that is text; else as it is. */
    static @Nullable String of(@Nullable String detail) {
        Matcher type = RECORD_TYPE.matcher(detail == null ? "" : detail);
        if (!type.find()) {
            return detail;
        }
        int first = Integer.parseInt(type.group(1));
        String as = switch (first) {
            case 'H' -> ", as HTTP does";
            case 'S' -> ", as SSH does";
            case '2', '4', '5' -> ", as the greetings of SMTP and FTP do";
            case '*' -> ", as IMAP does";
            case '+', '-' -> ", as POP3 does";
            case '<' -> ", as XML and HTML do";
            default -> "";
        };
        return first > ' ' && first < 127 ? "its answer begins with the letter or sign " + (char) first + as : detail;
    }
}

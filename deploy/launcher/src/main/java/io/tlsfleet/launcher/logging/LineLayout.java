package io.tlsfleet.launcher.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import io.tlsfleet.fleet.target.Escaped;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** One event, one line: {@code 2026-11-21T08:00:00.000Z INFO scanner.worker message}, or the same as a JSON object. */
final class LineLayout extends LayoutBase<ILoggingEvent> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    private static final String OURS = "io.tlsfleet.";

    private final boolean json;

    LineLayout(boolean json) {
        this.json = json;
    }

    @Override
    public String doLayout(ILoggingEvent event) {
        String time = TIME.format(event.getInstant());
        String name = event.getLoggerName();
        String logger = name.startsWith(OURS) ? name.substring(OURS.length()) : name;
        String message = String.valueOf(event.getFormattedMessage());
        IThrowableProxy thrown = event.getThrowableProxy();
        StringBuilder line = new StringBuilder(message.length() + 80);
        if (json) {
            line.append("{\"time\":\"").append(time);
            line.append("\",\"level\":\"").append(event.getLevel());
            quoted(line.append("\",\"logger\":"), logger);
            quoted(line.append(",\"message\":"), message);
            if (thrown != null) {
                quoted(line.append(",\"error\":"), summary(thrown));
                quoted(line.append(",\"stack\":"), ThrowableProxyUtil.asString(thrown));
            }
            return line.append("}\n").toString();
        }
        line.append(time)
                .append(' ')
                .append(event.getLevel())
                .append(' ')
                .append(logger)
                .append("  ");
        line.append(Escaped.line(message));
        if (thrown != null) {
            line.append(": ").append(Escaped.line(summary(thrown)));
            for (String frame :
                    ThrowableProxyUtil.asString(thrown).lines().skip(1).toList()) {
                line.append("\n    ").append(Escaped.line(frame.strip()));
            }
        }
        return line.append('\n').toString();
    }

    private static String summary(IThrowableProxy thrown) {
        return thrown.getMessage() == null ? thrown.getClassName() : thrown.getClassName() + ": " + thrown.getMessage();
    }

    private static void quoted(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> json.append("\\\"");
                case '\\' -> json.append("\\\\");
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                default -> {
                    if (c < 0x20 || c == 0x7F || (c >= 0x80 && c < 0xA0) || Character.isSurrogate(c)) {
                        json.append(String.format("\\u%04x", (int) c));
                    } else {
                        json.append(c);
                    }
                }
            }
        }
        json.append('"');
    }
}

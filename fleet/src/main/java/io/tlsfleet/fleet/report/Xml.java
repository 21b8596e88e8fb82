package io.tlsfleet.fleet.report;

/** Text for XML and HTML: nothing in it is markup, and nothing is a character that XML 1.0 forbids. */
final class Xml {
    private Xml() {}

    static String text(String raw) {
        StringBuilder safe = new StringBuilder(raw.length() + 16);
        Shown.line(raw).codePoints().forEach(c -> {
            switch (c) {
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '&' -> safe.append("&amp;");
                case '"' -> safe.append("&quot;");
                case '\'' -> safe.append("&#39;");
                default -> safe.appendCodePoint(c);
            }
        });
        return safe.toString();
    }
}

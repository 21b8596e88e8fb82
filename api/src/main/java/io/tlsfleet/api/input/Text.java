package io.tlsfleet.api.input;

/** What came from outside, fit to be shown: shortened, without control and direction characters. */
public final class Text {
    private static final int LONGEST = 120;

    private Text() {}

    public static String shown(String input) {
        StringBuilder out = new StringBuilder();
        input.codePoints().limit(LONGEST).forEach(c -> {
            if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT || !Character.isDefined(c)) {
                out.append('\ufffd');
            } else {
                out.appendCodePoint(c);
            }
        });
        return input.codePointCount(0, input.length()) > LONGEST ? out + "…" : out.toString();
    }
}

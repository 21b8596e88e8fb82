package io.tlsfleet.scanner.starttls;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** RFC 6120 section 5. The stream is read for the few elements that matter, not as XML. */
final class XmppDialogue implements Dialogue {
    private static final String ASK = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

    private static final List<String> FOR_NOW =
            List.of("<resource-constraint", "<policy-violation", "<system-shutdown", "<reset");

    private final String namespace;
    private final String name;
    private boolean asked;

    XmppDialogue(String namespace, String name) {
        this.namespace = namespace;
        this.name = name;
    }

    @Override
    public byte[] opening() {
        String escaped = name.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&apos;");
        return ("<?xml version='1.0'?><stream:stream xmlns='" + namespace
                        + "' xmlns:stream='http://etherx.jabber.org/streams' to='" + escaped + "' version='1.0'>")
                .getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Move next(Incoming in) {
        String text = in.text();
        if (asked) {
            return answer(in, text);
        }
        int end = endOf(text, "</stream:features>");
        if (end < 0) {
            end = endOf(text, "<stream:features/>");
        }
        if (end < 0) {
            boolean over = text.contains("</stream:stream>") || text.contains("</stream:error>");
            return over ? turnedAway(text) : Move.WAIT;
        }
        String features = new String(in.take(end), StandardCharsets.ISO_8859_1);
        if (!features.contains("<starttls")) {
            return new Move.No(features);
        }
        asked = true;
        return new Move.Say(ASK.getBytes(StandardCharsets.US_ASCII));
    }

    private static Move answer(Incoming in, String text) {
        int proceed = text.indexOf("<proceed");
        if (proceed >= 0) {
            int close = text.indexOf('>', proceed);
            if (close < 0) {
                return Move.WAIT;
            }
            int end = text.charAt(close - 1) == '/' ? close + 1 : endOf(text, "</proceed>");
            if (end < 0) {
                return Move.WAIT;
            }
            in.take(end);
            return new Move.Ready(new byte[0]);
        }
        boolean no = text.contains("<failure") || text.contains("</stream:stream>") || text.contains("<stream:error");
        return no ? turnedAway(text) : Move.WAIT;
    }

    /** RFC 6120 section 4.9.3: some errors are about now. */
    private static Move turnedAway(String text) {
        boolean forNow = FOR_NOW.stream().anyMatch(text::contains);
        return forNow ? new Move.Later(text) : new Move.No(text);
    }

    private static int endOf(String text, String tag) {
        int at = text.indexOf(tag);
        return at < 0 ? -1 : at + tag.length();
    }
}

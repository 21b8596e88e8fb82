package io.tlsfleet.scanner.starttls;

import io.tlsfleet.tls.wire.MalformedMessage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Protocols of lines: a queue of expectations, each with what is said when it is met. The last one met is the consent
 * (RFC 3207, RFC 4217, RFC 4642, RFC 3501, RFC 2595, RFC 5804).
 */
final class TextDialogue implements Dialogue {
    private static final String CALLER = "tlsfleet.invalid";

    /** How the end of one reply is known, over the lines that have come. */
    private enum Reply {
        /** {@code 250-…} lines up to {@code 250 …}; FTP may put anything in between. */
        CODED,
        LINE,
        /** Untagged lines up to {@code a1 …}. */
        IMAP_TAGGED,
        /** Capability lines up to OK, NO or BYE. */
        SIEVE,
        /** Notices and pings up to a numeric that decides, or capabilities without {@code tls}. */
        IRC
    }

    private record Expectation(Reply reply, Predicate<String> met, String then) {}

    private final String first;
    private final Queue<Expectation> expectations;
    private final StringBuilder reply = new StringBuilder();
    private String code = "";
    private boolean greeted;
    private int objections;

    private TextDialogue(String first, List<Expectation> expectations) {
        this.first = first;
        this.expectations = new ArrayDeque<>(expectations);
    }

    static TextDialogue smtp(String greeting) {
        return new TextDialogue(
                "",
                List.of(
                        new Expectation(Reply.CODED, r -> r.startsWith("220"), greeting + " " + CALLER + "\r\n"),
                        new Expectation(Reply.CODED, r -> r.startsWith("250") && offersStarttls(r), "STARTTLS\r\n"),
                        new Expectation(Reply.CODED, r -> r.startsWith("220"), "")));
    }

    static TextDialogue ftp() {
        return new TextDialogue(
                "",
                List.of(
                        new Expectation(Reply.CODED, r -> r.startsWith("220"), "AUTH TLS\r\n"),
                        new Expectation(Reply.CODED, r -> r.startsWith("234") || r.startsWith("334"), "")));
    }

    static TextDialogue nntp() {
        return new TextDialogue(
                "",
                List.of(
                        new Expectation(Reply.CODED, r -> r.startsWith("200") || r.startsWith("201"), "STARTTLS\r\n"),
                        new Expectation(Reply.CODED, r -> r.startsWith("382"), "")));
    }

    static TextDialogue imap() {
        return new TextDialogue(
                "",
                List.of(
                        new Expectation(Reply.LINE, r -> upper(r).startsWith("* OK"), "a1 STARTTLS\r\n"),
                        new Expectation(
                                Reply.IMAP_TAGGED, r -> upper(lastLine(r)).startsWith("A1 OK"), "")));
    }

    static TextDialogue pop3() {
        return new TextDialogue(
                "",
                List.of(
                        new Expectation(Reply.LINE, r -> r.startsWith("+OK"), "STLS\r\n"),
                        new Expectation(Reply.LINE, r -> r.startsWith("+OK"), "")));
    }

    static TextDialogue sieve() {
        return new TextDialogue(
                "",
                List.of(
                        new Expectation(
                                Reply.SIEVE,
                                r -> upper(lastLine(r)).startsWith("OK") && upper(r).contains("\"STARTTLS\""),
                                "STARTTLS\r\n"),
                        new Expectation(Reply.SIEVE, r -> upper(lastLine(r)).startsWith("OK"), "")));
    }

    static TextDialogue irc() {
        // Some are silent to a command that they do not know, but list what they can.
        return new TextDialogue(
                "CAP LS\r\nSTARTTLS\r\n",
                List.of(new Expectation(Reply.IRC, r -> numeric(lastLine(r)).equals("670"), "")));
    }

    @Override
    public byte[] opening() {
        return first.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public Move next(Incoming in) throws MalformedMessage {
        Expectation due = expectations.element();
        Optional<String> line = in.line();
        if (line.isEmpty()) {
            return Move.WAIT;
        }
        reply.append(reply.isEmpty() ? "" : "\n").append(line.get());
        if (!isComplete(due.reply, line.get())) {
            return Move.AGAIN;
        }
        String whole = reply.toString();
        reply.setLength(0);
        code = "";
        if (!due.met.test(whole)) {
            return isForNow(due.reply, whole) ? new Move.Later(whole) : new Move.No(whole);
        }
        expectations.remove();
        greeted = true;
        byte[] say = due.then.getBytes(StandardCharsets.US_ASCII);
        return expectations.isEmpty() ? new Move.Ready(say) : new Move.Say(say);
    }

    private boolean isComplete(Reply kind, String line) throws MalformedMessage {
        return switch (kind) {
            case LINE -> true;
            case CODED -> {
                if (code.isEmpty()) {
                    if (!line.matches("\\d{3}([ -].*)?")) {
                        throw new MalformedMessage("starttls: a reply without a code");
                    }
                    code = line.substring(0, 3);
                }
                yield line.equals(code) || line.startsWith(code + " ");
            }
            case IMAP_TAGGED -> {
                if (!upper(line).startsWith("A1 ") && !line.startsWith("*")) {
                    throw new MalformedMessage("starttls: an IMAP line of no one's tag");
                }
                yield upper(line).startsWith("A1 ");
            }
            case SIEVE -> upper(line).matches("(OK|NO|BYE)\\b.*");
            case IRC -> decides(line);
        };
    }

    /** Whether not TLS was declined but we were, for now: at the door by any transient code, later by those that close. */
    private boolean isForNow(Reply kind, String whole) {
        String last = upper(lastLine(whole));
        return switch (kind) {
            case CODED -> last.startsWith("421") || last.startsWith("400") || !greeted && last.startsWith("4");
            case LINE -> last.startsWith("* BYE") || last.matches("-ERR \\[(SYS/TEMP|IN-USE|LOGIN-DELAY)].*");
            case IMAP_TAGGED -> false;
            case SIEVE -> last.startsWith("BYE") || last.startsWith("NO (TRYLATER");
            case IRC -> last.startsWith("ERROR");
        };
    }

    private static boolean offersStarttls(String reply) {
        return upper(reply).lines().anyMatch(l -> l.matches("250[ -]STARTTLS\\b.*"));
    }

    /** {@code :irc.example 670 * :STARTTLS successful} */
    private static String numeric(String line) {
        UnaryOperator<String> afterSpace = s -> s.indexOf(' ') < 0 ? "" : s.substring(s.indexOf(' ') + 1);
        String rest = line.startsWith(":") ? afterSpace.apply(line) : line;
        int end = rest.indexOf(' ');
        return end < 0 ? rest : rest.substring(0, end);
    }

    /** {@code :irc.example CAP * LS :away-notify tls}; a numeric that objects to CAP is none to STARTTLS. */
    private boolean decides(String line) {
        String numeric = numeric(line);
        if (numeric.equals("CAP")) {
            return !upper(line).matches(".*[ :]TLS([ =].*)?");
        }
        if (numeric.matches("4\\d\\d|5\\d\\d")) {
            objections++;
            return objections > 1 || upper(line).contains(" STARTTLS");
        }
        return numeric.matches("670|691") || upper(line).startsWith("ERROR");
    }

    private static String lastLine(String reply) {
        return reply.substring(reply.lastIndexOf('\n') + 1);
    }

    private static String upper(String text) {
        return text.toUpperCase(Locale.ROOT);
    }
}

package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.probe.deep.Attacks.Verdict;
import io.tlsfleet.tls.exchange.HelloExchange;
import io.tlsfleet.tls.exchange.ServerFlight;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * CVE-2011-0411: a command in the clear, in the segment that asks for TLS. A server that reads on in its buffer takes it for one
 * said inside TLS. Another is said inside TLS: one answer too many means that both were taken. Nothing but harmless commands.
 */
final class StarttlsInjection {
    static final String ID = "starttls-injection";
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Pattern CODED = Pattern.compile("(?m)^\\d{3}(?: |\r?$)");

    /** {@code answers} to what is said inside alone, each a match of {@code answer}. */
    private record Words(String injected, String inside, Pattern answer, int answers) {}

    private static final Map<String, Words> KNOWN = Map.of(
            "smtp", new Words("NOOP\r\n", "QUIT\r\n", CODED, 1),
            "lmtp", new Words("NOOP\r\n", "QUIT\r\n", CODED, 1),
            "ftp", new Words("NOOP\r\n", "QUIT\r\n", CODED, 1),
            "nntp", new Words("DATE\r\n", "QUIT\r\n", CODED, 1),
            "imap", new Words("a2 NOOP\r\n", "a3 LOGOUT\r\n", Pattern.compile("(?m)^a\\d "), 1),
            "pop3", new Words("CAPA\r\n", "QUIT\r\n", Pattern.compile("(?m)^(?:\\+OK|-ERR)"), 1),
            // the capabilities, said anew inside TLS, end with an OK of their own
            "sieve", new Words("NOOP\r\n", "LOGOUT\r\n", Pattern.compile("(?m)^(?:OK|NO|BYE)\\b"), 2));

    private StarttlsInjection() {}

    static boolean applies(Ground ground) {
        return ground.starttls() != null && KNOWN.containsKey(ground.starttls());
    }

    static Verdict once(Ground ground, Wire wire) {
        Words words = KNOWN.get(String.valueOf(ground.starttls()));
        if (words == null) {
            return Verdict.unknown("not asked of this protocol");
        }
        Wire injecting = wire.injecting(bytes(words.injected));
        Inquiry.Answer answer = Inquiry.ask(ground, injecting, new Found(), bytes(words.inside), PATIENCE);
        if (answer.finished()) {
            return read(new String(answer.bytes(), StandardCharsets.ISO_8859_1), words.answer, words.answers);
        }
        if (answer.why() == Reason.STARTTLS_REFUSED && answersHello(ground, wire)) {
            return Verdict.notVulnerable("refused STARTTLS with a command behind it, and agrees to it without");
        }
        // a time limit, or being turned away, can come by chance
        boolean brokeOff = answer.why() == Reason.CLOSED || answer.why() == Reason.RESET;
        boolean healthy = brokeOff
                && Inquiry.ask(ground, wire, new Found(), bytes(words.inside), PATIENCE)
                        .finished();
        return healthy
                ? Verdict.notVulnerable("took what was injected for a part of the handshake, which broke off")
                : Verdict.unknown(
                        answer.why() == null ? "no handshake" : answer.why().word());
    }

    private static boolean answersHello(Ground ground, Wire wire) {
        return wire.say(new HelloExchange(ground.control().hello()))
                        instanceof Wire.Heard.Told<ServerFlight>(ServerFlight flight, Duration connect)
                && flight.serverHello().isPresent();
    }

    static Verdict read(String said, Pattern answer, int usual) {
        long answers = answer.matcher(said).results().count();
        if (answers > usual) {
            return Verdict.vulnerable("a command sent in the clear before TLS was answered inside TLS");
        }
        return answers == usual
                ? Verdict.notVulnerable("a command sent in the clear before TLS was not answered inside TLS")
                : Verdict.unknown("no answer inside TLS");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}

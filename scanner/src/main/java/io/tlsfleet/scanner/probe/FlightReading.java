package io.tlsfleet.scanner.probe;

import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.probe.Answer.Chosen;
import io.tlsfleet.scanner.probe.Answer.Hung;
import io.tlsfleet.scanner.probe.Answer.Refused;
import io.tlsfleet.scanner.probe.Answer.Refused.How;
import io.tlsfleet.scanner.probe.Answer.Unclear;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.ServerFlight;
import io.tlsfleet.tls.handshake.ServerMessage;
import io.tlsfleet.tls.handshake.ServerMessage.Alert;
import io.tlsfleet.tls.handshake.ServerMessage.ServerHello;
import io.tlsfleet.tls.handshake.ServerMessage.ServerKeyExchange;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.sslv2.Sslv2Exchange;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** Turns a flight into an {@link Answer}, never rounding what is not clear. */
public final class FlightReading {
    private static final int MOST_OF_A_LINE = 80;

    /** How protocols greet that TLS is asked for in (RFC 5321, 959, 3501, 1939, 3977). */
    private static final Map<String, String> GREETINGS =
            Map.of("220", "smtp or ftp", "* OK", "imap", "+OK", "pop3", "200 ", "nntp", "201 ", "nntp");

    private FlightReading() {}

    public static Answer read(Offer offer, ServerFlight flight) {
        Optional<ServerHello> hello = flight.serverHello();
        if (hello.isPresent()) {
            try {
                return withHello(offer, hello.get(), flight);
            } catch (MalformedMessage e) {
                return new Unclear(Reason.MALFORMED, String.valueOf(e.getMessage()));
            }
        }
        if (Sslv2Exchange.isError(flight.raw())) {
            return new Refused(null, How.ALERT);
        }
        if (flight.unintelligible() != null) {
            String why = String.valueOf(flight.unintelligible());
            return looksLikeTls(flight.raw())
                    ? new Unclear(Reason.MALFORMED, why)
                    : new Unclear(Reason.NOT_TLS, inClear(flight.raw()).orElse(why));
        }
        Optional<Alert> alert = flight.alert();
        if (alert.isPresent() && refuses(alert.get(), flight.ending())) {
            return new Refused(alert.get().description(), How.ALERT);
        }
        return withoutWord(flight);
    }

    private static Answer withHello(Offer offer, ServerHello hello, ServerFlight flight) throws MalformedMessage {
        ProtocolVersion version = hello.version();
        if (!offer.versions().contains(version)) {
            return version.compareTo(offer.versions().getLast()) < 0 && version.code() >= 0x0300
                    ? new Refused(null, How.OLDER_VERSION)
                    : new Unclear(Reason.MALFORMED, "ServerHello with version " + version + ", which was not offered");
        }
        if (!offer.suites().contains(hello.cipherSuite())) {
            return new Unclear(
                    Reason.MALFORMED, "ServerHello with " + hello.cipherSuite().name() + ", which was not offered");
        }
        if (version.equals(ProtocolVersion.TLS_1_3)) {
            NamedGroup group = hello.keyShareGroup().orElse(null);
            return group != null && !offer.groups().contains(group)
                    ? new Unclear(Reason.MALFORMED, "key share of " + group.name() + ", which was not offered")
                    : new Chosen(version, hello.cipherSuite(), group, null, hello, flight);
        }
        return upToTls12(hello, version, flight);
    }

    private static Answer upToTls12(ServerHello hello, ProtocolVersion version, ServerFlight flight)
            throws MalformedMessage {
        if (flight.unintelligible() != null) {
            return new Unclear(Reason.MALFORMED, String.valueOf(flight.unintelligible()));
        }
        if (!flight.isComplete()) {
            Optional<Alert> alert = flight.alert().filter(a -> refuses(a, flight.ending()));
            if (alert.isPresent()) {
                return new Refused(alert.get().description(), How.ALERT);
            }
            // mbed TLS chooses the suite and then finds none of its groups among those on offer
            return switch (flight.ending()) {
                case CLOSED -> new Hung(false, false);
                case RESET -> new Hung(true, false);
                case READ_TIMEOUT, DEADLINE, TOO_MUCH, FINISHED ->
                    new Unclear(reason(flight.ending()), "ServerHello came, its flight did not come whole");
            };
        }
        KeyExchangeParameters parameters = null;
        Optional<ServerKeyExchange> message = flight.first(ServerKeyExchange.class);
        if (message.isPresent()) {
            parameters = KeyExchangeParameters.read(
                    hello.cipherSuite(), version, message.get().body());
        }
        return new Chosen(
                version,
                hello.cipherSuite(),
                parameters == null ? null : parameters.group(),
                parameters,
                hello,
                flight);
    }

    /** A warning is a refusal only where the peer hangs up behind it; close_notify and unrecognized_name never are. */
    private static boolean refuses(Alert alert, Ending ending) {
        int code = alert.description().code();
        if (code == 0) {
            return false;
        }
        boolean hungUp = ending == Ending.CLOSED || ending == Ending.RESET;
        return !alert.isWarning() || hungUp && code != Answer.UNRECOGNIZED_NAME;
    }

    private static Answer withoutWord(ServerFlight flight) {
        boolean closeNotify = flight.first(ServerMessage.Alert.class)
                .filter(FlightReading::isGoodbye)
                .isPresent();
        return switch (flight.ending()) {
            case CLOSED ->
                flight.raw().length == 0 || closeNotify
                        ? new Hung(false, closeNotify)
                        : new Unclear(Reason.CLOSED, "closed in the middle of a record");
            case RESET ->
                flight.raw().length == 0
                        ? new Hung(true, false)
                        : new Unclear(Reason.RESET, "reset in the middle of a record");
            case FINISHED ->
                closeNotify ? new Hung(false, true) : new Unclear(Reason.MALFORMED, "warning alerts and nothing else");
            case READ_TIMEOUT, DEADLINE, TOO_MUCH -> new Unclear(reason(flight.ending()), said(flight));
        };
    }

    /** close_notify: s2n and ngircd refuse with it. */
    public static boolean isGoodbye(ServerMessage.Alert alert) {
        return alert.description().code() == 0;
    }

    public static Reason reason(Ending ending) {
        return switch (ending) {
            case CLOSED -> Reason.CLOSED;
            case RESET -> Reason.RESET;
            case READ_TIMEOUT -> Reason.READ_TIMEOUT;
            case DEADLINE -> Reason.DEADLINE;
            case TOO_MUCH, FINISHED -> Reason.MALFORMED;
        };
    }

    private static String said(ServerFlight flight) {
        return switch (flight.ending()) {
            case READ_TIMEOUT -> "silence";
            case DEADLINE -> flight.raw().length + " bytes came, no whole answer";
            default -> "more bytes than an answer may have";
        };
    }

    /** What a server says that speaks no TLS here, its first line, and which protocol may lead to it; empty where that is no text. */
    private static Optional<String> inClear(byte[] raw) {
        String line =
                new String(raw, StandardCharsets.ISO_8859_1).lines().findFirst().orElse("");
        if (line.length() < 3 || !line.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            return Optional.empty();
        }
        String said = "in the clear: \"" + line.substring(0, Math.min(line.length(), MOST_OF_A_LINE)) + '"';
        return Optional.of(GREETINGS.entrySet().stream()
                .filter(greeting -> line.startsWith(greeting.getKey()))
                .findFirst()
                .map(greeting -> said + "; --starttls " + greeting.getValue() + " may lead to TLS")
                .orElse(said));
    }

    /** A record header of SSL 3.0 or later: content type 20 to 24, major version 3. */
    private static boolean looksLikeTls(byte[] raw) {
        return raw.length >= 2 && raw[0] >= 20 && raw[0] <= 24 && raw[1] == 3;
    }
}

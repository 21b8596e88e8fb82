package io.tlsfleet.scanner.probe;

import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.tls.exchange.ServerFlight;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.ServerMessage;
import io.tlsfleet.tls.registry.AlertDescription;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a flight says to an {@link Offer}. Only {@link Chosen} and {@link Refused} are knowledge. */
public sealed interface Answer {
    /**
     * The server took something of the offer: to TLS 1.2 its flight came whole, in TLS 1.3 it is a ServerHello or a
     * HelloRetryRequest. {@code keyExchange} is null where the suite has none or TLS is 1.3.
     */
    record Chosen(
            ProtocolVersion version,
            CipherSuite suite,
            @Nullable NamedGroup group,
            @Nullable KeyExchangeParameters keyExchange,
            ServerMessage.ServerHello hello,
            ServerFlight flight)
            implements Answer {
        public Optional<byte[]> extension(int type) {
            return hello.extension(type);
        }

        /** wolfSSL's word for no group in common: a HelloRetryRequest that changes nothing (RFC 8446 section 4.1.4 forbids it). */
        public boolean namesNothing() {
            return hello.isHelloRetryRequest()
                    && extension(Extensions.KEY_SHARE).isEmpty()
                    && extension(Extensions.COOKIE).isEmpty();
        }
    }

    /** The server said no: with an alert, by choosing an older version, or, once confirmed, by hanging up. */
    record Refused(@Nullable AlertDescription alert, How how) implements Answer {
        public enum How {
            /** Of TLS, or SSL 2.0's own error, which has no description of TLS. */
            ALERT,
            OLDER_VERSION,
            CLOSED,
            RESET
        }

        /** Not "nothing of this suits me" but "I cannot read this": the same question in another form may be answered. */
        public boolean isProtest() {
            AlertDescription description = alert;
            return description != null
                    && switch (description.code()) {
                        case UNEXPECTED_MESSAGE,
                                RECORD_OVERFLOW,
                                ILLEGAL_PARAMETER,
                                DECODE_ERROR,
                                INTERNAL_ERROR,
                                MISSING_EXTENSION,
                                UNSUPPORTED_EXTENSION -> true;
                        default -> false;
                    };
        }

        public boolean isAlert(int code) {
            AlertDescription description = alert;
            return description != null && description.code() == code;
        }

        /** The version as a whole is meant. */
        public boolean isOfVersion() {
            return how == How.OLDER_VERSION || isAlert(PROTOCOL_VERSION);
        }
    }

    /** The peer hung up without a word, {@code goodbye}: with close_notify alone: perhaps a refusal, perhaps a full house. */
    record Hung(boolean reset, boolean goodbye) implements Answer {
        public Reason reason() {
            return reset ? Reason.RESET : Reason.CLOSED;
        }
    }

    /** No knowledge, and why. */
    record Unclear(Reason reason, String detail) implements Answer {}

    int UNEXPECTED_MESSAGE = 10;
    int RECORD_OVERFLOW = 22;
    int ILLEGAL_PARAMETER = 47;
    int DECODE_ERROR = 50;
    int PROTOCOL_VERSION = 70;
    int INTERNAL_ERROR = 80;
    int MISSING_EXTENSION = 109;
    int UNSUPPORTED_EXTENSION = 110;
    int UNRECOGNIZED_NAME = 112;
    int UNKNOWN_PSK_IDENTITY = 115;
    int NO_APPLICATION_PROTOCOL = 120;
}

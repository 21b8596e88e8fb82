package io.tlsfleet.tls.sslv2;

import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.registry.AlertDescription;
import io.tlsfleet.tls.registry.CipherSuite;
import java.util.List;

/** What came back to an SSL 2.0 hello. Most servers of today answer it with an alert of TLS. */
public sealed interface Sslv2Answer {
    /** SERVER-HELLO (section 5.5.2): the version is spoken, even where the list of ciphers is empty. */
    record ServerHello(int version, int certificateType, byte[] certificate, List<CipherSuite> ciphers)
            implements Sslv2Answer {}

    /** SSL 2.0's own error (section 5.5.4): spoken too, 1 is "no cipher". */
    record Sslv2Error(int code) implements Sslv2Answer {}

    /** An alert in a record of SSL 3.0 or TLS. */
    record TlsAlert(int level, AlertDescription description) implements Sslv2Answer {}

    /** Nothing, or a part of an answer, and then the end. */
    record None(Ending how, int bytes) implements Sslv2Answer {}

    /** Bytes that are neither SSL 2.0 nor an alert; {@code part} says what was wrong with them. */
    record Unintelligible(String part) implements Sslv2Answer {}
}

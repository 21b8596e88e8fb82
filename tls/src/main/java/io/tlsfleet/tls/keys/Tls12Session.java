package io.tlsfleet.tls.keys;

import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** What a handshake below TLS 1.3 leaves for the next: a session id, a ticket (RFC 5077), either may be empty. */
public record Tls12Session(
        ProtocolVersion version,
        CipherSuite suite,
        byte[] masterSecret,
        byte[] sessionId,
        byte[] ticket,
        long ticketLifetimeSeconds,
        boolean extendedMasterSecret) {
    private static final int KEY_NAME = 16;

    /** The first 16 bytes of the ticket in hex, which RFC 5077 section 4 recommends for the name of its key. */
    public Optional<String> ticketKeyName() {
        return ticket.length < KEY_NAME
                ? Optional.empty()
                : Optional.of(HexFormat.of().formatHex(Arrays.copyOf(ticket, KEY_NAME)));
    }
}

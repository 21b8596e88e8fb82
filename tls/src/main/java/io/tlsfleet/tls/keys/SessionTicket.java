package io.tlsfleet.tls.keys;

import io.tlsfleet.tls.registry.CipherSuite;

/** A ticket of TLS 1.3 with the PSK that it stands for (RFC 8446 section 4.6.1). {@code maxEarlyDataSize} 0: none is welcome. */
public record SessionTicket(
        CipherSuite suite, byte[] psk, byte[] ticket, long lifetimeSeconds, long ageAdd, long maxEarlyDataSize) {}

package io.tlsfleet.tls.handshake;

import io.tlsfleet.tls.registry.NamedGroup;

/** A public value for a group (RFC 8446 section 4.2.8). */
public record KeyShareEntry(NamedGroup group, byte[] keyExchange) {}

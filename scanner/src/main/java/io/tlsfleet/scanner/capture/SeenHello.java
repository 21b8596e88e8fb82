package io.tlsfleet.scanner.capture;

import io.tlsfleet.tls.fingerprint.Transport;
import java.util.List;

/**
 * A hello that was seen: its body without the handshake header, and the frame that completed it. {@code certificates}
 * is the chain that followed a ServerHello in clear (TLS 1.2 and below), DER.
 */
public record SeenHello(int frame, boolean client, Transport transport, byte[] body, List<byte[]> certificates) {}

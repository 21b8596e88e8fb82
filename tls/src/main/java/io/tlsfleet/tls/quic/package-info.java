/**
 * QUIC as far as a TLS hello needs it (RFC 9000, RFC 9001, RFC 9369): Initial packets, whose keys everyone can derive,
 * opened and sealed, and the CRYPTO stream in them put together. Datagrams in, handshake bytes out; no sockets.
 */
@NullMarked
package io.tlsfleet.tls.quic;

import org.jspecify.annotations.NullMarked;

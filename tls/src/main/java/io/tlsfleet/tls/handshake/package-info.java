/**
 * Handshake messages as values (RFC 5246 section 7, RFC 8446 section 4). Decodes first and never judges: a
 * strange server is to be seen, not refused. Knows no keys and no sockets.
 */
@NullMarked
package io.tlsfleet.tls.handshake;

import org.jspecify.annotations.NullMarked;

/**
 * Bytes in, values out. A bounds-checked reader and a writer in the presentation language of TLS (RFC 8446 section 3).
 * Knows lengths and byte order, nothing of TLS messages. Everything a peer can get wrong ends in {@link
 * io.tlsfleet.tls.wire.MalformedMessage}, nothing else.
 */
@NullMarked
package io.tlsfleet.tls.wire;

import org.jspecify.annotations.NullMarked;

/**
 * Records of SSL 3.0 to TLS 1.3 (RFC 8446 section 5.1): bytes in any chunks go in, whole records and whole
 * handshake messages come out, within limits that a hostile server cannot stretch.
 */
@NullMarked
package io.tlsfleet.tls.record;

import org.jspecify.annotations.NullMarked;

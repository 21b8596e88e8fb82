/**
 * The key schedules and record protection of TLS 1.2 and 1.3 (RFC 5246 sections 5 and 6.3, RFC 8446 sections
 * 5.2 and 7), key shares that are made once per process because nothing secret is ever sent, and handshakes
 * finished with them.
 */
@NullMarked
package io.tlsfleet.tls.keys;

import org.jspecify.annotations.NullMarked;

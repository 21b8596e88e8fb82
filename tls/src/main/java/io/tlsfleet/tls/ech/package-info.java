/**
 * Encrypted Client Hello (RFC 9849) from the client's side: the configurations that a name announces in, a hello whose true
 * content only that server can read out, and whether the answer shows that it did. HPKE (RFC 9180) is Bouncy Castle's. No
 * sockets, and no word on what an answer means for the server.
 */
@NullMarked
package io.tlsfleet.tls.ech;

import org.jspecify.annotations.NullMarked;

/**
 * Questions of one hello, and what the server's flight answers to them. An {@link io.tlsfleet.scanner.probe.Offer} becomes a
 * ClientHello; a {@link io.tlsfleet.tls.exchange.ServerFlight} becomes an {@link io.tlsfleet.scanner.probe.Answer}. Knows no
 * sockets, no clock and no Vert.x; what to ask next is {@code plan}'s.
 */
@NullMarked
package io.tlsfleet.scanner.probe;

import org.jspecify.annotations.NullMarked;

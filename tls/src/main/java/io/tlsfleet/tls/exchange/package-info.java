/**
 * Conversations without sockets: what to send, what came back, when it is over. The connect room of the scanner
 * gives them a socket; tests give them bytes.
 */
@NullMarked
package io.tlsfleet.tls.exchange;

import org.jspecify.annotations.NullMarked;

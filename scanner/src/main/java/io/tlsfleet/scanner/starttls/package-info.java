/**
 * What must be said before TLS begins on ports that begin in plain text: sixteen protocols, each a small dialogue without a
 * socket, around the conversation that is wanted. A refusal, an odd answer and bytes slipped in behind the server's consent
 * are told apart. Knows no probe and no network.
 */
@NullMarked
package io.tlsfleet.scanner.starttls;

import org.jspecify.annotations.NullMarked;

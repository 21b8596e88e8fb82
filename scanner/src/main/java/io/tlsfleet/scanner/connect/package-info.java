/**
 * The only place that dials endpoints: a {@link io.tlsfleet.tls.exchange.Conversation} and a resolved address come in, a
 * {@link io.tlsfleet.scanner.connect.Talk} comes out, always, within its limits. Owns the address gate, deadlines, byte
 * caps, the reset at the end and politeness towards a host. Bytes are handled on the event loop; nothing here decides
 * what to ask, or knows what an answer means.
 */
@NullMarked
package io.tlsfleet.scanner.connect;

import org.jspecify.annotations.NullMarked;

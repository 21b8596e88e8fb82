/**
 * Who must know is told: events of ingest become alerts, one for each cause; alerts become notices by route, silence and
 * stage; notices leave through the outbox, each receiver in its own manner. The only room of the api with sockets out, and
 * every address passes the gate.
 */
@NullMarked
package io.tlsfleet.api.notify;

import org.jspecify.annotations.NullMarked;

/**
 * What clients talk to the estate, and who of them would be lost by a change: batches of sightings or log lines in, counts
 * and simulated handshakes out. Knows no HTTP.
 */
@NullMarked
package io.tlsfleet.api.clients;

import org.jspecify.annotations.NullMarked;

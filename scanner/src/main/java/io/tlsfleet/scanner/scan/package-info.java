/**
 * One endpoint, asked from the first hello to the last, as a plain loop on a virtual thread: plan says what to offer, connect
 * carries it, probe reads the answer, and what is known becomes an {@link io.tlsfleet.fleet.observation.Observation}. The only
 * room that awaits. Keeps no state between scans and holds no opinion.
 */
@NullMarked
package io.tlsfleet.scanner.scan;

import org.jspecify.annotations.NullMarked;

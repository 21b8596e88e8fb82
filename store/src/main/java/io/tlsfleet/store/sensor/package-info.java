/**
 * The clients that talk to the estate: counts of fingerprints per day and server, never an address. Sightings in, sums of
 * the last thirty days out; what was seen fewer than five times is told only as a number of fingerprints.
 */
@NullMarked
package io.tlsfleet.store.sensor;

import org.jspecify.annotations.NullMarked;

/**
 * The worker's loop: leases in, scans beside each other in two lanes, results out. Knows where leases come from only by
 * the interface; a source that is away is asked again and loses nothing.
 */
@NullMarked
package io.tlsfleet.launcher.work;

import org.jspecify.annotations.NullMarked;

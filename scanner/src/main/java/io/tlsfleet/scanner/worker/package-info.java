/**
 * Leases in, observations out, for as long as the process lives. Joins {@code scan} with a lease source and knows neither where
 * leases come from nor what becomes of results.
 */
@NullMarked
package io.tlsfleet.scanner.worker;

import org.jspecify.annotations.NullMarked;

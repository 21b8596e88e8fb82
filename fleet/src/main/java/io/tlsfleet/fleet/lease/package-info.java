/**
 * The right to scan an endpoint until a time: the one interface between a worker and whoever hands out work, be
 * it the database or an API over HTTPS.
 */
@NullMarked
package io.tlsfleet.fleet.lease;

import org.jspecify.annotations.NullMarked;

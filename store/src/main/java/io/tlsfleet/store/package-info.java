/**
 * The only SQL in the product: PostgreSQL as queue, system of record and change log. Observations and operators' words
 * come in, leases and answers to questions go out. Every call here blocks and belongs on a virtual thread; the driver
 * beneath is Vert.x' own. It judges nothing (the judge is handed in) and opens no other sockets.
 */
@NullMarked
package io.tlsfleet.store;

import org.jspecify.annotations.NullMarked;

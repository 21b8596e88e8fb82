/**
 * A PostgreSQL of our own for {@code up}: in comes a data directory, out comes the address and password of a running
 * cluster that keeps what was committed. Knows nothing of what is stored in it. No shell is ever involved.
 */
@NullMarked
package io.tlsfleet.launcher.postgres;

import org.jspecify.annotations.NullMarked;

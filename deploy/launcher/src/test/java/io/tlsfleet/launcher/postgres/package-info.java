/** Tests of the embedded PostgreSQL, against the real one. */
@NullMarked
package io.tlsfleet.launcher.postgres;

import org.jspecify.annotations.NullMarked;

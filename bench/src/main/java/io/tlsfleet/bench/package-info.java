/** Mains that measure the product against a database that is handed to them, and print one line a number. */
@NullMarked
package io.tlsfleet.bench;

import org.jspecify.annotations.NullMarked;

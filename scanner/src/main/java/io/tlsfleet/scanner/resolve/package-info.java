/**
 * Names to addresses, by the system or by a resolver that was named. What comes out is what is dialled: the address gate sees
 * these addresses, and nobody looks a name up again.
 */
@NullMarked
package io.tlsfleet.scanner.resolve;

import org.jspecify.annotations.NullMarked;

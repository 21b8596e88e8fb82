/**
 * What a server that was observed would choose for a client: a report and an offer in, a selection or the reason why none
 * out. Pure. What was never learnt of a server makes the outcome unknown, not a failure.
 */
@NullMarked
package io.tlsfleet.fleet.simulate;

import org.jspecify.annotations.NullMarked;

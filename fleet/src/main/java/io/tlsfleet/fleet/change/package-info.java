/**
 * What differs between two observations of one endpoint, and what makes two observations the same. Only facts that both
 * scans asked and were answered are compared: a fact that is unknown today has not changed. Pure.
 */
@NullMarked
package io.tlsfleet.fleet.change;

import org.jspecify.annotations.NullMarked;

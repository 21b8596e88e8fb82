/**
 * What Prometheus is told: counts of the estate, read from the database when asked; closed label sets are there from the
 * start at zero, names and owners are bounded and escaped.
 */
@NullMarked
package io.tlsfleet.api.metrics;

import org.jspecify.annotations.NullMarked;

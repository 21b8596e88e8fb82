/**
 * What people and scripts are shown: an observation with its judgement, and the forms it is written in. A report comes
 * from {@code fleet.policy}; text, NDJSON, CSV, SARIF, JUnit, HTML and Prometheus go out as strings. Pure: no I/O, no
 * clock, no opinion of its own. A peer's bytes are escaped wherever they are shown.
 */
@NullMarked
package io.tlsfleet.fleet.report;

import org.jspecify.annotations.NullMarked;

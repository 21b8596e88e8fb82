/**
 * Targets as they come in over HTTP: JSON objects, CSV and NDJSON become targets, or errors that name the field and the
 * line.
 */
@NullMarked
package io.tlsfleet.api.inventory;

import org.jspecify.annotations.NullMarked;

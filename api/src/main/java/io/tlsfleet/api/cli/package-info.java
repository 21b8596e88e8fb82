/** Commands that speak to the API or read inventories for it: options in, text or NDJSON on standard output. */
@NullMarked
package io.tlsfleet.api.cli;

import org.jspecify.annotations.NullMarked;

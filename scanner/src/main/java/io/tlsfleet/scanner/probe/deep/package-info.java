/**
 * What depth {@code full} asks beyond enumeration: one probe a file, each a few connections and a pure reading of what came
 * back. A {@link io.tlsfleet.scanner.probe.deep.Wire} lends the connections; nothing here knows sockets or a clock of its
 * own. {@link io.tlsfleet.scanner.probe.deep.Deep} is the list of all probes, in their order.
 */
@NullMarked
package io.tlsfleet.scanner.probe.deep;

import org.jspecify.annotations.NullMarked;

/**
 * What ends with time: weeks of history are dropped, client fingerprints go after thirty days, an acceptance that ran out
 * opens its finding again. Once a day the estate is counted for the curves of the first page. Any process may do it; one
 * at a time does.
 */
@NullMarked
package io.tlsfleet.store.retention;

import org.jspecify.annotations.NullMarked;

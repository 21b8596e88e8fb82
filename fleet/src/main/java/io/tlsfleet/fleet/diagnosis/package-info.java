/**
 * Why a handshake fails, in an operator's words: from a report of one endpoint, or from the log lines of servers and
 * clients. Facts or lines come in, causes with what to do go out. Pure.
 */
@NullMarked
package io.tlsfleet.fleet.diagnosis;

import org.jspecify.annotations.NullMarked;

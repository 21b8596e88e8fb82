/**
 * How the product logs: to stderr, one line an event, as text or JSON, nothing but warnings unless a command asks for
 * more. What a peer sent is escaped here, whatever the caller did. Set up in code: reading a configuration file would
 * take longer than a scan.
 */
@NullMarked
package io.tlsfleet.launcher.logging;

import org.jspecify.annotations.NullMarked;

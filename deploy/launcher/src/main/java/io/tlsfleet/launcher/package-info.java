/**
 * The one main. In come the words of the command line; out goes a scanner, a store and an API wired together by hand.
 * The only place that sees all rooms, and the only one that asks the clock.
 */
@NullMarked
package io.tlsfleet.launcher;

import org.jspecify.annotations.NullMarked;

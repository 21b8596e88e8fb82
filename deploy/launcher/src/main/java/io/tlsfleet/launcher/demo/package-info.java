/**
 * The demo estate: sixteen TLS servers on loopback, good and bad on purpose, in a JVM of their own, because JSSE's
 * disabled lists are cleared for the whole process. In comes a directory for keys, out come addresses; it lives as long
 * as whoever started it. Bouncy Castle's TLS is used here and nowhere else in the product.
 */
@NullMarked
package io.tlsfleet.launcher.demo;

import org.jspecify.annotations.NullMarked;

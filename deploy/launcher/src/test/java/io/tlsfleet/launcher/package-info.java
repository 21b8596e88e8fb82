/** Tests of the launcher, most of them with whole processes. */
@NullMarked
package io.tlsfleet.launcher;

import org.jspecify.annotations.NullMarked;

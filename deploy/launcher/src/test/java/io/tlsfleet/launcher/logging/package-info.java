/** Tests of how lines look. */
@NullMarked
package io.tlsfleet.launcher.logging;

import org.jspecify.annotations.NullMarked;

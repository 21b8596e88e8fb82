/** Renewal information asked of a peer that answers as RFC 9773 has it, and what comes of it in the store. */
@NullMarked
package io.tlsfleet.launcher.renewal;

import org.jspecify.annotations.NullMarked;

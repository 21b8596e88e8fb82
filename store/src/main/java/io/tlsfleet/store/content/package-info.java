/**
 * Observations by content: an observation goes in and comes apart into what the TLS stack is set to, the chains it
 * served and the rest, each kept once under the SHA-256 of its canonical form; the same observation comes out again. It
 * does not know endpoints or findings.
 */
@NullMarked
package io.tlsfleet.store.content;

import org.jspecify.annotations.NullMarked;

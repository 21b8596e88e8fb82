/**
 * JA3, JA3S, JA4 and JARM, pure and streaming: hellos in, fingerprints with their text out.
 */
@NullMarked
package io.tlsfleet.tls.fingerprint;

import org.jspecify.annotations.NullMarked;

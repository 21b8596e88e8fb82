/**
 * JA4S and JA4X (FoxIO License 1.1, see NOTICE): hello or certificate bytes in, fingerprints out. Nothing in the product
 * depends on this package; it plugs into {@link io.tlsfleet.tls.fingerprint.Ja4Plus}.
 */
@NullMarked
package io.tlsfleet.ja4plus;

import org.jspecify.annotations.NullMarked;

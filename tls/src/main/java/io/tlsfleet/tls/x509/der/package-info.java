/**
 * DER as it comes (X.690): a tolerant, bounds-checked view of an array. Reads what DER forbids where the meaning is
 * clear, and says so; everything else ends in {@link io.tlsfleet.tls.wire.MalformedMessage}. Nothing is copied and
 * nothing is parsed before it is asked for, so a deep or wide element costs nothing.
 */
@NullMarked
package io.tlsfleet.tls.x509.der;

import org.jspecify.annotations.NullMarked;

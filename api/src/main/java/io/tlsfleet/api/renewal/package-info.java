/**
 * When issuers want their certificates replaced: ACME renewal information (RFC 9773), asked for what is served and comes of
 * an issuer whose ACME directory is known. Kept by the store, judged by {@code fleet.policy}; unauthenticated, past the
 * address gate, and no more often than the issuer says.
 */
@NullMarked
package io.tlsfleet.api.renewal;

import org.jspecify.annotations.NullMarked;

/**
 * Certificates, chains, staples and revocation lists as values, read by a tolerant DER reader of ours; paths
 * and verdicts by Bouncy Castle's algorithms. No I/O: bytes and an instant come in, facts and reasons go out.
 */
@NullMarked
package io.tlsfleet.tls.x509;

import org.jspecify.annotations.NullMarked;

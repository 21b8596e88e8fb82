/**
 * What certificates point to: issuers by AIA, OCSP responses, CRLs. Plain HTTP over the scanner's own connector, so that
 * every address passes the one gate and every byte is counted; answers are kept until they run out. Knows where things
 * lie and how they are asked for; what they say is judged in {@code tls.x509}.
 */
@NullMarked
package io.tlsfleet.scanner.fetch;

import org.jspecify.annotations.NullMarked;

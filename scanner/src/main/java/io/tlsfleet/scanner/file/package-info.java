/**
 * Certificates that lie in files: PEM, DER, PKCS#7, PKCS#12 and JKS come in, observations go out. Reads only under the
 * directories it was given, and of a keystore the certificates alone; knows no network.
 */
@NullMarked
package io.tlsfleet.scanner.file;

import org.jspecify.annotations.NullMarked;

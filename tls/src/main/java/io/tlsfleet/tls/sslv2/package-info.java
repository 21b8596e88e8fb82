/**
 * SSL 2.0's own records and hello (draft-hickman-netscape-ssl-00): asks whether it is spoken and with which
 * ciphers.
 */
@NullMarked
package io.tlsfleet.tls.sslv2;

import org.jspecify.annotations.NullMarked;

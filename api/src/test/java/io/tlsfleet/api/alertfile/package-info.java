/** Tests of alerting as a file. */
@NullMarked
package io.tlsfleet.api.alertfile;

import org.jspecify.annotations.NullMarked;

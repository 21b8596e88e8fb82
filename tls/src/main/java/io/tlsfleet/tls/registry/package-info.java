/**
 * The code points of TLS and what is known of them: records around a number, so that an unknown number survives, is
 * compared by number and shown in hex. Tables are data files in the resources, each with its source in its head.
 */
@NullMarked
package io.tlsfleet.tls.registry;

import org.jspecify.annotations.NullMarked;

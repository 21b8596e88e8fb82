/**
 * The HTTP edge: a request comes in, an answer or a problem document goes out. Bytes are read on the event loop, routes
 * run on virtual threads as plain code. Knows every other room of this module; none knows it.
 */
@NullMarked
package io.tlsfleet.api.http;

import org.jspecify.annotations.NullMarked;

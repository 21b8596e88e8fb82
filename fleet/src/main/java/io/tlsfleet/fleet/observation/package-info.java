/**
 * All outcomes of one scan of one endpoint: facts and bytes, no opinion. Written by the scanner, judged by the
 * policy room, kept by the store.
 */
@NullMarked
package io.tlsfleet.fleet.observation;

import org.jspecify.annotations.NullMarked;

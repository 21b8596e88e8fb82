/**
 * The one JSON of the product: observations, reports, targets and findings in, text out, and back. The only room of
 * this module that knows Jackson; how each value looks is written here, so that the values themselves stay plain.
 */
@NullMarked
package io.tlsfleet.fleet.json;

import org.jspecify.annotations.NullMarked;

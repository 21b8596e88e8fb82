/**
 * Questions that pages and scripts ask: a filter in, a page of values out, in the words of the HTTP API. Reads only;
 * every list is walked by keyset, so that its last page costs what the first did.
 */
@NullMarked
package io.tlsfleet.store.query;

import org.jspecify.annotations.NullMarked;

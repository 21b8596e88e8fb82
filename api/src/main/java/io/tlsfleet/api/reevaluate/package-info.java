/**
 * Stored facts judged again for the whole fleet: now, after a policy changed, or as of a day that is to come. Nothing is
 * scanned, and nothing is written that the ingest's own judge did not say.
 */
@NullMarked
package io.tlsfleet.api.reevaluate;

import org.jspecify.annotations.NullMarked;

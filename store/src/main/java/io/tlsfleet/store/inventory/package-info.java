/**
 * The operator's words: targets in, one by one or as a stream of a hundred thousand, each with its endpoint and its place
 * in the schedule. The same target given again is updated, never doubled. It knows nothing of what scans found.
 */
@NullMarked
package io.tlsfleet.store.inventory;

import org.jspecify.annotations.NullMarked;

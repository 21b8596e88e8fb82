/**
 * What happens, as it happens: hints of the database become server-sent events for every page that listens.
 */
@NullMarked
package io.tlsfleet.api.live;

import org.jspecify.annotations.NullMarked;

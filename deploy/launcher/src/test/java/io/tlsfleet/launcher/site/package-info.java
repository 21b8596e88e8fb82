/** A site that has no database: its workers and the API, over HTTP. */
@NullMarked
package io.tlsfleet.launcher.site;

import org.jspecify.annotations.NullMarked;

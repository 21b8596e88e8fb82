@NullMarked
package io.tlsfleet.store.ingest;

import org.jspecify.annotations.NullMarked;

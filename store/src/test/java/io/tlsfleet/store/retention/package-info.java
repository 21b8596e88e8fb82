@NullMarked
package io.tlsfleet.store.retention;

import org.jspecify.annotations.NullMarked;

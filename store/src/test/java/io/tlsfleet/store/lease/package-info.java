@NullMarked
package io.tlsfleet.store.lease;

import org.jspecify.annotations.NullMarked;

@NullMarked
package io.tlsfleet.store.inventory;

import org.jspecify.annotations.NullMarked;

@NullMarked
package io.tlsfleet.store.site;

import org.jspecify.annotations.NullMarked;

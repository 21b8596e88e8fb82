/** What must survive: a worker killed amid a batch, a database that crashes, goes away, or hangs. */
@NullMarked
package io.tlsfleet.store.survival;

import org.jspecify.annotations.NullMarked;

/** Tests against a real PostgreSQL, one instance a run; each test class has a database of its own. */
@NullMarked
package io.tlsfleet.store;

import org.jspecify.annotations.NullMarked;

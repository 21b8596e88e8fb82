/** The application: one class that wires HTTP, metrics, live events and alerting to a database. */
@NullMarked
package io.tlsfleet.api;

import org.jspecify.annotations.NullMarked;

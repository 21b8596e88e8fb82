/**
 * Alerts and the outbox in SQL: events that ingest left behind become instances, one for each rule and cause; instances
 * become notifications, one queue a receiver, leased like work and fenced like it. What to tell whom is decided elsewhere.
 */
@NullMarked
package io.tlsfleet.store.alert;

import org.jspecify.annotations.NullMarked;

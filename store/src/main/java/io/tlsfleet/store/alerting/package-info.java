/**
 * Who must know: what people acknowledged, receivers, routes and silences, alerts by cause, and the outbox from which
 * notices are sent, one queue a receiver.
 */
@NullMarked
package io.tlsfleet.store.alerting;

import org.jspecify.annotations.NullMarked;

/**
 * Who may ask, and who did what: tokens and sessions by their SHA-256, and the audit log, which is only ever appended to
 * and whose lines are chained by hash.
 */
@NullMarked
package io.tlsfleet.store.access;

import org.jspecify.annotations.NullMarked;

/**
 * Results in: a lease's observations are judged by whoever the caller hands in and kept in one transaction with what
 * follows from them: certificates, findings, changes, what people must be told, and the next time. What is as it was
 * costs two narrow updates and no history. Whoever scanned, this runs beside the database.
 */
@NullMarked
package io.tlsfleet.store.ingest;

import org.jspecify.annotations.NullMarked;

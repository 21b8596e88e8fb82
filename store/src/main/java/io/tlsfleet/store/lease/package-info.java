/**
 * Who may scan what until when: leases out of the schedule in batches, renewed, given back, and ended by a completion
 * that shows the lease's token. The schedule's table is touched here and by the ingest alone. Times are the database's.
 */
@NullMarked
package io.tlsfleet.store.lease;

import org.jspecify.annotations.NullMarked;

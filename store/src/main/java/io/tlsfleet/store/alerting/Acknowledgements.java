package io.tlsfleet.store.alerting;

import io.tlsfleet.store.Sql;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** That someone knows of a finding, why that is so, and until when. */
public final class Acknowledgements {
    private final Sql sql;

    public Acknowledgements(Sql sql) {
        this.sql = sql;
    }

    public void acknowledge(List<Long> findings, String by, String reason, @Nullable Instant until) {
        sql.change("""
                UPDATE finding SET state = 'acknowledged', ack_by = $2, ack_reason = $3, ack_until = $4, ack_at = now()
                WHERE id = ANY ($1) AND state <> 'resolved'""", findings, by, reason, until);
    }

    public void takeBack(List<Long> findings) {
        sql.change("""
                UPDATE finding SET state = 'open', ack_by = NULL, ack_reason = NULL, ack_until = NULL, ack_at = NULL
                WHERE id = ANY ($1) AND state = 'acknowledged'""", findings);
    }

    /** Those whose time is over are open again; answers how many. */
    public int end() {
        return sql.change("""
                UPDATE finding SET state = 'open', ack_by = NULL, ack_reason = NULL, ack_until = NULL, ack_at = NULL
                WHERE state = 'acknowledged' AND ack_until < now()""");
    }
}

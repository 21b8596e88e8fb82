package io.tlsfleet.store.ingest;

import io.tlsfleet.fleet.lease.LeaseSource.Completed;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.store.Sql;
import io.tlsfleet.store.content.Contents;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Scans that say what is known of the addresses that the scan before them asked: most of a fleet. One statement for a batch
 * compares, shows the tokens and makes them due again, and writes nothing but their rows in {@code schedule}; when those
 * addresses were last seen is read off there ({@code address_now}). Whatever differs in anything is left to others: a
 * judgement that ran out, another depth, an address more or less, a scan that somebody asked for.
 */
final class Repeats {
    private final Touch touch = new Touch();
    private final List<String> said = new ArrayList<>();

    /** It may be one: all that it shows was seen before, of whatever endpoint. */
    void add(Completed completed, List<Result> results, Contents contents) {
        List<String> all = new ArrayList<>(results.size());
        for (Result result : results) {
            Optional<Contents.Kept> kept = result.reached() ? contents.known(result.parts()) : Optional.empty();
            if (result.reached() && kept.isEmpty()) {
                return;
            }
            Observation.Scan scan = result.observation().scan();
            String reason = result.reason();
            all.add(result.address()
                    + ' '
                    + scan.depth().word()
                    + ' '
                    + scan.outcome().word()
                    + (reason == null ? "" : ' ' + reason)
                    + kept.map(k -> " " + k.observation()).orElse(""));
        }
        if (!all.isEmpty()) {
            all.sort(null);
            said.add(String.join(",", all));
            touch.ended(completed.endpointId(), completed.token(), results);
            touch.ticketKeys(completed.endpointId(), results);
        }
    }

    boolean isEmpty() {
        return said.isEmpty();
    }

    /** The endpoints that were: their results are kept. */
    Set<Long> write(Sql sql, int site) {
        List<Object> more = new ArrayList<>(List.of(site, said));
        boolean sighted = touch.sighted(more);
        Long[] repeated = sql.one(sighted ? REPEATED_AND_SIGHTED : REPEATED + WHICH, touch.parameters(more))
                .getArrayOfLongs("endpoints");
        return repeated == null ? Set.of() : Set.of(repeated);
    }

    private static final String REPEATED = "WITH repeated AS (" + Touch.DUE_AGAIN + " repeats = s.repeats + 1 "
            + Touch.of(", $10::text[]", ", said") + """
            WHERE s.endpoint_id = u.endpoint_id AND s.lease_token = u.token AND s.site_id = $9
              AND u.said = (SELECT string_agg(concat_ws(' ', a.address, a.depth, a.outcome, a.reason,
                  CASE WHEN a.outcome IN ('complete', 'partial') THEN a.observation_id END), ',' ORDER BY a.address COLLATE "C")
                FROM address a WHERE a.endpoint_id = s.endpoint_id AND a.last_at = s.written_at HAVING min(a.judged_until) > now())
              AND NOT EXISTS (SELECT 1 FROM scan_request q WHERE q.endpoint_id = s.endpoint_id AND q.lease_token = u.token)
            RETURNING s.endpoint_id)""";
    private static final String WHICH = " SELECT array_agg(endpoint_id) AS endpoints FROM repeated";
    private static final String REPEATED_AND_SIGHTED = REPEATED + ", sighted AS ("
            + Touch.SIGHTED.formatted(
                    "unnest($11::bigint[], $12::text[]) AS u(endpoint_id, name) JOIN repeated USING (endpoint_id)")
            + ")" + WHICH;
}

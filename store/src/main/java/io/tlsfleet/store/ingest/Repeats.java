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
    private final List<Integer> addresses = new ArrayList<>();

    /** It may be one: all that it shows was seen before, of whatever endpoint. */
    void add(Completed completed, List<Result> results, Contents contents) {
        StringBuilder all = new StringBuilder();
        for (Result result : results) {
            Optional<Contents.Kept> kept = result.reached() ? contents.known(result.parts()) : Optional.empty();
            if (result.reached() && kept.isEmpty()) {
                return;
            }
            Observation.Scan scan = result.observation().scan();
            all.append(',').append(result.address());
            all.append(' ').append(scan.depth().word());
            all.append(' ').append(scan.outcome().word());
            if (result.reason() != null) {
                all.append(' ').append(result.reason());
            }
            kept.ifPresent(k -> all.append(' ').append(k.observation()));
            all.append(',');
        }
        if (!results.isEmpty()) {
            said.add(all.toString());
            addresses.add(results.size());
            touch.ended(completed.endpointId(), completed.token(), results);
            touch.ticketKeys(completed.endpointId(), results);
        }
    }

    boolean isEmpty() {
        return said.isEmpty();
    }

    /** The endpoints that were: their results are kept. */
    Set<Long> write(Sql sql, int site) {
        List<Object> more = new ArrayList<>(List.of(site, said, addresses));
        boolean sighted = touch.sighted(more);
        Long[] repeated = sql.one(sighted ? REPEATED_AND_SIGHTED : REPEATED + WHICH, touch.parameters(more))
                .getArrayOfLongs("endpoints");
        return repeated == null ? Set.of() : Set.of(repeated);
    }

    private static final String REPEATED = "WITH repeated AS (" + Touch.DUE_AGAIN + " repeats = s.repeats + 1 "
            + Touch.of(", $10::text[], $11::int[]", ", said, addresses") + """
            WHERE s.endpoint_id = u.endpoint_id AND s.lease_token = u.token AND s.site_id = $9
              AND (SELECT count(*) = u.addresses AND bool_and(a.judged_until > now()
                  AND strpos(u.said, concat(',', concat_ws(' ', a.address, a.depth, a.outcome, a.reason,
                    CASE WHEN a.outcome IN ('complete', 'partial') THEN a.observation_id END), ',')) > 0)
                FROM address a WHERE a.endpoint_id = s.endpoint_id AND a.last_at = s.written_at)
              AND NOT EXISTS (SELECT 1 FROM scan_request q WHERE q.endpoint_id = s.endpoint_id AND q.lease_token = u.token)
            RETURNING s.endpoint_id)""";
    private static final String WHICH =
            " SELECT array_agg(endpoint_id) AS endpoints, set_config('synchronous_commit', 'off', true) FROM repeated";
    private static final String REPEATED_AND_SIGHTED = REPEATED + ", sighted AS ("
            + Touch.SIGHTED.formatted(
                    "unnest($12::bigint[], $13::text[]) AS u(endpoint_id, name) JOIN repeated USING (endpoint_id)")
            + ")" + WHICH;
}

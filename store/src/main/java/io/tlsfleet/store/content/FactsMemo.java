package io.tlsfleet.store.content;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Facts that were taken apart a moment ago: a fleet has few settings and many endpoints, and equal facts have equal parts.
 * Comparing them costs a tenth of writing them as JSON and hashing that. Whatever is not equal member by member is taken
 * apart anew, so that a miss is only slow.
 */
final class FactsMemo {
    private static final int MOST = 1_000;
    private static final Observation.Endpoint NOWHERE = new Observation.Endpoint("-", null, 1, null, null);
    private static final Observation.Scan NEVER =
            new Observation.Scan(Instant.EPOCH, 0, Depth.STANDARD, Outcome.COMPLETE, 0, 0, 0, 0, "-", null, null);

    private final Map<Key, Facts> known = new LinkedHashMap<>(MOST, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Facts> eldest) {
            return size() > MOST;
        }
    };

    /** All but the chains, which are hashed as bytes, and what every scan has of its own. */
    record Facts(@Nullable Piece configuration, Piece rest, List<String> ticketKeys, String known) {}

    /** {@code chains}: -1 not asked, 0 none seen, 1 some: what is known of certificates hangs on it. */
    private record Key(Observation facts, int chains) {
        /** Of what tells fleets' settings apart: hashing all of it costs more than comparing it. */
        @Override
        public int hashCode() {
            int hash = Objects.hash(facts.negotiated(), facts.resumption(), facts.fingerprints());
            Map<String, Observation.Suites> suites = facts.cipherSuites();
            if (suites != null) {
                for (Observation.Suites some : suites.values()) {
                    List<Observation.CodePoint> list = some.suites();
                    hash += list == null || list.isEmpty()
                            ? 1
                            : list.size() * Objects.hashCode(list.getFirst()) + Objects.hashCode(list.getLast());
                }
            }
            return hash;
        }
    }

    Facts of(Observation o, Supplier<Facts> apart) {
        Key key = new Key(
                new Observation(
                        NOWHERE,
                        NEVER,
                        o.negotiated(),
                        o.coverage(),
                        o.protocols(),
                        o.cipherSuites(),
                        o.groups(),
                        o.finiteFieldDh(),
                        o.signatureSchemes(),
                        null,
                        o.alpn(),
                        o.sni(),
                        o.resumption(),
                        o.clientAuthentication(),
                        o.features(),
                        o.tolerance(),
                        o.vulnerabilities(),
                        o.fingerprints(),
                        null,
                        o.dns(),
                        o.quic(),
                        o.http()),
                chains(o.served()));
        synchronized (known) {
            Facts facts = known.get(key);
            if (facts != null) {
                return facts;
            }
        }
        Facts facts = apart.get();
        synchronized (known) {
            known.put(key, facts);
        }
        return facts;
    }

    private static int chains(@Nullable List<Observation.ServedChain> served) {
        if (served == null) {
            return -1;
        }
        return served.stream().anyMatch(chain -> !chain.chain().isEmpty()) ? 1 : 0;
    }
}

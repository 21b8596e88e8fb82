package io.tlsfleet.fleet.sensor;

import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Sightings added up: what leaves a network is a count, not an event. */
public final class Sightings {
    private record Key(LocalDate day, String endpoint, String kind, String fingerprint) {}

    private final Map<Key, Long> counts = new LinkedHashMap<>();

    public void add(ClientSighting sighting) {
        counts.merge(
                new Key(sighting.day(), sighting.endpoint(), sighting.kind(), sighting.fingerprint()),
                sighting.count(),
                Long::sum);
    }

    public List<ClientSighting> all() {
        return counts.entrySet().stream()
                .map(e -> new ClientSighting(
                        e.getKey().day(),
                        e.getKey().endpoint(),
                        e.getKey().kind(),
                        e.getKey().fingerprint(),
                        e.getValue()))
                .toList();
    }

    public int size() {
        return counts.size();
    }
}

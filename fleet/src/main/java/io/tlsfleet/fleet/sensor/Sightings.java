package io.tlsfleet.fleet.sensor;

import java.time.LocalDate;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Sightings added up: what leaves a network is a count, not an event. */
public final class Sightings {
    private record Key(LocalDate day, String endpoint, String kind, String fingerprint) {}

    private final Map<Key, Long> counts = new LinkedHashMap<>();
    private final Map<String, ClientProfile> profiles = new HashMap<>();

    public void add(ClientSighting sighting) {
        counts.merge(
                new Key(sighting.day(), sighting.endpoint(), sighting.kind(), sighting.fingerprint()),
                sighting.count(),
                Long::sum);
        ClientProfile profile = sighting.profile();
        if (profile != null) {
            profiles.putIfAbsent(sighting.kind() + ':' + sighting.fingerprint(), profile);
        }
    }

    public List<ClientSighting> all() {
        return counts.entrySet().stream()
                .map(e -> new ClientSighting(
                        e.getKey().day(),
                        e.getKey().endpoint(),
                        e.getKey().kind(),
                        e.getKey().fingerprint(),
                        e.getValue(),
                        profiles.get(e.getKey().kind() + ':' + e.getKey().fingerprint())))
                .toList();
    }

    public int size() {
        return counts.size();
    }

    public void clear() {
        counts.clear();
        profiles.clear();
    }
}

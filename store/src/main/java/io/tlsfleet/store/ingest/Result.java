package io.tlsfleet.store.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.target.AddressShard;
import io.tlsfleet.store.content.Contents;
import io.tlsfleet.store.content.Parts;
import java.net.InetAddress;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One observation on its way in, taken apart before any row is locked. */
record Result(Observation observation, Parts parts) {

    static Result of(Observation observation) {
        return new Result(observation, Parts.of(observation));
    }

    String address() {
        String address = observation.endpoint().address();
        return address == null ? "" : address;
    }

    /** Where in the address space it was seen. */
    int shard() {
        try {
            return address().isEmpty() ? AddressShard.UNKNOWN : AddressShard.of(InetAddress.ofLiteral(address()));
        } catch (IllegalArgumentException e) {
            return AddressShard.UNKNOWN; // a remote worker's word, and no address
        }
    }

    boolean reached() {
        Outcome outcome = observation.scan().outcome();
        return outcome == Outcome.COMPLETE || outcome == Outcome.PARTIAL;
    }

    @Nullable
    String reason() {
        return observation.scan().reason() == null
                ? null
                : observation.scan().reason().word();
    }

    @Nullable
    String timing() {
        JsonNode timing = observation.timing() == null ? null : Json.tree(observation.timing());
        return timing == null ? null : timing.toString();
    }

    /** Whether it says what was last known of this address, and the judgement of that still stands. */
    boolean isAsBefore(Held held, Contents contents) {
        Held.Member before = held.members().get(address());
        if (before == null || !before.judgedUntil().isAfter(held.now())) {
            return false;
        }
        if (!before.outcome().equals(observation.scan().outcome().word())
                || !Objects.equals(before.reason(), reason())) {
            return false;
        }
        if (!reached()) {
            return true;
        }
        Optional<Contents.Kept> kept = contents.known(parts);
        Long observationBefore = before.observation();
        return kept.isPresent() && observationBefore != null && kept.get().observation() == observationBefore;
    }
}

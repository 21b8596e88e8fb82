package io.tlsfleet.store.content;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Outcome;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Facts that were read a moment ago, by their very text: a fleet has few settings and many endpoints, and reading JSON costs
 * more than judging what it says.
 */
final class ReadFacts {
    private static final int MOST = 2_000;
    /** Beyond this a text is read each time: the memory stays bounded, whatever is stored. */
    private static final int LONGEST = 32_000;

    private static final Observation.Endpoint NOWHERE = new Observation.Endpoint("-", null, 1, null, null);
    private static final Observation.Scan NEVER =
            new Observation.Scan(Instant.EPOCH, 0, Depth.STANDARD, Outcome.COMPLETE, 0, 0, 0, 0, "-", null, null);

    private record Key(@Nullable String configuration, String rest) {}

    private final Map<Key, Observation> known = new LinkedHashMap<>(MOST, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Observation> eldest) {
            return size() > MOST;
        }
    };

    /** All but who was scanned, how it went and what was served. */
    Observation of(@Nullable String configuration, String rest) {
        Key key = new Key(configuration, rest);
        synchronized (known) {
            Observation facts = known.get(key);
            if (facts != null) {
                return facts;
            }
        }
        Observation facts = read(configuration, rest);
        if (rest.length() + (configuration == null ? 0 : configuration.length()) <= LONGEST) {
            synchronized (known) {
                known.put(key, facts);
            }
        }
        return facts;
    }

    private static Observation read(@Nullable String configuration, String more) {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        tree.set("endpoint", Json.tree(NOWHERE));
        tree.set("scan", Json.tree(NEVER));
        tree.putArray("coverage");
        if (configuration != null && Json.parse(configuration) instanceof ObjectNode body) {
            tree.setAll(body);
        }
        ObjectNode rest = (ObjectNode) Json.parse(more);
        JsonNode evidence = rest.remove("evidence");
        JsonNode ja4x = rest.remove("ja4x");
        tree.setAll(rest);
        if (evidence != null) {
            for (JsonNode vulnerability : tree.path("vulnerabilities")) {
                JsonNode words = evidence.get(vulnerability.path("id").asText());
                if (words != null) {
                    ((ObjectNode) vulnerability).set("evidence", words);
                }
            }
        }
        if (ja4x != null && tree.get("fingerprints") instanceof ObjectNode fingerprints) {
            fingerprints.set("ja4x", ja4x);
        }
        return Json.read(tree, Observation.class);
    }
}

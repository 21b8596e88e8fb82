package io.tlsfleet.store.content;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.fleet.change.Certainty;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Observation.Fetched;
import io.tlsfleet.fleet.observation.Observation.ServedChain;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An observation taken apart. {@code configuration} and {@code chain} are null when nothing of them was asked or seen;
 * {@code sha256} is of all three and says whether two observations are the same. {@code certificates} and {@code blobs}
 * are by SHA-256 in hex; {@code proofs} is what drifts beside the chain (staples, fetched lists), with times. {@code
 * ticketKeys} are names of session ticket keys, which change on purpose; {@code known} counts certain facts by part.
 */
public record Parts(
        byte[] sha256,
        @Nullable Piece configuration,
        @Nullable Piece chain,
        Piece rest,
        Map<String, byte[]> certificates,
        Map<String, byte[]> blobs,
        @Nullable JsonNode proofs,
        List<String> ticketKeys,
        String known) {
    static final List<String> CONFIGURATION = List.of(
            "protocols",
            "cipherSuites",
            "groups",
            "finiteFieldDh",
            "signatureSchemes",
            "alpn",
            "sni",
            "resumption",
            "clientAuthentication",
            "features",
            "tolerance",
            "vulnerabilities",
            "fingerprints");
    static final List<String> REST = List.of("negotiated", "coverage", "dns", "quic", "http");
    private static final HexFormat HEX = HexFormat.of();

    private static final FactsMemo MEMO = new FactsMemo();

    public static Parts of(Observation observation) {
        FactsMemo.Facts facts = MEMO.of(observation, () -> facts(observation));
        Map<String, byte[]> certificates = new LinkedHashMap<>();
        Map<String, byte[]> blobs = new LinkedHashMap<>();
        List<ServedChain> served = observation.served();
        Piece chain = served == null ? null : Piece.of(StoredForm.form(chains(served, certificates)));
        return new Parts(
                together(facts.configuration(), chain, facts.rest()),
                facts.configuration(),
                chain,
                facts.rest(),
                certificates,
                blobs,
                served == null ? null : proofs(served, blobs),
                facts.ticketKeys(),
                facts.known());
    }

    private static FactsMemo.Facts facts(Observation observation) {
        ObjectNode tree = (ObjectNode) Json.tree(observation);
        ObjectNode rest = some(tree, REST);
        ObjectNode configuration = some(tree, CONFIGURATION);
        List<String> ticketKeys = ticketKeys(configuration);
        moveEvidence(configuration, rest);
        return new FactsMemo.Facts(
                configuration.isEmpty() ? null : Piece.of(StoredForm.form(configuration)),
                Piece.of(StoredForm.form(rest)),
                List.copyOf(ticketKeys),
                Json.write(Certainty.known(observation)));
    }

    String key() {
        return HEX.formatHex(sha256);
    }

    private static ObjectNode some(ObjectNode tree, List<String> names) {
        ObjectNode some = JsonNodeFactory.instance.objectNode();
        for (String name : names) {
            JsonNode value = tree.get(name);
            if (value != null && !value.isNull()) {
                some.set(name, value);
            }
        }
        return some;
    }

    private static List<String> ticketKeys(ObjectNode configuration) {
        List<String> names = new ArrayList<>();
        for (JsonNode version : configuration.path("resumption")) {
            if (version instanceof ObjectNode of && of.hasNonNull("ticketKeyName")) {
                names.add(of.remove("ticketKeyName").asText());
            }
        }
        return names;
    }

    /** What words describe an attack's answer, and fingerprints of certificates, are no setting of a TLS stack. */
    private static void moveEvidence(ObjectNode configuration, ObjectNode rest) {
        ObjectNode evidence = JsonNodeFactory.instance.objectNode();
        for (JsonNode vulnerability : configuration.path("vulnerabilities")) {
            if (vulnerability instanceof ObjectNode of && of.hasNonNull("evidence")) {
                evidence.set(of.path("id").asText(), of.remove("evidence"));
            }
        }
        if (!evidence.isEmpty()) {
            rest.set("evidence", evidence);
        }
        if (configuration.get("fingerprints") instanceof ObjectNode fingerprints && fingerprints.hasNonNull("ja4x")) {
            rest.set("ja4x", fingerprints.remove("ja4x"));
        }
    }

    private static ArrayNode chains(List<ServedChain> served, Map<String, byte[]> certificates) {
        List<JsonNode> chains = new ArrayList<>();
        for (ServedChain one : served) {
            ObjectNode chain = JsonNodeFactory.instance.objectNode();
            chain.set("servedOn", Json.tree(one.servedOn()));
            if (one.servedWithoutSni() != null) {
                chain.put("servedWithoutSni", one.servedWithoutSni());
            }
            ArrayNode hashes = chain.putArray("chain");
            for (byte[] der : one.chain()) {
                String sha256 = HEX.formatHex(Piece.sha256(der));
                certificates.put(sha256, der);
                hashes.add(sha256);
            }
            chain.set("tlsScts", Json.tree(one.tlsScts()));
            chains.add(chain);
        }
        chains.sort(java.util.Comparator.comparing(JsonNode::toString));
        return JsonNodeFactory.instance.arrayNode().addAll(chains);
    }

    /** By the leaf they belong to, so that a chain finds its own again. */
    private static JsonNode proofs(List<ServedChain> served, Map<String, byte[]> blobs) {
        ObjectNode proofs = JsonNodeFactory.instance.objectNode();
        for (ServedChain one : served) {
            if (one.chain().isEmpty()
                    || one.staples().isEmpty() && one.fetched().isEmpty()) {
                continue;
            }
            ObjectNode of =
                    proofs.putObject(HEX.formatHex(Piece.sha256(one.chain().getFirst())));
            ObjectNode staples = of.putObject("staples");
            one.staples().forEach((protocol, staple) -> staples.put(protocol, keep(staple, blobs)));
            ArrayNode fetched = of.putArray("fetched");
            for (Fetched thing : one.fetched()) {
                ObjectNode what = fetched.addObject().put("kind", thing.kind()).put("url", thing.url());
                what.set("at", Json.tree(thing.at()));
                byte[] bytes = thing.bytes();
                if (bytes != null) {
                    what.put("sha256", keep(bytes, blobs));
                }
                if (thing.failure() != null) {
                    what.put("failure", thing.failure());
                }
            }
        }
        return proofs;
    }

    private static String keep(byte[] bytes, Map<String, byte[]> blobs) {
        String sha256 = HEX.formatHex(Piece.sha256(bytes));
        blobs.put(sha256, bytes);
        return sha256;
    }

    private static byte[] together(@Nullable Piece configuration, @Nullable Piece chain, Piece rest) {
        byte[] all = new byte[96];
        if (configuration != null) {
            System.arraycopy(configuration.sha256(), 0, all, 0, 32);
        }
        if (chain != null) {
            System.arraycopy(chain.sha256(), 0, all, 32, 32);
        }
        System.arraycopy(rest.sha256(), 0, all, 64, 32);
        return Piece.sha256(all);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Parts parts && MessageDigest.isEqual(sha256, parts.sha256);
    }

    @Override
    public int hashCode() {
        return java.util.Arrays.hashCode(sha256);
    }
}

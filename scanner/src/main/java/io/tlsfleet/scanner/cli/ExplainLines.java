package io.tlsfleet.scanner.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.report.Finding;
import io.tlsfleet.tls.x509.ChainQuestion;
import io.tlsfleet.tls.x509.CrlExcerpt;
import io.tlsfleet.tls.x509.TrustStore;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code explain --ndjson}: a chain a line in, a verdict a line out, without a network. Where a line gives CRLs of its
 * chain's issuers every certificate has to be covered by them (RFC 5280 section 6.3). Beyond the contract a line may give
 * {@code known} (further issuers), {@code ocsp} (responses that were asked for), {@code scts} (TLS lists) and
 * {@code policy} ({@code acceptable}, {@code explicit}, {@code inhibitMapping}, {@code inhibitAny}).
 */
final class ExplainLines {
    private final ObjectMapper json = Json.mapper();
    private final List<TrustStore> stores;
    private final @Nullable Instant at;
    private final Instant now;
    private final @Nullable String host;
    private @Nullable Keyed last;

    /** The store of the line before: whole suites have one anchor. */
    private record Keyed(List<String> anchors, TrustStore store) {}

    /** {@code stores}, {@code at} and {@code host} are for lines that do not say. */
    ExplainLines(List<TrustStore> stores, @Nullable Instant at, Instant now, @Nullable String host) {
        this.stores = stores;
        this.at = at;
        this.now = now;
        this.host = host;
    }

    /** Throws {@link IllegalArgumentException} with what is wrong with the line. */
    String answer(String line) {
        JsonNode wanted;
        try {
            wanted = Json.parseInput(line);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no JSON: " + Json.fault(e), e);
        }
        if (!wanted.isObject() || !wanted.path("chain").isArray()) {
            throw new IllegalArgumentException("a line is an object with a chain: [\"base64 DER\", …]");
        }
        Explanation explanation = Explanation.of("line", question(wanted), List.of(), true);
        ObjectNode answer = json.createObjectNode();
        JsonNode id = wanted.get("id");
        answer.set("id", id == null ? json.nullNode() : id);
        answer.put("status", explanation.status());
        answer.put("reason", explanation.reason());
        ArrayNode findings = answer.putArray("findings");
        Set<String> rules = new LinkedHashSet<>();
        for (Finding finding : explanation.findings()) {
            rules.add(finding.rule());
        }
        rules.forEach(findings::add);
        answer.set("certificate", json.valueToTree(explanation.certificate()));
        return answer.toString();
    }

    private ChainQuestion question(JsonNode line) {
        List<byte[]> crls = binary(line, "crls");
        if (crls.stream().anyMatch(CrlExcerpt::is)) {
            throw new IllegalArgumentException("crls: has what is no revocation list");
        }
        JsonNode policy = line.path("policy");
        String staple = text(line, "staple");
        return new ChainQuestion(
                binary(line, "chain"),
                binary(line, "known"),
                line.hasNonNull("trust") ? List.of(store(line)) : stores,
                line.has("host") ? text(line, "host") : host,
                time(text(line, "at")),
                staple == null ? Map.of() : Map.of("TLSv1.3", decode(staple, "staple")),
                crls,
                binary(line, "ocsp"),
                binary(line, "scts"),
                !crls.isEmpty(),
                policy.isObject() ? policy(policy) : ChainQuestion.Policy.NONE);
    }

    private static ChainQuestion.Policy policy(JsonNode policy) {
        Set<String> acceptable = null;
        if (policy.path("acceptable").isArray()) {
            acceptable = new HashSet<>();
            for (JsonNode oid : policy.get("acceptable")) {
                acceptable.add(oid.asText());
            }
        }
        return new ChainQuestion.Policy(
                acceptable,
                policy.path("explicit").asBoolean(),
                policy.path("inhibitMapping").asBoolean(),
                policy.path("inhibitAny").asBoolean());
    }

    private TrustStore store(JsonNode line) {
        List<String> anchors = texts(line, "trust");
        Keyed known = last;
        if (known != null && known.anchors.equals(anchors)) {
            return known.store;
        }
        TrustStore store = TrustStore.of(
                "given", anchors.stream().map(anchor -> decode(anchor, "trust")).toList());
        last = new Keyed(anchors, store);
        return store;
    }

    private Instant time(@Nullable String time) {
        if (time == null) {
            return at == null ? now : at;
        }
        try {
            return OffsetDateTime.parse(time).toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("at: '" + time + "' is no RFC 3339 time", e);
        }
    }

    private static @Nullable String text(JsonNode line, String part) {
        JsonNode text = line.get(part);
        if (text == null || text.isNull()) {
            return null;
        }
        if (!text.isTextual()) {
            throw new IllegalArgumentException(part + ": is no text");
        }
        return text.asText();
    }

    private static List<String> texts(JsonNode line, String part) {
        List<String> all = new ArrayList<>();
        JsonNode list = line.path(part);
        if (!list.isArray() && !list.isNull() && !list.isMissingNode()) {
            throw new IllegalArgumentException(part + ": is no array");
        }
        for (JsonNode text : list) {
            if (!text.isTextual()) {
                throw new IllegalArgumentException(part + ": has what is no text");
            }
            all.add(text.asText());
        }
        return all;
    }

    private static List<byte[]> binary(JsonNode line, String part) {
        return texts(line, part).stream().map(text -> decode(text, part)).toList();
    }

    private static byte[] decode(String text, String part) {
        try {
            return Base64.getDecoder().decode(text.replaceAll("\\s", ""));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(part + ": no base64", e);
        }
    }
}

package io.tlsfleet.api.sources;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.target.AddressGate;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A Consul catalogue over its HTTP API: instances of services that say they speak TLS, by a tag (https, tls, ssl), by
 * metadata ({@code tls=true}) or by port 443 or 8443. A service is a name; its instances are addresses behind it.
 */
public final class ConsulSource {
    private static final List<String> TLS_TAGS = List.of("https", "tls", "ssl", "h2", "grpcs");

    private ConsulSource() {}

    public static Found read(URI url, @Nullable String token, AddressGate gate) throws IOException {
        HttpReader http = new HttpReader(url, token == null ? Map.of() : Map.of("X-Consul-Token", token), null, gate);
        Found found = new Found();
        for (Map.Entry<String, JsonNode> service :
                http.get("/v1/catalog/services").properties()) {
            String path = "/v1/catalog/service/" + URLEncoder.encode(service.getKey(), StandardCharsets.UTF_8);
            int silent = 0;
            for (JsonNode instance : http.get(path)) {
                if (!add(service.getKey(), instance, found)) {
                    silent++;
                }
            }
            if (silent > 0) {
                found.passOver(service.getKey() + ": " + silent + " instances without a word of TLS");
            }
        }
        return found;
    }

    private static boolean add(String service, JsonNode instance, Found found) {
        int port = instance.path("ServicePort").asInt();
        boolean tagged = false;
        for (JsonNode tag : instance.path("ServiceTags")) {
            tagged |= TLS_TAGS.contains(tag.asText().toLowerCase(Locale.ROOT));
        }
        if (!tagged
                && port != 443
                && port != 8443
                && !instance.path("ServiceMeta").path("tls").asText("").equals("true")) {
            return false;
        }
        String address = instance.path("ServiceAddress").asText("");
        address = address.isEmpty() ? instance.path("Address").asText() : address;
        Map<String, String> tags = new LinkedHashMap<>();
        tags.put("source", "consul");
        tags.put("service", service);
        tags.put("datacenter", instance.path("Datacenter").asText(""));
        tags.put("node", instance.path("Node").asText(""));
        String name = instance.path("ServiceMeta").path("tls-server-name").asText(null);
        found.add(address, port, name, null, List.of(), tags);
        return true;
    }
}

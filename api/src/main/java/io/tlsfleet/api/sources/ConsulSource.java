package io.tlsfleet.api.sources;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.target.AddressGate;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A Consul catalogue over its HTTP API, all its datacenters: instances of services that say they speak TLS, by a tag (https,
 * tls, ssl), by metadata ({@code tls=true}) or by port 443 or 8443. An instance's metadata may name the server name ({@code
 * tls-server-name}) and STARTTLS ({@code starttls}).
 */
public final class ConsulSource {
    private static final Set<String> TLS_TAGS = Set.of("https", "tls", "ssl", "h2", "grpcs");

    private ConsulSource() {}

    /** {@code ca}: PEM of the authority that Consul's certificate stands on, null for the JDK's own. */
    public static Found read(URI url, @Nullable String token, @Nullable Path ca, AddressGate gate) throws IOException {
        HttpReader http = new HttpReader(url, token == null ? Map.of() : Map.of("X-Consul-Token", token), ca, gate);
        Found found = new Found();
        List<String> datacenters = new ArrayList<>();
        http.find("/v1/catalog/datacenters").ifPresent(all -> all.forEach(name -> datacenters.add(name.asText())));
        if (datacenters.isEmpty()) {
            catalogue(http, "", found);
        }
        for (String datacenter : datacenters) {
            catalogue(http, "?dc=" + URLEncoder.encode(datacenter, StandardCharsets.UTF_8), found);
        }
        return found;
    }

    private static void catalogue(HttpReader http, String where, Found found) throws IOException {
        for (Map.Entry<String, JsonNode> service :
                http.get("/v1/catalog/services" + where).properties()) {
            // in a path a space is %20, not the + of a form
            String name =
                    URLEncoder.encode(service.getKey(), StandardCharsets.UTF_8).replace("+", "%20");
            int silent = 0;
            for (JsonNode instance : http.get("/v1/catalog/service/" + name + where)) {
                if (!add(service.getKey(), instance, found)) {
                    silent++;
                }
            }
            if (silent > 0) {
                found.passOver(service.getKey() + ": " + silent + " instances without a word of TLS");
            }
        }
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
                && !instance.path("ServiceMeta").path("tls").asText("").equals("true")
                && !instance.path("ServiceMeta").has("starttls")) {
            return false;
        }
        String address = instance.path("ServiceAddress").asText("");
        address = address.isEmpty() ? instance.path("Address").asText() : address;
        Map<String, String> tags = new LinkedHashMap<>();
        tags.put("source", "consul");
        tags.put("service", service);
        tags.put("datacenter", instance.path("Datacenter").asText(""));
        tags.put("node", instance.path("Node").asText(""));
        JsonNode meta = instance.path("ServiceMeta");
        found.add(
                address,
                port,
                meta.path("tls-server-name").asText(null),
                meta.path("starttls").asText(null),
                List.of(),
                tags);
        return true;
    }
}

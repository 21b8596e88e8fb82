package io.tlsfleet.api.sources;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.fleet.target.AddressGate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A Kubernetes cluster over its HTTP API: hosts of Ingresses and Gateways (those of their routes where a listener takes any
 * host), Services of type LoadBalancer with a TLS port, names of cert-manager's Certificates; Services inside the cluster if
 * asked for. What was issued is noted beside what is served, for {@code certificate.renewed-not-served}: the tags
 * {@code issuedSha256}, {@code issuedNotBefore} and {@code issuedNotAfter} tell of the first certificate in the Secret's
 * {@code tls.crt} (the key beside it is never read), or the times alone of what cert-manager says.
 */
public final class KubernetesSource {
    private static final int PAGE = 500;

    private final HttpReader http;
    private final Wanted wanted;
    private final Map<String, List<Listener>> gateways = new LinkedHashMap<>();
    private final Found found = new Found();
    private final Map<String, Map<String, String>> issued = new LinkedHashMap<>();

    private KubernetesSource(HttpReader http, Wanted wanted) {
        this.http = http;
        this.wanted = wanted;
    }

    /** {@code secrets}: whether certificates in Secrets may be looked at; {@code inside}: Services that only the cluster reaches. */
    public record Wanted(boolean secrets, boolean inside) {}

    /** A Gateway's listener that takes hosts of routes. */
    private record Listener(String name, String hostname, int port, Map<String, String> tags) {
        /** Of a host that a route names: the host itself, as far as the listener takes it. */
        boolean takes(String host) {
            return hostname.isEmpty()
                    || (hostname.startsWith("*.") ? host.endsWith(hostname.substring(1)) : host.equals(hostname));
        }
    }

    public static Found read(URI url, @Nullable String token, @Nullable Path ca, Wanted wanted, AddressGate gate)
            throws IOException {
        Map<String, String> headers = token == null ? Map.of() : Map.of("Authorization", "Bearer " + token);
        KubernetesSource source = new KubernetesSource(new HttpReader(url, headers, ca, gate), wanted);
        source.each("/apis/networking.k8s.io/v1/ingresses", source::ingress);
        source.each("/apis/gateway.networking.k8s.io/v1/gateways", source::gateway);
        for (String kind : List.of("httproutes", "grpcroutes")) {
            source.each("/apis/gateway.networking.k8s.io/v1/" + kind, source::route);
        }
        source.each("/apis/gateway.networking.k8s.io/v1alpha2/tlsroutes", source::route);
        source.each("/api/v1/services", source::service);
        source.each("/apis/cert-manager.io/v1/certificates", source::certificate);
        return source.found;
    }

    private interface Visitor {
        void visit(JsonNode item) throws IOException;
    }

    /** All pages of a list; a kind that the cluster does not know is an empty list. */
    private void each(String path, Visitor visitor) throws IOException {
        String next = "";
        do {
            Optional<JsonNode> page = http.find(path + "?limit=" + PAGE
                    + (next.isEmpty() ? "" : "&continue=" + URLEncoder.encode(next, StandardCharsets.UTF_8)));
            if (page.isEmpty()) {
                return;
            }
            for (JsonNode item : page.get().path("items")) {
                visitor.visit(item);
            }
            next = page.get().path("metadata").path("continue").asText("");
        } while (!next.isEmpty());
    }

    private void ingress(JsonNode ingress) throws IOException {
        for (JsonNode tls : ingress.path("spec").path("tls")) {
            Map<String, String> tags =
                    tags(ingress, "ingress", tls.path("secretName").asText(""));
            JsonNode rules = ingress.path("spec").path("rules");
            for (JsonNode host : tls.path("hosts")) {
                if (!host.asText().startsWith("*.") || !ruled(host.asText().substring(1), rules, tags)) {
                    name(host.asText(), 443, tags);
                }
            }
            if (tls.path("hosts").isEmpty()) { // one certificate for all hosts of the rules
                for (JsonNode rule : rules) {
                    name(rule.path("host").asText(""), 443, tags);
                }
            }
        }
    }

    /** Hosts of the rules that a wildcard covers: one label more. False where there are none. */
    private boolean ruled(String suffix, JsonNode rules, Map<String, String> tags) {
        boolean any = false;
        for (JsonNode rule : rules) {
            String host = rule.path("host").asText("");
            if (host.endsWith(suffix)
                    && host.indexOf('.') == host.length() - suffix.length()
                    && !host.startsWith("*")) {
                name(host, 443, tags);
                any = true;
            }
        }
        return any;
    }

    private void gateway(JsonNode gateway) throws IOException {
        for (JsonNode listener : gateway.path("spec").path("listeners")) {
            String protocol = listener.path("protocol").asText();
            if (!protocol.equals("HTTPS") && !protocol.equals("TLS")) {
                continue;
            }
            String host = listener.path("hostname").asText("");
            String secret = listener.path("tls")
                    .path("certificateRefs")
                    .path(0)
                    .path("name")
                    .asText("");
            int port = listener.path("port").asInt(443);
            Map<String, String> tags = tags(gateway, "gateway", secret);
            if (host.isEmpty() || host.startsWith("*")) {
                gateways.computeIfAbsent(called(gateway), g -> new ArrayList<>())
                        .add(new Listener(listener.path("name").asText(""), host, port, tags));
            } else {
                name(host, port, tags);
            }
        }
    }

    /** Gives its hosts to the listeners it hangs on. */
    private void route(JsonNode route) {
        String namespace = route.path("metadata").path("namespace").asText("");
        for (JsonNode parent : route.path("spec").path("parentRefs")) {
            String gateway = parent.path("namespace").asText(namespace) + "/"
                    + parent.path("name").asText();
            String section = parent.path("sectionName").asText("");
            for (Listener listener : gateways.getOrDefault(gateway, List.of())) {
                if (!section.isEmpty() && !section.equals(listener.name)) {
                    continue;
                }
                for (JsonNode host : route.path("spec").path("hostnames")) {
                    if (listener.takes(host.asText())) {
                        name(host.asText(), listener.port, listener.tags);
                    }
                }
            }
        }
    }

    private static String called(JsonNode item) {
        return item.path("metadata").path("namespace").asText("") + "/"
                + item.path("metadata").path("name").asText();
    }

    private void service(JsonNode service) throws IOException {
        String type = service.path("spec").path("type").asText("ClusterIP");
        boolean balanced = type.equals("LoadBalancer");
        boolean inside = wanted.inside && !type.equals("ExternalName");
        for (JsonNode port : service.path("spec").path("ports")) {
            int number = port.path("port").asInt();
            String said = port.path("name").asText("") + " "
                    + port.path("appProtocol").asText("");
            if (number != 443 && number != 8443 && !said.contains("https") && !said.contains("tls")) {
                continue;
            }
            if (balanced) {
                for (JsonNode balancer :
                        service.path("status").path("loadBalancer").path("ingress")) {
                    String host =
                            balancer.path("hostname").asText(balancer.path("ip").asText(""));
                    name(host, number, tags(service, "service", ""));
                }
            }
            if (inside) {
                String host = service.path("metadata").path("name").asText() + "."
                        + service.path("metadata").path("namespace").asText() + ".svc";
                found.add(host, number, null, null, List.of(), tags(service, "service", ""));
            }
        }
    }

    private void certificate(JsonNode certificate) throws IOException {
        Map<String, String> tags = tags(
                certificate,
                "certificate",
                certificate.path("spec").path("secretName").asText(""));
        JsonNode status = certificate.path("status");
        if (status.hasNonNull("notBefore") && status.hasNonNull("notAfter")) {
            tags.putIfAbsent("issuedNotBefore", status.path("notBefore").asText());
            tags.putIfAbsent("issuedNotAfter", status.path("notAfter").asText());
        }
        for (JsonNode name : certificate.path("spec").path("dnsNames")) {
            name(name.asText(), 443, tags);
        }
    }

    private void name(String host, int port, Map<String, String> tags) {
        if (host.isEmpty()) {
            return;
        }
        if (host.startsWith("*")) {
            found.passOver(tags.get("kubernetes") + ": " + host + " is a wildcard and names no host");
        } else if (!host.endsWith(".svc") && !host.endsWith(".cluster.local")) {
            found.add(host, port, null, null, List.of(), tags);
        }
    }

    private Map<String, String> tags(JsonNode item, String kind, String secret) throws IOException {
        String namespace = item.path("metadata").path("namespace").asText("");
        Map<String, String> tags = new LinkedHashMap<>();
        tags.put("source", "kubernetes");
        tags.put("kubernetes", kind + " " + called(item));
        tags.put("namespace", namespace);
        if (wanted.secrets && !secret.isEmpty()) {
            tags.putAll(issued(namespace, secret));
        }
        return tags;
    }

    private Map<String, String> issued(String namespace, String secret) throws IOException {
        String key = namespace + "/" + secret;
        Map<String, String> known = issued.get(key);
        if (known != null) {
            return known;
        }
        Map<String, String> read = Map.of();
        try {
            read = http.find("/api/v1/namespaces/" + namespace + "/secrets/" + secret)
                    .map(s ->
                            firstCertificate(key, s.path("data").path("tls.crt").asText("")))
                    .orElse(Map.of());
        } catch (HttpReader.Forbidden e) { // a role of some namespaces alone: the names are known without it
            found.passOver("secret " + key + ": the token may not read it; what was issued is not noted");
        }
        issued.put(key, read);
        return read;
    }

    private Map<String, String> firstCertificate(String key, String base64) {
        try {
            byte[] pem = Base64.getDecoder().decode(base64);
            X509Certificate first = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            return Map.of(
                    "issuedSha256", HexFormat.of().formatHex(sha256.digest(first.getEncoded())),
                    "issuedNotBefore", first.getNotBefore().toInstant().toString(),
                    "issuedNotAfter", first.getNotAfter().toInstant().toString());
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            found.passOver("secret " + key + ": its tls.crt is no certificate: " + e.getMessage());
            return Map.of();
        }
    }
}

package io.tlsfleet.fleet.change;

import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.observation.Observation;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What makes two observations the same: their settings and their chains, hashed apart. Times, counts, randoms, ticket
 * bytes and evidence are left out, and what has no order of the server's own is sorted.
 */
public final class Canonical {
    private Canonical() {}

    /** SHA-256, hex, of all that the server's settings show. */
    public static String configHash(Observation o) {
        return sha256(Json.write(config(o)));
    }

    /** SHA-256, hex, of the chains that were served, where, and whether something was stapled to them. */
    public static String chainHash(Observation o) {
        return sha256(Json.write(chains(o)));
    }

    public static boolean same(Observation a, Observation b) {
        return configHash(a).equals(configHash(b)) && chainHash(a).equals(chainHash(b));
    }

    private static Map<String, Object> config(Observation o) {
        Map<String, Object> parts = new TreeMap<>();
        put(parts, "outcome", o.scan().outcome());
        put(parts, "protocols", sorted(o.protocols()));
        if (o.cipherSuites() != null) {
            Map<String, Object> versions = new TreeMap<>();
            o.cipherSuites().forEach((version, suites) -> versions.put(version, suites(suites)));
            parts.put("cipherSuites", versions);
        }
        if (o.groups() != null) {
            Map<String, Object> versions = new TreeMap<>();
            o.groups().forEach((version, groups) -> versions.put(version, groups(groups)));
            parts.put("groups", versions);
        }
        if (o.finiteFieldDh() != null) {
            put(
                    parts,
                    "finiteFieldDh",
                    o.finiteFieldDh().stream()
                            .map(dh -> dh.protocol() + " " + dh.bits() + " " + dh.prime())
                            .sorted()
                            .toList());
        }
        if (o.signatureSchemes() != null) {
            Map<String, Object> versions = new TreeMap<>();
            o.signatureSchemes()
                    .forEach((version, schemes) ->
                            versions.put(version, schemes.stream().sorted().toList()));
            parts.put("signatureSchemes", versions);
        }
        if (o.alpn() != null) {
            parts.put(
                    "alpn",
                    List.of(
                            o.alpn().accepted().stream().sorted().toList(),
                            o.alpn().onMismatch()));
        }
        put(parts, "sni", o.sni());
        put(parts, "resumption", resumption(o.resumption()));
        if (o.clientAuthentication() != null) {
            Observation.ClientAuthentication c = o.clientAuthentication();
            parts.put(
                    "clientAuthentication",
                    List.of(
                            c.mode(),
                            c.enforcement(),
                            c.authorities().stream().sorted().toList(),
                            c.signatureSchemes().stream().sorted().toList()));
        }
        put(parts, "features", sorted(o.features()));
        put(parts, "tolerance", sorted(o.tolerance()));
        if (o.vulnerabilities() != null) {
            put(
                    parts,
                    "vulnerabilities",
                    o.vulnerabilities().stream()
                            .map(v -> v.id() + " " + v.state())
                            .sorted()
                            .toList());
        }
        if (o.fingerprints() != null) {
            put(parts, "jarm", Shapes.jarm(o.fingerprints().jarm()));
            put(
                    parts,
                    "ja3s",
                    o.fingerprints().ja3s().stream()
                            .map(f -> f.hello() + " " + Shapes.ja3s(f))
                            .sorted()
                            .toList());
        }
        put(parts, "dns", o.dns() == null ? null : dns(o.dns()));
        put(parts, "quic", o.quic());
        put(parts, "http", o.http() == null ? null : http(o.http()));
        return parts;
    }

    /** A client's order says nothing of the server, and only noise would come of keeping it. */
    private static Object suites(Observation.Suites suites) {
        Map<String, Object> parts = new TreeMap<>();
        put(parts, "order", suites.order());
        put(parts, "chacha", suites.chachaWhenPreferred());
        put(parts, "suites", codes(suites.suites(), "server".equals(suites.order())));
        return parts;
    }

    private static Object groups(Observation.Groups groups) {
        Map<String, Object> parts = new TreeMap<>();
        put(parts, "order", groups.order());
        put(parts, "offeredShare", groups.prefersOfferedShare());
        put(parts, "retry", groups.helloRetryRequest());
        put(parts, "groups", codes(groups.groups(), "server".equals(groups.order())));
        return parts;
    }

    private static List<String> codes(List<Observation.CodePoint> points, boolean ordered) {
        List<String> codes =
                new ArrayList<>(points.stream().map(Observation.CodePoint::code).toList());
        if (!ordered) {
            codes.sort(Comparator.naturalOrder());
        }
        return codes;
    }

    /** Lifetimes are left out: some servers count them down. */
    private static @Nullable Object resumption(Observation.@Nullable Resumption resumption) {
        if (resumption == null) {
            return null;
        }
        Map<String, Object> parts = new TreeMap<>();
        Observation.Resumption.Tls12 tls12 = resumption.tls12();
        if (tls12 != null) {
            parts.put("TLSv1.2", List.of(tls12.sessionId(), tls12.ticket()));
        }
        Observation.Resumption.Tls13 tls13 = resumption.tls13();
        if (tls13 != null) {
            parts.put("TLSv1.3", List.of(tls13.psk(), tls13.ticketsPerHandshake(), tls13.earlyData()));
        }
        return parts;
    }

    private static Object dns(Observation.Dns dns) {
        Map<String, Object> parts = new TreeMap<>();
        parts.put("caa", dns.caa().stream().sorted().toList());
        parts.put(
                "tlsa",
                dns.tlsa().stream()
                        .map(t -> t.usage() + " " + t.selector() + " " + t.matching() + " " + t.data())
                        .sorted()
                        .toList());
        put(parts, "https", dns.https());
        return parts;
    }

    private static Object http(Observation.Http http) {
        Map<String, Object> parts = new TreeMap<>();
        put(parts, "hsts", http.hsts());
        put(parts, "server", http.server());
        put(parts, "redirect", http.redirect());
        put(parts, "altSvcH3", http.altSvcH3());
        put(parts, "publicKeyPins", http.publicKeyPins());
        return parts;
    }

    private static List<Object> chains(Observation o) {
        List<Observation.ServedChain> served = o.served();
        if (served == null) {
            return List.of("not asked");
        }
        return served.stream()
                .map(chain -> Map.<String, Object>copyOf(Map.of(
                        "chain", chain.chain().stream().map(Canonical::sha256).toList(),
                        "servedOn", chain.servedOn().stream().sorted().toList(),
                        "withoutSni", String.valueOf(chain.servedWithoutSni()),
                        "stapledOn", chain.staples().keySet().stream().sorted().toList())))
                .map(parts -> (Object) new TreeMap<>(parts))
                .sorted(Comparator.comparing(Object::toString))
                .toList();
    }

    private static @Nullable Map<String, Object> sorted(@Nullable Map<String, ?> map) {
        return map == null ? null : new TreeMap<>(map);
    }

    private static void put(Map<String, Object> parts, String name, @Nullable Object value) {
        if (value != null) {
            parts.put(name, value);
        }
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String sha256(String text) {
        return sha256(text.getBytes(StandardCharsets.UTF_8));
    }
}

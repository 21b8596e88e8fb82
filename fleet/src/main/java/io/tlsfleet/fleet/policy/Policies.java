package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.report.Severity;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The policies that ship, and how a file becomes one. */
public final class Policies {
    /** As {@code tlsfleet policy list} shows them. */
    public static final List<String> SHIPPED = List.of(
            "public-web",
            "internal-services",
            "legacy-compatible",
            "iot",
            "high-security",
            "mozilla-modern-6.0",
            "mozilla-intermediate-6.0",
            "mozilla-old-5.8",
            "pci-dss-4.0.1",
            "nist-sp-800-52r2",
            "bsi-tr-02102-2",
            "ncsc-nl-2025-05");

    public static final String DEFAULT = "public-web";

    private static final Map<String, Policy> READ = new ConcurrentHashMap<>();

    private Policies() {}

    public static Policy standard() {
        return named(DEFAULT);
    }

    public static Policy named(String name) {
        Policy policy = find(name);
        if (policy == null) {
            throw new IllegalArgumentException("no policy is called " + name + Words.nearest(name, SHIPPED)
                    + "; there are " + String.join(", ", SHIPPED));
        }
        return policy;
    }

    /** Null for a name that is none of the shipped. */
    public static @Nullable Policy find(String name) {
        if (!SHIPPED.contains(name)) {
            return null;
        }
        Policy known = READ.get(name);
        if (known == null) {
            known = load(name);
            READ.put(name, known);
        }
        return known;
    }

    /** Text of a YAML (or JSON) file; {@link InvalidPolicy} names every problem with line and column. */
    public static Policy parse(String text) {
        return parse(text, Policies::find);
    }

    /** {@code parents} knows what a file may extend; null for a name that is none. */
    public static Policy parse(String text, Function<String, @Nullable Policy> parents) {
        return PolicyReader.read(Part.yaml(text), parents);
    }

    private static Policy load(String name) {
        try (InputStream in = Policies.class.getResourceAsStream("policies/" + name + ".json")) {
            if (in == null) {
                throw new IllegalStateException("policies/" + name + ".json is not there");
            }
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return PolicyReader.read(Part.json(Json.parse(text)), Policies::find);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a policy is that says nothing: the general rules, and the stages of expiry that fit any lifetime. */
    static final Policy BARE = new Policy(
            "",
            "1",
            "",
            "",
            LocalDate.of(2026, 11, 1),
            new Policy.Protocols(List.of("TLSv1.2", "TLSv1.3"), List.of("TLSv1.3")),
            Policy.Allowed.ANY,
            Policy.Allowed.ANY,
            Policy.Allowed.ANY,
            2048,
            Policy.Certificates.ANY,
            new Policy.Expiry(List.of(
                    new Policy.Expiry.Stage(Severity.INFO, 30.0, 30.0),
                    new Policy.Expiry.Stage(Severity.LOW, 14.0, 25.0),
                    new Policy.Expiry.Stage(Severity.MEDIUM, 7.0, 15.0),
                    new Policy.Expiry.Stage(Severity.HIGH, 3.0, 10.0),
                    new Policy.Expiry.Stage(Severity.CRITICAL, 1.0, 5.0))),
            24,
            15_768_000,
            3,
            10,
            List.of(),
            Map.of(),
            List.of());
}

package io.tlsfleet.fleet.report;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Observation, findings and grades, as shown to people: the names and the shape are the product's promise ({@code
 * tlsfleet.report/1}). A part that the depth did not ask for is null and absent in JSON.
 */
public record Report(
        String schema,
        Observation.Endpoint endpoint,
        Observation.Scan scan,
        Judged judged,
        Observation.@Nullable Negotiated negotiated,
        List<Observation.Coverage> coverage,
        @Nullable Map<String, FactState> protocols,
        @Nullable Map<String, Observation.Suites> cipherSuites,
        @Nullable Map<String, Observation.Groups> groups,
        @Nullable List<Observation.FiniteFieldDh> finiteFieldDh,
        @Nullable Map<String, List<String>> signatureSchemes,
        @Nullable List<ServedCertificates> certificates,
        Observation.@Nullable Alpn alpn,
        Observation.@Nullable Sni sni,
        Observation.@Nullable Resumption resumption,
        Observation.@Nullable ClientAuthentication clientAuthentication,
        @Nullable Map<String, Object> features,
        @Nullable Map<String, FactState> tolerance,
        @Nullable List<Observation.Vulnerability> vulnerabilities,
        Observation.@Nullable Fingerprints fingerprints,
        Observation.@Nullable Timing timing,
        Observation.@Nullable Dns dns,
        Observation.@Nullable Quic quic,
        Observation.@Nullable Http http,
        List<Finding> findings,
        @Nullable List<Finding> waived,
        Map<String, Grade> grades,
        @Nullable List<Drift> drift) {
    public static final String SCHEMA = "tlsfleet.report/1";

    /** One difference to the baseline of a verification; {@code text} says it to a person. */
    public record Drift(
            String kind,
            String fact,
            @Nullable String before,
            @Nullable String after,
            String text) {}

    /** The same with what a verification found to differ; empty when nothing did. */
    public Report withDrift(List<Drift> found) {
        return new Report(
                schema,
                endpoint,
                scan,
                judged,
                negotiated,
                coverage,
                protocols,
                cipherSuites,
                groups,
                finiteFieldDh,
                signatureSchemes,
                certificates,
                alpn,
                sni,
                resumption,
                clientAuthentication,
                features,
                tolerance,
                vulnerabilities,
                fingerprints,
                timing,
                dns,
                quic,
                http,
                findings,
                waived,
                grades,
                List.copyOf(found));
    }

    /** What the judgement rests on beside the facts; {@code policies} as "name version", {@code stores} by name. */
    public record Judged(Instant at, List<String> policies, List<String> stores) {}

    /** One distinct chain that was served, and what is thought of it. */
    public record ServedCertificates(
            String keyType,
            List<String> servedOn,
            @Nullable Boolean servedWithoutSni,
            List<Certificate> chain,
            String completeness,
            List<String> order,
            List<MissingIntermediate> missingIntermediates,
            @Nullable Hostname hostname,
            List<Trust> trust,
            Staple ocspStaple,
            Revocation revocation) {}

    public record Certificate(
            String sha256,
            String spkiSha256,
            String subject,
            String issuer,
            String serialNumber,
            @Nullable Instant notBefore,
            @Nullable Instant notAfter,
            String keyAlgorithm,
            @Nullable Integer keyBits,
            String signatureAlgorithm,
            List<String> subjectAltNames,
            List<String> extendedKeyUsages,
            boolean mustStaple,
            List<String> ocspUrls,
            List<String> crlUrls,
            List<String> caIssuersUrls,
            List<Sct> scts,
            String pem) {}

    /**
     * {@code source}: certificate, tls, ocsp. {@code status} says whether it counts, {@code log} and {@code operator}
     * whose it is where the log is known.
     */
    public record Sct(
            String logId,
            Instant timestamp,
            String source,
            String status,
            @Nullable String log,
            @Nullable String operator) {}

    /** {@code fetchedFrom}: aia, known, store. */
    public record MissingIntermediate(String subject, String fetchedFrom, String pem) {}

    /** {@code matches} is null where it is not known: names that could have matched are lost. */
    public record Hostname(
            @Nullable Boolean matches,
            @Nullable String matchedBy,
            @Nullable String reason) {}

    /** {@code path}: SHA-256 of leaf to root. */
    public record Trust(
            String store, String status, @Nullable String reason, List<String> path) {}

    public record Staple(
            String status,
            @Nullable String reason,
            @Nullable Instant thisUpdate,
            @Nullable Instant nextUpdate,
            @Nullable Instant producedAt,
            @Nullable String responder,
            List<String> protocols) {}

    public record Revocation(
            String status,
            @Nullable String via,
            @Nullable Instant checkedAt,
            @Nullable String reason) {}
}

package io.tlsfleet.fleet.observation;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All outcomes of one scan of one endpoint. Its JSON has the names and the shape of the report ({@code
 * tlsfleet.report/1}) but for {@code served}, which holds bytes where the report holds judged certificates. A part that
 * the depth did not ask for is null (absent in JSON); a part that was asked is present even when empty. Maps have
 * protocol labels ({@code TLSv1.2}) as keys, oldest first.
 */
public record Observation(
        Endpoint endpoint,
        Scan scan,
        @Nullable Negotiated negotiated,
        List<Coverage> coverage,
        @Nullable Map<String, FactState> protocols,
        @Nullable Map<String, Suites> cipherSuites,
        @Nullable Map<String, Groups> groups,
        @Nullable List<FiniteFieldDh> finiteFieldDh,
        @Nullable Map<String, List<String>> signatureSchemes,
        @Nullable List<ServedChain> served,
        @Nullable Alpn alpn,
        @Nullable Sni sni,
        @Nullable Resumption resumption,
        @Nullable ClientAuthentication clientAuthentication,
        @Nullable Map<String, Object> features,
        @Nullable Map<String, FactState> tolerance,
        @Nullable List<Vulnerability> vulnerabilities,
        @Nullable Fingerprints fingerprints,
        @Nullable Timing timing,
        @Nullable Dns dns,
        @Nullable Quic quic,
        @Nullable Http http) {
    /** A scan that showed nothing: every part absent. */
    public static Observation bare(Endpoint endpoint, Scan scan) {
        return new Observation(
                endpoint, scan, null, List.of(), null, null, null, null, null, null, null, null, null, null, null, null,
                null, null, null, null, null, null);
    }

    /** The same facts of another endpoint: {@code chains} and times are its own. */
    public Observation seen(Endpoint at, Scan by, @Nullable List<ServedChain> chains, @Nullable Timing times) {
        return new Observation(
                at,
                by,
                negotiated,
                coverage,
                protocols,
                cipherSuites,
                groups,
                finiteFieldDh,
                signatureSchemes,
                chains,
                alpn,
                sni,
                resumption,
                clientAuthentication,
                features,
                tolerance,
                vulnerabilities,
                fingerprints,
                times,
                dns,
                quic,
                http);
    }

    /** The same facts, with other words on how well they are known. */
    public Observation withCoverage(List<Coverage> lines) {
        return new Observation(
                endpoint,
                scan,
                negotiated,
                lines,
                protocols,
                cipherSuites,
                groups,
                finiteFieldDh,
                signatureSchemes,
                served,
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
                http);
    }

    /** The same with other chains: what the network added to them. */
    public Observation withServed(List<ServedChain> chains) {
        return new Observation(
                endpoint,
                scan,
                negotiated,
                coverage,
                protocols,
                cipherSuites,
                groups,
                finiteFieldDh,
                signatureSchemes,
                chains,
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
                http);
    }

    /** The same with other DNS facts: what judging adds to them. */
    public Observation withDns(@Nullable Dns other) {
        return new Observation(
                endpoint,
                scan,
                negotiated,
                coverage,
                protocols,
                cipherSuites,
                groups,
                finiteFieldDh,
                signatureSchemes,
                served,
                alpn,
                sni,
                resumption,
                clientAuthentication,
                features,
                tolerance,
                vulnerabilities,
                fingerprints,
                timing,
                other,
                quic,
                http);
    }

    /** The same with the name of the session ticket key that its history keeps apart. */
    public Observation withTicketKeyName(String name) {
        if (resumption == null || resumption.tls12() == null) {
            return this;
        }
        Resumption.Tls12 tls12 = resumption.tls12();
        return new Observation(
                endpoint,
                scan,
                negotiated,
                coverage,
                protocols,
                cipherSuites,
                groups,
                finiteFieldDh,
                signatureSchemes,
                served,
                alpn,
                sni,
                new Resumption(
                        new Resumption.Tls12(tls12.sessionId(), tls12.ticket(), tls12.ticketLifetimeSeconds(), name),
                        resumption.tls13()),
                clientAuthentication,
                features,
                tolerance,
                vulnerabilities,
                fingerprints,
                timing,
                dns,
                quic,
                http);
    }

    /**
     * Null {@code address}: the name did not resolve. Null {@code sni}: none was sent. {@code addressPort}: the address was
     * dialled at this port, not at the endpoint's own.
     */
    public record Endpoint(
            String host,
            @Nullable String address,
            int port,
            @Nullable String sni,
            @Nullable String starttls,
            @Nullable Integer addressPort) {
        public Endpoint(
                String host, @Nullable String address, int port, @Nullable String sni, @Nullable String starttls) {
            this(host, address, port, sni, starttls, null);
        }

        /** With the port that was dialled. */
        public Endpoint dialled(int at) {
            return new Endpoint(host, address, port, sni, starttls, at == port ? null : at);
        }

        /** Where it was dialled: the port of a command that shows the same. */
        public int dialledPort() {
            return addressPort == null ? port : addressPort;
        }
    }

    /** {@code reason} says why an endpoint is unreachable or not TLS, else null; {@code detail} says it to a person. */
    public record Scan(
            Instant startedAt,
            long durationMillis,
            Depth depth,
            Outcome outcome,
            int connections,
            long bytesSent,
            long bytesReceived,
            int handshakesCompleted,
            String scanner,
            @Nullable Reason reason,
            @Nullable String detail) {}

    /** What an up-to-date client gets. */
    public record Negotiated(
            String protocol,
            String cipherSuite,
            @Nullable String group,
            @Nullable String signatureScheme,
            @Nullable String alpn) {}

    /** {@code fact} is a JSON pointer into the report; {@code inferred} marks what was taken from another name. */
    public record Coverage(
            String fact,
            FactState state,
            @Nullable Reason reason,
            @Nullable Boolean inferred) {
        public static Coverage unknown(String fact, Reason reason) {
            return new Coverage(fact, FactState.UNKNOWN, reason, null);
        }
    }

    public record CodePoint(String code, String name) {}

    /** {@code order}: server, client, unknown; null when there is only one suite. */
    public record Suites(@Nullable String order, @Nullable Boolean chachaWhenPreferred, List<CodePoint> suites) {}

    /** The two flags speak of TLS 1.3 only and are null elsewhere. */
    public record Groups(
            @Nullable String order,
            @Nullable Boolean prefersOfferedShare,
            @Nullable Boolean helloRetryRequest,
            List<CodePoint> groups) {}

    /** {@code prime}: a known prime's name, or {@code sha256:…} of p. */
    public record FiniteFieldDh(
            String protocol,
            int bits,
            String prime,
            @Nullable Boolean shareReused) {}

    /**
     * One distinct chain as it was served, DER, leaf first. {@code staples} are by protocol; {@code tlsScts} is the
     * data of the signed_certificate_timestamp extension; {@code fetched} is what the scanner fetched over the network.
     */
    public record ServedChain(
            List<String> servedOn,
            @Nullable Boolean servedWithoutSni,
            List<byte[]> chain,
            Map<String, byte[]> staples,
            List<byte[]> tlsScts,
            List<Fetched> fetched) {}

    /** {@code kind}: issuer, crl, ocsp. {@code failure} is set when there are no bytes. */
    public record Fetched(
            String kind,
            String url,
            Instant at,
            byte @Nullable [] bytes,
            @Nullable String failure) {
        /** Ends the failure of a responder that was asked about an issuer which it may well not know: no fault of its own. */
        public static final String ISSUER_UNKNOWN = ", asked about an issuer that is not known here";
    }

    public record Alpn(List<String> accepted, String onMismatch) {}

    public record Sni(String unknownName) {}

    /** Null members were not asked or do not apply. */
    public record Resumption(
            @Nullable Tls12 tls12, @Nullable Tls13 tls13) {
        public record Tls12(
                FactState sessionId,
                FactState ticket,
                @Nullable Long ticketLifetimeSeconds,
                @Nullable String ticketKeyName) {}

        public record Tls13(
                FactState psk,
                int ticketsPerHandshake,
                @Nullable Long ticketLifetimeSeconds,
                FactState earlyData,
                long maxEarlyDataSize) {}
    }

    /**
     * Authorities are names as RFC 4514 has them, escaped for display. {@code given}: whether the certificate that the user gave
     * was taken; null where none was given or asked for.
     */
    public record ClientAuthentication(
            String mode,
            String enforcement,
            List<String> authorities,
            List<String> signatureSchemes,
            @Nullable FactState given) {
        public ClientAuthentication(
                String mode, String enforcement, List<String> authorities, List<String> signatureSchemes) {
            this(mode, enforcement, authorities, signatureSchemes, null);
        }

        public ClientAuthentication given(FactState taken) {
            return new ClientAuthentication(mode, enforcement, authorities, signatureSchemes, taken);
        }
    }

    public record Vulnerability(
            String id, String state, @Nullable String evidence) {}

    public record Fingerprints(
            @Nullable String jarm,
            List<Fingerprint> ja3s,
            @Nullable List<Fingerprint> ja4s,
            @Nullable List<Fingerprint> ja4x,
            @Nullable List<SentHello> sent) {}

    public record Fingerprint(
            String hello, String hash, @Nullable String text) {}

    /** JA3 and JA4 of a hello of ours, so that a scan can be found in other people's logs. */
    public record SentHello(String hello, String ja3, String ja4) {}

    public record Timing(
            @Nullable Long tcpConnectMicros,
            Map<String, Long> fullHandshakeMicros,
            Map<String, Long> resumedHandshakeMicros) {}

    /**
     * What the resolver says of the judged name. {@code caa} are the records that count for it, its own or those of the nearest
     * domain above (RFC 8659); {@code authenticated}: the resolver vouches by DNSSEC for the answer about TLSA, null where it
     * gave none. What could not be told is empty here and named in the coverage.
     */
    public record Dns(
            @Nullable List<String> addresses,
            List<String> caa,
            List<Tlsa> tlsa,
            @Nullable HttpsRecord https,
            @Nullable Boolean authenticated) {
        /** {@code matches} a chain that is served; null where that was not judged, or where the record has no meaning. */
        public record Tlsa(
                int usage,
                int selector,
                int matching,
                String data,
                @Nullable Boolean matches) {}

        /** {@code owner} is the name that has the records: that of the port first, else the host's (RFC 9460 section 9.1). */
        public record HttpsRecord(
                List<String> alpn, boolean ech, @Nullable String owner) {}
    }

    public record Quic(
            FactState state,
            List<String> versions,
            List<String> alpn,
            @Nullable Boolean sameCertificate) {}

    public record Http(
            @Nullable Integer status,
            @Nullable Hsts hsts,
            @Nullable String server,
            @Nullable Long clockSkewSeconds,
            @Nullable Boolean altSvcH3,
            @Nullable String redirect,
            @Nullable Integer mixedContent,
            @Nullable Boolean publicKeyPins) {
        public record Hsts(long maxAgeSeconds, boolean includeSubDomains, boolean preload) {}
    }
}

package io.tlsfleet.fleet.diagnosis;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.fleet.report.Finding;
import io.tlsfleet.fleet.report.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Why clients cannot connect to one endpoint, from its report: what keeps everybody out first, then what keeps some
 * out. Each problem is also said as people's own tools print it.
 */
public final class EndpointDiagnosis {
    /** {@code affects}: everyone, strict clients, old clients, clients without a certificate, present-day clients. */
    public record Problem(
            String cause,
            String affects,
            String explanation,
            String remedy,
            List<String> seenAs,
            List<String> evidence) {}

    /** What a device between drops or breaks off without a word. */
    private static final Set<Reason> DROPPED = Set.of(Reason.READ_TIMEOUT, Reason.RESET, Reason.CLOSED);

    private static final Set<String> LENGTHS =
            Set.of("/negotiated", "/tolerance/largeClientHello", "/tolerance/splitClientHello");
    private static final List<String> MIDDLEBOX = List.of(
            "Connection reset by peer",
            "ERR_CONNECTION_RESET",
            "SSL connection timeout",
            "works with curl and fails in the browser");

    private final Report report;
    private final List<Problem> problems = new ArrayList<>();

    private EndpointDiagnosis(Report report) {
        this.report = report;
    }

    /** Nothing where a present-day client that trusts the site's stores connects. */
    public static List<Problem> of(Report report) {
        EndpointDiagnosis diagnosis = new EndpointDiagnosis(report);
        Reason reason = report.scan().reason();
        if (reason != null) {
            diagnosis.unreached(reason);
        }
        diagnosis.handshake();
        diagnosis.silentAtLength();
        diagnosis.certificates();
        diagnosis.surroundings();
        return diagnosis.problems;
    }

    private void unreached(Reason reason) {
        String detail = report.scan().detail();
        String at = report.endpoint().address() == null
                ? report.endpoint().host()
                : report.endpoint().address();
        String where = at + " port " + report.endpoint().dialledPort();
        switch (reason) {
            case DNS_FAILURE ->
                add(
                        "dns-failure",
                        "everyone",
                        "The name " + report.endpoint().host() + " does not resolve" + after(detail),
                        "Check the name and the resolver; this is no TLS problem.",
                        List.of(
                                "curl: (6) Could not resolve host",
                                "getaddrinfo ENOTFOUND",
                                "java.net.UnknownHostException"));
            case CONNECT_REFUSED ->
                add(
                        "tcp-refused",
                        "everyone",
                        "Nothing listens on " + where + after(detail),
                        "Start the service, or check port and firewall; this is no TLS problem.",
                        List.of(
                                "curl: (7) Failed to connect … Connection refused",
                                "ECONNREFUSED",
                                "ERR_CONNECTION_REFUSED"));
            case CONNECT_TIMEOUT, NO_ROUTE ->
                add(
                        "tcp-unreachable",
                        "everyone",
                        "No TCP connection to " + where + after(detail),
                        "A firewall drops the packets, or the host is down; this is no TLS problem.",
                        List.of(
                                "curl: (28) Connection timed out",
                                "ETIMEDOUT",
                                "No route to host",
                                "ERR_CONNECTION_TIMED_OUT"));
            case NOT_TLS ->
                add(
                        "not-tls",
                        "everyone",
                        "The service on " + where + " does not speak TLS" + after(Greeting.of(detail)),
                        "Use the TLS port, give --starttls where the protocol begins in plain text, or switch TLS on (listen … ssl).",
                        List.of(
                                "wrong version number",
                                "SSL_ERROR_RX_RECORD_TOO_LONG",
                                "ERR_SSL_PROTOCOL_ERROR",
                                "Unrecognized SSL message, plaintext connection?",
                                "first record does not look like a TLS handshake"));
            case STARTTLS_REFUSED ->
                add(
                        "starttls-refused",
                        "everyone",
                        "The service does not go over to TLS" + after(detail),
                        "Switch STARTTLS on; check that the protocol given is the one spoken here.",
                        List.of(
                                "didn't found starttls in server response",
                                "STARTTLS is required but host did not offer STARTTLS"));
            case RESET, CLOSED ->
                add(
                        "connection-dropped",
                        "everyone",
                        "TCP connects and the connection is cut at the ClientHello (" + reason.word() + ")"
                                + after(detail),
                        "A firewall or intrusion prevention system may sit in between; compare with a scan from inside, and look whether the server requires a name (SNI) or a PROXY header (accept-proxy, listen … proxy_protocol).",
                        List.of(
                                "Connection reset by peer",
                                "unexpected eof while reading",
                                "ECONNRESET",
                                "ERR_CONNECTION_RESET",
                                "Remote host terminated the handshake"));
            case READ_TIMEOUT, DEADLINE -> {
                if (speaksTls()) {
                    add(
                            "scan-incomplete",
                            "this scanner",
                            "TLS is agreed here, and not all could be asked" + after(detail),
                            "Raise --deadline. A server that leaves some hellos unanswered, as one behind a device that drops large ones, takes long.",
                            List.of());
                    return;
                }
                add(
                        "silence",
                        "everyone",
                        "TCP connects and the server says nothing to a ClientHello" + after(detail),
                        "An overloaded or stuck service, a protocol that wants STARTTLS, a PROXY header that is expected and not sent, or packets that are lost because they are too large (MTU).",
                        List.of(
                                "curl: (28) SSL connection timeout",
                                "SSL handshake timed out",
                                "net/http: TLS handshake timeout"));
            }
            case CLIENT_CERTIFICATE_REQUIRED -> clientCertificate();
            case BLOCKED_BY_POLICY ->
                add(
                        "blocked-by-policy",
                        "this scanner",
                        "The site's address policy forbids to connect to " + where + after(detail),
                        "Scan from a site that may, or allow the address for this site.",
                        List.of());
            default ->
                add(
                        reason.word(),
                        "everyone",
                        "The scan of " + where + " failed: " + reason.word() + after(detail),
                        "Scan again; raise --deadline if the host is slow.",
                        List.of());
        }
    }

    private void handshake() {
        if (report.protocols() == null) {
            return;
        }
        boolean modern = accepts("TLSv1.2") || accepts("TLSv1.3");
        boolean any = speaksTls();
        boolean allRefused = report.protocols().values().stream().allMatch(s -> s == FactState.REFUSED);
        if (any && !modern && !unknown("TLSv1.2") && !unknown("TLSv1.3")) {
            add(
                    "no-common-protocol",
                    "present-day clients",
                    "The server speaks only " + spoken() + ", which present-day clients have switched off.",
                    "Switch TLS 1.2 and 1.3 on; update the TLS library if it has neither.",
                    List.of(
                            "unsupported protocol",
                            "tlsv1 alert protocol version",
                            "ERR_SSL_VERSION_OR_CIPHER_MISMATCH",
                            "No appropriate protocol (protocol is disabled or cipher suites are inappropriate)",
                            "tls: server selected unsupported protocol version 301"));
        } else if (allRefused) {
            boolean name = report.sni() != null && report.sni().unknownName().equals("alert");
            add(
                    name ? "unrecognised-name" : "no-common-suite",
                    "everyone",
                    name
                            ? "The server refuses every hello "
                                    + (report.endpoint().sni() == null
                                            ? "without a name"
                                            : "for the name "
                                                    + report.endpoint().sni())
                                    + "."
                            : "The server refuses every version and suite that was offered.",
                    name
                            ? "Add the name to the server, or send another name (--sni)."
                            : "Check that the listener has a certificate and suites that fit its key.",
                    List.of(
                            "alert handshake failure",
                            "tlsv1 unrecognized name",
                            "ERR_SSL_VERSION_OR_CIPHER_MISMATCH",
                            "no shared cipher"));
        } else if (accepts("TLSv1.3") && !accepts("TLSv1.2") && refuses("TLSv1.2")) {
            add(
                    "only-tls13",
                    "old clients",
                    "The server speaks TLS 1.3 alone: Java 8 before 8u261, Windows before 11 and 2022, OpenSSL before 1.1.1 cannot connect.",
                    "Nothing to do if such clients are not wanted; else switch TLS 1.2 on.",
                    List.of(
                            "tlsv1 alert protocol version",
                            "unsupported protocol",
                            "SSLHandshakeException: Received fatal alert: protocol_version"));
        }
        Observation.Suites tls12 =
                report.cipherSuites() == null ? null : report.cipherSuites().get("TLSv1.2");
        if (accepts("TLSv1.2") && refuses("TLSv1.3") && tls12 != null && !Browsers.haveAnyOf(tls12.suites())) {
            add(
                    "no-common-suite",
                    "browsers",
                    "No browser has any of the server's suites: "
                            + tls12.suites().stream()
                                    .map(Observation.CodePoint::name)
                                    .limit(6)
                                    .collect(Collectors.joining(", "))
                            + ".",
                    "Allow ECDHE with AES-GCM or ChaCha20-Poly1305, with a certificate of a key that fits; or switch TLS 1.3 on.",
                    List.of("ERR_SSL_VERSION_OR_CIPHER_MISMATCH", "SSL_ERROR_NO_CYPHER_OVERLAP", "no shared cipher"));
        }
        if (report.clientAuthentication() != null
                && (report.clientAuthentication().mode().equals("required")
                        || !Set.of("none", "unknown")
                                .contains(report.clientAuthentication().enforcement()))
                && problems.stream().noneMatch(p -> p.cause.equals("client-certificate-required"))) {
            clientCertificate();
        }
    }

    /** Silence proves nothing to a policy; who looks for a reason wants to know that only short hellos are answered. */
    private void silentAtLength() {
        if (!speaksTls() || report.tolerance() == null) {
            return;
        }
        for (Observation.Coverage fact : report.coverage()) {
            Reason reason = fact.reason();
            if (reason != null && DROPPED.contains(reason) && LENGTHS.contains(fact.fact())) {
                add(
                        "middlebox",
                        "present-day clients",
                        "Short hellos are answered, a long one, as with a post-quantum key share, was not ("
                                + reason.word() + ").",
                        "Look for a firewall, load balancer or intrusion prevention system in front that drops hellos of more than one packet, and for lost packets (MTU); scan again from inside.",
                        MIDDLEBOX);
                return;
            }
        }
    }

    private void clientCertificate() {
        Observation.ClientAuthentication client = report.clientAuthentication();
        String from = client == null || client.authorities().isEmpty()
                ? ""
                : " of " + client.authorities().stream().limit(3).collect(Collectors.joining("; "));
        String above = client != null && client.enforcement().equals("application")
                ? "The handshake goes through without one; the application then refuses (HTTP 400)."
                : "The handshake fails without one.";
        add(
                "client-certificate-required",
                "clients without a certificate",
                "The server wants a client certificate" + from + ". " + above,
                "Give the client its certificate and key (curl --cert --key, --client-cert --client-key here).",
                List.of(
                        "tlsv13 alert certificate required",
                        "sslv3 alert handshake failure",
                        "ERR_BAD_SSL_CLIENT_AUTH_CERT",
                        "CERTIFICATE_REQUIRED",
                        "400 No required SSL certificate was sent"));
    }

    private void certificates() {
        for (Finding f : report.findings()) {
            Known known = known(f.rule());
            boolean entailed = f.rule().equals("certificate.common-name-only")
                    && problems.stream().anyMatch(p -> p.cause.equals("name-mismatch"));
            if (known != null && !entailed) {
                problems.add(new Problem(
                        known.cause,
                        known.affects,
                        f.detail(),
                        f.remedy(),
                        known.seenAs,
                        f.reproduce() == null ? List.of(f.rule()) : List.of(f.rule(), f.reproduce())));
            }
        }
    }

    private record Known(String cause, String affects, List<String> seenAs) {}

    private static @Nullable Known known(String rule) {
        return switch (rule) {
            case "certificate.expired" ->
                new Known(
                        "expired",
                        "everyone",
                        List.of(
                                "certificate has expired",
                                "CERT_HAS_EXPIRED",
                                "NET::ERR_CERT_DATE_INVALID",
                                "SEC_ERROR_EXPIRED_CERTIFICATE",
                                "CertificateExpiredException: NotAfter"));
            case "certificate.not-yet-valid" ->
                new Known(
                        "not-yet-valid",
                        "everyone",
                        List.of(
                                "certificate is not yet valid",
                                "CERT_NOT_YET_VALID",
                                "NET::ERR_CERT_DATE_INVALID",
                                "CertificateNotYetValidException"));
            case "certificate.name-mismatch", "certificate.common-name-only" ->
                new Known(
                        "name-mismatch",
                        "everyone",
                        List.of(
                                "no alternative certificate subject name matches target host name",
                                "ERR_TLS_CERT_ALTNAME_INVALID",
                                "NET::ERR_CERT_COMMON_NAME_INVALID",
                                "SSL_ERROR_BAD_CERT_DOMAIN",
                                "No subject alternative DNS name matching"));
            case "certificate.self-signed" ->
                new Known(
                        "self-signed",
                        "everyone",
                        List.of(
                                "self-signed certificate",
                                "DEPTH_ZERO_SELF_SIGNED_CERT",
                                "NET::ERR_CERT_AUTHORITY_INVALID",
                                "MOZILLA_PKIX_ERROR_SELF_SIGNED_CERT",
                                "PKIX path building failed"));
            case "certificate.untrusted" ->
                new Known(
                        "unknown-ca",
                        "everyone",
                        List.of(
                                "self-signed certificate in certificate chain",
                                "SELF_SIGNED_CERT_IN_CHAIN",
                                "NET::ERR_CERT_AUTHORITY_INVALID",
                                "SEC_ERROR_UNKNOWN_ISSUER",
                                "PKIX path building failed",
                                "x509: certificate signed by unknown authority"));
            case "certificate.chain-incomplete" ->
                new Known(
                        "missing-intermediate",
                        "clients that have not met the intermediate",
                        List.of(
                                "unable to get local issuer certificate", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
                                "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "unable to verify the first certificate",
                                "PKIX path building failed", "SEC_ERROR_UNKNOWN_ISSUER"));
            case "certificate.revoked" ->
                new Known(
                        "revoked",
                        "clients that check revocation",
                        List.of("certificate revoked", "NET::ERR_CERT_REVOKED", "SEC_ERROR_REVOKED_CERTIFICATE"));
            case "certificate.must-staple-without-staple", "ocsp.staple-invalid", "ocsp.staple-expired" ->
                new Known(
                        "staple",
                        "strict clients",
                        List.of(
                                "MOZILLA_PKIX_ERROR_REQUIRED_TLS_FEATURE_MISSING",
                                "SEC_ERROR_OCSP_INVALID_SIGNING_CERT",
                                "SEC_ERROR_OCSP_OLD_RESPONSE",
                                "bad certificate status response"));
            case "certificate.weak-key", "certificate.weak-signature" ->
                new Known(
                        "too-weak",
                        "present-day clients",
                        List.of("ee key too small", "ca md too weak", "NET::ERR_CERT_WEAK_SIGNATURE_ALGORITHM"));
            case "kex.dh-weak" ->
                new Known(
                        "too-weak",
                        "clients that agree on finite-field Diffie-Hellman",
                        List.of(
                                "dh key too small",
                                "ERR_SSL_WEAK_SERVER_EPHEMERAL_DH_KEY",
                                "DH ServerKeyExchange does not comply to algorithm constraints"));
            case "certificate.eku-wrong" ->
                new Known(
                        "wrong-purpose",
                        "everyone",
                        List.of(
                                "unsupported certificate purpose",
                                "SEC_ERROR_INADEQUATE_CERT_TYPE",
                                "Extended key usage does not permit use for TLS server authentication"));
            case "certificate.sct-missing" ->
                new Known("no-transparency-proof", "browsers", List.of("NET::ERR_CERTIFICATE_TRANSPARENCY_REQUIRED"));
            case "certificate.lifetime-too-long" ->
                new Known("lifetime-too-long", "browsers", List.of("NET::ERR_CERT_VALIDITY_TOO_LONG"));
            case "handshake.large-hello-intolerant", "handshake.split-hello-intolerant" ->
                new Known("middlebox", "present-day clients", MIDDLEBOX);
            case "handshake.version-intolerant", "handshake.grease-intolerant" ->
                new Known(
                        "intolerant-server",
                        "present-day clients",
                        List.of("alert handshake failure", "alert decode error", "ERR_SSL_PROTOCOL_ERROR"));
            case "handshake.no-extended-master-secret" ->
                new Known(
                        "no-extended-master-secret",
                        "FIPS clients",
                        List.of("unsafe legacy … extended master secret", "ems not enabled"));
            case "handshake.insecure-renegotiation" ->
                new Known(
                        "unsafe-renegotiation",
                        "clients with OpenSSL 3",
                        List.of("unsafe legacy renegotiation disabled"));
            default -> null;
        };
    }

    private void surroundings() {
        Observation.Http http = report.http();
        Long skew = http == null ? null : http.clockSkewSeconds();
        if (skew != null && Math.abs(skew) > 300) {
            add(
                    "clock-skew",
                    "connections that this server makes itself",
                    "The server's clock is " + Math.abs(skew) + " s " + (skew > 0 ? "ahead" : "behind")
                            + ": certificates that it checks look expired or not yet valid to it.",
                    "Switch time synchronisation on.",
                    List.of("certificate is not yet valid", "certificate has expired"));
        }
    }

    private boolean speaksTls() {
        return report.protocols() != null && report.protocols().containsValue(FactState.ACCEPTED);
    }

    private boolean accepts(String version) {
        return report.protocols() != null && report.protocols().get(version) == FactState.ACCEPTED;
    }

    private boolean refuses(String version) {
        return report.protocols() != null && report.protocols().get(version) == FactState.REFUSED;
    }

    private boolean unknown(String version) {
        return report.protocols() != null && report.protocols().get(version) == FactState.UNKNOWN;
    }

    private String spoken() {
        return report.protocols() == null
                ? ""
                : report.protocols().entrySet().stream()
                        .filter(p -> p.getValue() == FactState.ACCEPTED)
                        .map(p -> p.getKey().replace("TLSv", "TLS ").replace("SSLv", "SSL "))
                        .collect(Collectors.joining(", "));
    }

    private static String after(@Nullable String detail) {
        return detail == null ? "." : ": " + detail + (detail.endsWith(".") ? "" : ".");
    }

    private void add(String cause, String affects, String explanation, String remedy, List<String> seenAs) {
        problems.add(new Problem(cause, affects, explanation, remedy, seenAs, List.of()));
    }
}

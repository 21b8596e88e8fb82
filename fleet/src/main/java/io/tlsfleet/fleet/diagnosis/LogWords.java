package io.tlsfleet.fleet.diagnosis;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What servers, clients and libraries write when a handshake fails, in small letters, and what they mean by it. */
final class LogWords {
    /** How Go's server ends a line on a connection that broke. */
    private static final Map<String, Cause> GO = Map.of(
            ": eof", Cause.CLOSED,
            "connection reset by peer", Cause.RESET,
            "broken pipe", Cause.CLOSED,
            "i/o timeout", Cause.TIMEOUT);

    private LogWords() {}

    /** What the first of our words in it means; null where it holds none. */
    static @Nullable Cause telling(String text) {
        Cause said = words(text);
        return said == null && SHOUTED.stream().anyMatch(text::contains) ? words(text.replace('_', ' ')) : said;
    }

    /** To be asked when nothing in the line says more. */
    static @Nullable Cause lessTelling(String text) {
        return first(LESS_TELLING, text);
    }

    private static @Nullable Cause words(String text) {
        if (text.contains("certificate has expired or is not yet valid") && text.contains(" is before ")) {
            return Cause.NOT_YET_VALID;
        }
        Cause said = first(WORDS, text);
        return said != null || !text.contains("tls handshake error from") ? said : go(text.strip());
    }

    private static @Nullable Cause go(String text) {
        return GO.entrySet().stream()
                .filter(end -> text.endsWith(end.getKey()))
                .findFirst()
                .map(Map.Entry::getValue)
                .orElse(null);
    }

    private static @Nullable Cause first(List<Map.Entry<String, Cause>> table, String text) {
        for (Map.Entry<String, Cause> said : table) {
            if (text.contains(said.getKey())) {
                return said.getValue();
            }
        }
        return null;
    }

    private static Map.Entry<String, Cause> says(String words, Cause cause) {
        return Map.entry(words, cause);
    }

    /** In this order: the first that a line contains. Of OpenSSL, nginx, Apache, HAProxy, curl, Java, Go, GnuTLS, Node. */
    private static final List<Map.Entry<String, Cause>> WORDS = List.of(
            says("unsafe legacy renegotiation disabled", Cause.UNSAFE_RENEGOTIATION),
            says("proxy protocol header", Cause.PROXY_PROTOCOL),
            says("while reading proxy protocol", Cause.PROXY_PROTOCOL),
            says("remoteipproxyprotocol:", Cause.PROXY_PROTOCOL),
            says("\"proxy tcp", Cause.PROXY_PROTOCOL),
            says("\"proxy unknown", Cause.PROXY_PROTOCOL),
            says("ah10158", Cause.CLIENT_CERTIFICATE_MISSING),
            says("wanted client certificate but none", Cause.CLIENT_CERTIFICATE_MISSING),
            says("peer did not return a certificate", Cause.CLIENT_CERTIFICATE_MISSING),
            says("client sent no required ssl certificate", Cause.CLIENT_CERTIFICATE_MISSING),
            says("no client certificate presented", Cause.CLIENT_CERTIFICATE_MISSING),
            says("client didn't provide a certificate", Cause.CLIENT_CERTIFICATE_MISSING),
            says("certificate required", Cause.CLIENT_CERTIFICATE_MISSING),
            says("certificate_required", Cause.CLIENT_CERTIFICATE_MISSING),
            says("no required certificate was sent", Cause.CLIENT_CERTIFICATE_MISSING),
            says("null cert chain", Cause.CLIENT_CERTIFICATE_MISSING),
            says("empty client certificate chain", Cause.CLIENT_CERTIFICATE_MISSING),
            says("handshake failed: not accepted by client", Cause.CLIENT_CERTIFICATE_MISSING),
            says("unable to get certificate crl", Cause.CLIENT_CRL_UNUSABLE),
            says("crl has expired", Cause.CLIENT_CRL_UNUSABLE),
            says("crl is not yet valid", Cause.CLIENT_CRL_UNUSABLE),
            says("certificate has expired or is not yet valid", Cause.EXPIRED),
            says("certificate has expired", Cause.EXPIRED),
            says("cert_has_expired", Cause.EXPIRED),
            says("alert certificate expired", Cause.EXPIRED),
            says("expired certificate", Cause.EXPIRED),
            says("certificate_expired", Cause.EXPIRED),
            says("certificateexpiredexception", Cause.EXPIRED),
            says("certificate expired", Cause.EXPIRED),
            says("peer certificate is expired", Cause.EXPIRED),
            says("validity check failed", Cause.EXPIRED),
            says("certificate is not yet valid", Cause.NOT_YET_VALID),
            says("certificatenotyetvalidexception", Cause.NOT_YET_VALID),
            says("certificate revoked", Cause.REVOKED),
            says("certificate_revoked", Cause.REVOKED),
            says("ssl certificate does not match", Cause.NAME_MISMATCH),
            says("hostname mismatch", Cause.NAME_MISMATCH),
            says("does not match target host name", Cause.NAME_MISMATCH),
            says("no alternative certificate subject name matches", Cause.NAME_MISMATCH),
            says("no subject alternative", Cause.NAME_MISMATCH),
            says("no name matching", Cause.NAME_MISMATCH),
            says("certificate different from the", Cause.NAME_MISMATCH),
            says("err_tls_cert_altname_invalid", Cause.NAME_MISMATCH),
            says("x509: certificate is valid for", Cause.NAME_MISMATCH),
            says("x509: certificate is not valid for any names", Cause.NAME_MISMATCH),
            says("doesn't contain any ip sans", Cause.NAME_MISMATCH),
            says("relies on legacy common name field", Cause.NAME_MISMATCH),
            says("peer certificate does not match for hostname", Cause.NAME_MISMATCH),
            says("peer certificate cn mismatch", Cause.NAME_MISMATCH),
            says("certificate's owner does not match", Cause.NAME_MISMATCH),
            says("self signed certificate in certificate chain", Cause.UNKNOWN_CA),
            says("self-signed certificate in certificate chain", Cause.UNKNOWN_CA),
            says("self_signed_cert_in_chain", Cause.UNKNOWN_CA),
            says("depth_zero_self_signed_cert", Cause.SELF_SIGNED),
            says("self signed certificate", Cause.SELF_SIGNED),
            says("self-signed certificate", Cause.SELF_SIGNED),
            says("unable to get local issuer certificate", Cause.MISSING_INTERMEDIATE),
            says("unable_to_get_issuer_cert", Cause.MISSING_INTERMEDIATE),
            says("unable to get issuer certificate", Cause.MISSING_INTERMEDIATE),
            says("unable to verify the first certificate", Cause.MISSING_INTERMEDIATE),
            says("unable_to_verify_leaf_signature", Cause.MISSING_INTERMEDIATE),
            says("ssl client ca chain cannot be verified", Cause.CLIENT_CERTIFICATE_UNKNOWN_CA),
            says("unknown ca", Cause.UNKNOWN_CA),
            says("unknown_ca", Cause.UNKNOWN_CA),
            says("unknown certificate authority", Cause.UNKNOWN_CA),
            says("signed by unknown authority", Cause.UNKNOWN_CA),
            says("pkix path building failed", Cause.UNKNOWN_CA),
            says("unable to find valid certification path", Cause.UNKNOWN_CA),
            says("path does not chain with any of the trust anchors", Cause.UNKNOWN_CA),
            says("certificate issuer is unknown", Cause.UNKNOWN_CA),
            says("ee key too small", Cause.WEAK_KEY_OR_SIGNATURE),
            says("ca key too small", Cause.WEAK_KEY_OR_SIGNATURE),
            says("ca md too weak", Cause.WEAK_KEY_OR_SIGNATURE),
            says("dh key too small", Cause.WEAK_KEY_OR_SIGNATURE),
            says("to algorithm constraints", Cause.WEAK_KEY_OR_SIGNATURE),
            says("algorithm constraints check failed", Cause.WEAK_KEY_OR_SIGNATURE),
            says("insufficient security", Cause.WEAK_KEY_OR_SIGNATURE),
            says("bad certificate status response", Cause.STAPLE_REJECTED),
            says("bad_certificate_status_response", Cause.STAPLE_REJECTED),
            says("invalid status response", Cause.STAPLE_REJECTED),
            says("no ocsp response received", Cause.STAPLE_REJECTED),
            says("unrecognized name", Cause.UNRECOGNISED_NAME),
            says("unrecognized_name", Cause.UNRECOGNISED_NAME),
            says("no hostname was provided via sni", Cause.UNRECOGNISED_NAME),
            says("provided via sni, but no hostname provided", Cause.UNRECOGNISED_NAME),
            says("handshake rejected while ssl handshaking", Cause.UNRECOGNISED_NAME),
            says("provided via sni and hostname", Cause.UNRECOGNISED_NAME),
            says("http spoken on https port", Cause.NOT_TLS),
            says("client sent plain http request to https port", Cause.NOT_TLS),
            says("client sent an http request to an https server", Cause.NOT_TLS),
            says(":http request", Cause.NOT_TLS),
            says(":https proxy request", Cause.NOT_TLS),
            says("gave http response to https client", Cause.NOT_TLS),
            says("unsupported or unrecognized ssl message", Cause.NOT_TLS),
            says("wrong version number", Cause.NOT_TLS),
            says("unknown protocol", Cause.NOT_TLS),
            says("does not look like a tls handshake", Cause.NOT_TLS),
            says("unrecognized ssl message, plaintext connection", Cause.NOT_TLS),
            says("packet length too long", Cause.NOT_TLS),
            says("record layer failure", Cause.NOT_TLS),
            says("unexpected tls packet", Cause.NOT_TLS),
            says("not an ssl/tls record", Cause.NOT_TLS),
            says("unsupported protocol", Cause.VERSION_MISMATCH),
            says("unsupported ssl version", Cause.VERSION_MISMATCH),
            says("no protocols available", Cause.VERSION_MISMATCH),
            says("alert protocol version", Cause.VERSION_MISMATCH),
            says("protocol_version", Cause.VERSION_MISMATCH),
            says("protocol version not supported", Cause.VERSION_MISMATCH),
            says("version too low", Cause.VERSION_MISMATCH),
            says("version too high", Cause.VERSION_MISMATCH),
            says("wrong ssl version", Cause.VERSION_MISMATCH),
            says("unknown ssl version", Cause.VERSION_MISMATCH),
            says("server selected unsupported protocol version", Cause.VERSION_MISMATCH),
            says("server selected protocol version", Cause.VERSION_MISMATCH),
            says("no supported versions satisfy", Cause.VERSION_MISMATCH),
            says("unsupported sslv2 handshake", Cause.VERSION_MISMATCH),
            says("illegal or unsupported version", Cause.VERSION_MISMATCH),
            says("bad protocol version number", Cause.VERSION_MISMATCH),
            says("client offered only unsupported versions", Cause.VERSION_MISMATCH),
            says("no appropriate protocol", Cause.VERSION_MISMATCH),
            says("client requested protocol", Cause.VERSION_MISMATCH),
            says("inappropriate fallback", Cause.DOWNGRADE_REFUSED),
            says("no shared cipher", Cause.NO_SHARED_SUITE),
            says("no cipher match", Cause.NO_SHARED_SUITE),
            says("library has no ciphers", Cause.NO_SHARED_SUITE),
            says("no supported cipher suites have been found", Cause.NO_SHARED_SUITE),
            says("no cipher suites in common", Cause.NO_SHARED_SUITE),
            says("no ciphers available", Cause.NO_SHARED_SUITE),
            says("no cipher suite supported by both", Cause.NO_SHARED_SUITE),
            says("cipher suites offered by the client are not", Cause.NO_SHARED_SUITE),
            says("no suitable key share", Cause.NO_SHARED_GROUP),
            says("bad key share", Cause.NO_SHARED_GROUP),
            says("no suitable groups", Cause.NO_SHARED_GROUP),
            says("no shared group", Cause.NO_SHARED_GROUP),
            says("missing supported groups extension", Cause.NO_SHARED_GROUP),
            says("unsupported elliptic curve", Cause.NO_SHARED_GROUP),
            says("wrong curve", Cause.NO_SHARED_GROUP),
            says("no supported groups", Cause.NO_SHARED_GROUP),
            says("no ecdhe curve supported by both", Cause.NO_SHARED_GROUP),
            says("no suitable signature algorithm", Cause.NO_SHARED_SIGNATURE_ALGORITHM),
            says("no shared signature algorithms", Cause.NO_SHARED_SIGNATURE_ALGORITHM),
            says("no common signature algorithms", Cause.NO_SHARED_SIGNATURE_ALGORITHM),
            says("missing sigalgs extension", Cause.NO_SHARED_SIGNATURE_ALGORITHM),
            says("missing signing cert", Cause.NO_SHARED_SIGNATURE_ALGORITHM),
            says("legacy sigalg disallowed", Cause.NO_SHARED_SIGNATURE_ALGORITHM),
            says(
                    "peer doesn't support any of the certificate's signature algorithms",
                    Cause.NO_SHARED_SIGNATURE_ALGORITHM),
            says("wrong signature type", Cause.NO_SHARED_SIGNATURE_ALGORITHM),
            says("no application protocol", Cause.NO_SHARED_ALPN),
            says("no_application_protocol", Cause.NO_SHARED_ALPN),
            says("client requested unsupported application protocols", Cause.NO_SHARED_ALPN),
            says("no \"ssl_certificate\" is defined", Cause.SERVER_MISCONFIGURED),
            says("no certificate assigned", Cause.SERVER_MISCONFIGURED),
            says("no certificate set", Cause.SERVER_MISCONFIGURED),
            says("no private key assigned", Cause.SERVER_MISCONFIGURED),
            says("cert cb error", Cause.SERVER_MISCONFIGURED),
            says("session id context uninitialized", Cause.SERVER_MISCONFIGURED),
            says("unconfigured server names", Cause.UNRECOGNISED_NAME),
            says("no certificates configured", Cause.SERVER_MISCONFIGURED),
            says("key values mismatch", Cause.SERVER_MISCONFIGURED),
            says("bad record mac", Cause.INTEGRITY),
            says("decrypt error", Cause.INTEGRITY),
            says("decryption failed", Cause.INTEGRITY),
            says("digest check failed", Cause.INTEGRITY),
            says("bad signature", Cause.INTEGRITY),
            says("certificate unknown", Cause.CERTIFICATE_REJECTED),
            says("certificate_unknown", Cause.CERTIFICATE_REJECTED),
            says("bad certificate", Cause.CERTIFICATE_REJECTED),
            says("bad_certificate", Cause.CERTIFICATE_REJECTED),
            says("unsupported certificate purpose", Cause.CERTIFICATE_REJECTED),
            says("unsupported certificate", Cause.CERTIFICATE_REJECTED),
            says("incompatible key usage", Cause.CERTIFICATE_REJECTED),
            says("certificate verify failed", Cause.CERTIFICATE_REJECTED),
            says("ssl client certificate not trusted", Cause.CLIENT_CERTIFICATE_REJECTED),
            says("client ssl certificate verify error", Cause.CLIENT_CERTIFICATE_REJECTED),
            says("certificate chain too long", Cause.CERTIFICATE_REJECTED),
            says("upstream ssl certificate verify error", Cause.CERTIFICATE_REJECTED),
            says("rejected a client-initiated ssl renegotiation", Cause.RENEGOTIATION_REFUSED),
            says("rejecting client initiated renegotiation", Cause.RENEGOTIATION_REFUSED),
            says("ssl renegotiation disabled", Cause.RENEGOTIATION_REFUSED),
            says("no renegotiation", Cause.RENEGOTIATION_REFUSED),
            says("timeout during ssl handshake", Cause.TIMEOUT),
            says("timed out) while ssl handshaking", Cause.TIMEOUT),
            says("ssl handshake timeout", Cause.TIMEOUT),
            says("tls handshake timeout", Cause.TIMEOUT),
            says("request handshake read timeout", Cause.TIMEOUT),
            says("handshake timed out", Cause.TIMEOUT),
            says("ssl connection timeout", Cause.TIMEOUT),
            says("layer6 timeout", Cause.TIMEOUT),
            says("read timeout expired", Cause.TIMEOUT),
            says("reset by peer) while ssl handshaking", Cause.RESET),
            says("reset by peer) in ssl handshake", Cause.RESET),
            says("ssl_connect: connection reset by peer", Cause.RESET),
            says("curl: (35) recv failure: connection reset", Cause.RESET),
            says("read:errno=104", Cause.RESET),
            says("write:errno=104", Cause.RESET),
            says("peer closed connection in ssl handshake", Cause.CLOSED),
            says("connection closed during ssl handshake", Cause.CLOSED),
            says("client closed connection while ssl handshaking", Cause.CLOSED),
            says("connection error during ssl handshake", Cause.RESET),
            says("ssl handshake interrupted by system", Cause.CLOSED),
            says("ssl handshake stopped: connection was closed", Cause.CLOSED),
            says("unexpected eof while reading", Cause.CLOSED),
            says("ssl_error_syscall", Cause.CLOSED),
            says("disconnected before secure tls connection", Cause.CLOSED),
            says("tls connection was non-properly terminated", Cause.CLOSED),
            says("remote host closed connection during handshake", Cause.CLOSED),
            says("remote host terminated the handshake", Cause.CLOSED),
            says("\"\\x16\\x03", Cause.TLS_ON_PLAIN_PORT),
            says("\"\u0016\u0003", Cause.TLS_ON_PLAIN_PORT),
            says("\"#026#003", Cause.TLS_ON_PLAIN_PORT));

    /** Said when nothing better was. */
    private static final List<Map.Entry<String, Cause>> LESS_TELLING = List.of(
            says("tls handshake error from", Cause.OTHER),
            says("alert handshake failure", Cause.HANDSHAKE_FAILURE),
            says("handshake_failure", Cause.HANDSHAKE_FAILURE),
            says("ssl handshake failure", Cause.HANDSHAKE_FAILURE),
            says("ssl library error 1 in handshake", Cause.HANDSHAKE_FAILURE),
            says("ssl_do_handshake() failed", Cause.HANDSHAKE_FAILURE),
            says("ssl_accept error", Cause.HANDSHAKE_FAILURE),
            says("re-negotiation handshake failed", Cause.HANDSHAKE_FAILURE),
            says("ssl handshake failed", Cause.HANDSHAKE_FAILURE),
            says("tls handshake failed", Cause.HANDSHAKE_FAILURE),
            says("remote error: tls: handshake failure", Cause.HANDSHAKE_FAILURE),
            says("ssl proxy connect failed", Cause.HANDSHAKE_FAILURE),
            says("ssl library error: error", Cause.OTHER));

    /** Where the names of errors are written with underscores: BoringSSL and AWS-LC, Node, Python. */
    private static final List<String> SHOUTED = List.of("openssl_internal:", "err_ssl_", "[ssl: ");
}

package io.tlsfleet.fleet.diagnosis;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What one log line says of a handshake. Words come first, because they survive versions; then OpenSSL's numbers, of
 * which 1.x packs library, function and reason and 3.x library and reason alone.
 */
final class LogLine {
    private static final int MAX_LENGTH = 8_192;
    private static final Pattern ERROR_CODE = Pattern.compile("error:([0-9A-Fa-f]{8})\\b");
    private static final Pattern ALERT_NUMBER = Pattern.compile("ssl alert number (\\d{1,3})");
    private static final Pattern VERIFY_CODE = Pattern.compile(
            "(?:verify error:? ?\\(?(?:num=)?|verification: error \\(|verify return code: )(\\d{1,3})\\b");
    /** HAProxy's httpslog: conn_status/ssl_fc_hsk_err/ssl_c_err/ssl_c_ca_err, and is_resumed since 2.5; its counters have fewer digits. */
    private static final Pattern HAPROXY =
            Pattern.compile("(?<=\\s)(\\d{1,3})/([0-9A-Fa-f]{8,16})/(\\d{1,3})/(\\d{1,3})(?:/[01])?(?=\\s)");

    /** Names of HAProxy's fetches, as people put them into its log formats: {@code ssl_c_err=23}, {@code "ssl_fc_err": 167772294}. */
    private static final Pattern CLIENT_ERROR =
            Pattern.compile("(?:\\b|ssl_)c_(?:ca_)?err\"?\\s*[=:]\\s*\"?(\\d{1,3})\\b");

    private static final Pattern LIBRARY_ERROR =
            Pattern.compile("\\b(?:ssl_)?[fb]c_err\"?\\s*[=:]\\s*\"?(?:0x)?([0-9a-f]{7,16})\\b");
    private static final Pattern CONNECTION_ERROR =
            Pattern.compile("(?:\\b|[^_l])[fb]c_err\"?\\s*[=:]\\s*\"?(\\d{2})\\b");
    /** Where HAProxy speaks of a client without a format of ours: {@code frontend/listener: words}. */
    private static final Pattern HAPROXY_FRONTEND =
            Pattern.compile("\\] \\S+/\\S+: ssl handshake failure \\(|\\bssl_fc_err");
    /** How Go's server ends a line on a connection that broke. */
    private static final Map<String, Cause> GO = Map.of(
            ": eof", Cause.CLOSED,
            "connection reset by peer", Cause.RESET,
            "broken pipe", Cause.CLOSED,
            "i/o timeout", Cause.TIMEOUT);

    private LogLine() {}

    /** Null: nothing about a handshake that failed. */
    static @Nullable Cause cause(String line) {
        String text = (line.length() > MAX_LENGTH ? line.substring(0, MAX_LENGTH) : line).toLowerCase(Locale.ROOT);
        boolean clientCertificate = ofAClient(text);
        Matcher verify = VERIFY_CODE.matcher(text);
        if (verify.find()) {
            Cause cause = verifyCode(Integer.parseInt(verify.group(1)), clientCertificate);
            if (cause != null) {
                return cause;
            }
        }
        Matcher refused = CLIENT_ERROR.matcher(text);
        while (refused.find()) {
            Cause cause = verifyCode(Integer.parseInt(refused.group(1)), true);
            if (cause != null) {
                return cause;
            }
        }
        Cause said = words(text);
        if (said == null && SHOUTED.stream().anyMatch(text::contains)) {
            said = words(text.replace('_', ' '));
        }
        if (said != null) {
            return clientCertificate ? client(said) : said;
        }
        Matcher alert = ALERT_NUMBER.matcher(text);
        if (alert.find()) {
            return alert(Integer.parseInt(alert.group(1)));
        }
        Matcher code = ERROR_CODE.matcher(text);
        while (code.find()) {
            Cause cause = reason(Long.parseLong(code.group(1), 16));
            if (cause != null) {
                return cause;
            }
        }
        Matcher packed = LIBRARY_ERROR.matcher(text);
        while (packed.find()) {
            Cause cause = printed(packed.group(1));
            if (cause != null) {
                return clientCertificate ? client(cause) : cause;
            }
        }
        Cause haproxy = haproxy(text);
        if (haproxy != null) {
            return haproxy;
        }
        for (Map.Entry<String, Cause> little : LESS_TELLING) {
            if (text.contains(little.getKey())) {
                return little.getValue();
            }
        }
        return null;
    }

    private static @Nullable Cause words(String text) {
        if (text.contains("certificate has expired or is not yet valid") && text.contains(" is before ")) {
            return Cause.NOT_YET_VALID;
        }
        for (Map.Entry<String, Cause> said : WORDS) {
            if (text.contains(said.getKey())) {
                return said.getValue();
            }
        }
        if (text.contains("tls handshake error from")) {
            for (Map.Entry<String, Cause> end : GO.entrySet()) {
                if (text.strip().endsWith(end.getKey())) {
                    return end.getValue();
                }
            }
        }
        return null;
    }

    /** A packed error in decimal or in hexadecimal digits: only one of both is one of the SSL library. */
    private static @Nullable Cause printed(String digits) {
        Cause decimal = digits.matches("\\d{7,10}") ? reason(Long.parseLong(digits)) : null;
        return decimal != null
                ? decimal
                : reason(Long.parseLong(digits.length() > 8 ? digits.substring(digits.length() - 8) : digits, 16));
    }

    /** A server that speaks of the certificate that it was shown. */
    private static boolean ofAClient(String text) {
        if (text.contains("upstream")
                || text.contains("to backend")
                || text.contains("curl:")
                || text.contains("[remote ")) {
            return false;
        }
        return text.contains("client ssl certificate")
                || text.contains("ah02039")
                || text.contains("ah02276")
                || text.contains("ssl client ca chain")
                || text.contains("ssl client certificate")
                || HAPROXY_FRONTEND.matcher(text).find() && text.contains("certificate verify failed")
                || text.contains("tls_process_client_certificate")
                || text.contains("ssl3_get_client_certificate")
                || text.contains("tls: failed to verify client certificate")
                || text.contains("tls: failed to verify certificate") && text.contains("tls handshake error from");
    }

    /** The same, of the certificate that a client shows. */
    static Cause client(Cause cause) {
        return switch (cause) {
            case EXPIRED -> Cause.CLIENT_CERTIFICATE_EXPIRED;
            case NOT_YET_VALID -> Cause.CLIENT_CERTIFICATE_NOT_YET_VALID;
            case REVOKED -> Cause.CLIENT_CERTIFICATE_REVOKED;
            case UNKNOWN_CA, SELF_SIGNED, MISSING_INTERMEDIATE -> Cause.CLIENT_CERTIFICATE_UNKNOWN_CA;
            case CERTIFICATE_REJECTED -> Cause.CLIENT_CERTIFICATE_REJECTED;
            default -> cause;
        };
    }

    /** X509_V_ERR_…; 0 is no error. */
    private static @Nullable Cause verifyCode(int code, boolean client) {
        Cause cause = switch (code) {
            case 0 -> null;
            case 2, 20, 21 -> Cause.MISSING_INTERMEDIATE;
            case 3, 11, 12 -> Cause.CLIENT_CRL_UNUSABLE;
            case 9 -> Cause.NOT_YET_VALID;
            case 10 -> Cause.EXPIRED;
            case 18 -> Cause.SELF_SIGNED;
            case 19 -> Cause.UNKNOWN_CA;
            case 23 -> Cause.REVOKED;
            case 62, 63, 64 -> Cause.NAME_MISMATCH;
            case 66, 67, 68 -> Cause.WEAK_KEY_OR_SIGNATURE;
            default -> Cause.CERTIFICATE_REJECTED;
        };
        return cause != null && client ? client(cause) : cause;
    }

    private static @Nullable Cause haproxy(String text) {
        Matcher fields = HAPROXY.matcher(text);
        if (!fields.find()) {
            Matcher alone = CONNECTION_ERROR.matcher(text);
            return alone.find() ? status(Integer.parseInt(alone.group(1))) : null;
        }
        int status = Integer.parseInt(fields.group(1));
        int verify = Integer.parseInt(fields.group(3));
        int verifyCa = Integer.parseInt(fields.group(4));
        Cause known = status(status);
        if (known == null) {
            return null;
        }
        Cause refused = verifyCode(verify != 0 ? verify : verifyCa, true);
        if (refused != null) {
            return refused;
        }
        String hex = fields.group(2);
        Cause reason = reason(Long.parseLong(hex.length() > 8 ? hex.substring(hex.length() - 8) : hex, 16));
        if (reason != null) {
            return reason;
        }
        return known;
    }

    /** HAProxy's CO_ER_…, as fc_err shows them. */
    private static @Nullable Cause status(int status) {
        return switch (status) {
            case 13, 14, 15, 16, 17 -> Cause.PROXY_PROTOCOL;
            case 24 -> Cause.CLOSED;
            case 25 -> Cause.RESET;
            case 26 -> Cause.TIMEOUT;
            case 29 -> Cause.RENEGOTIATION_REFUSED;
            case 30, 31 -> Cause.CLIENT_CERTIFICATE_REJECTED;
            case 32, 33 -> Cause.NAME_MISMATCH;
            default -> status > 26 && status <= 40 ? Cause.HANDSHAKE_FAILURE : null;
        };
    }

    /** The reason in a packed error of the SSL library (20), in either packing; null when it is none that we know. */
    static @Nullable Cause reason(long packed) {
        int reason;
        if (packed >>> 23 == 20) {
            reason = (int) (packed & 0x7FFFFF);
        } else if (packed >>> 24 == 20) {
            reason = (int) (packed & 0xFFF);
        } else {
            return null;
        }
        return reason > 1000 ? alert(reason - 1000) : REASONS.get(reason);
    }

    /** RFC 8446 section 6, as the side that received it reads it. */
    private static Cause alert(int number) {
        return switch (number) {
            case 20, 21, 51 -> Cause.INTEGRITY;
            case 40 -> Cause.HANDSHAKE_FAILURE;
            case 41, 116 -> Cause.CLIENT_CERTIFICATE_MISSING;
            case 42, 43, 46 -> Cause.CERTIFICATE_REJECTED;
            case 44 -> Cause.REVOKED;
            case 45 -> Cause.EXPIRED;
            case 48 -> Cause.UNKNOWN_CA;
            case 70 -> Cause.VERSION_MISMATCH;
            case 71 -> Cause.WEAK_KEY_OR_SIGNATURE;
            case 86 -> Cause.DOWNGRADE_REFUSED;
            case 100 -> Cause.RENEGOTIATION_REFUSED;
            case 112 -> Cause.UNRECOGNISED_NAME;
            case 113 -> Cause.STAPLE_REJECTED;
            case 120 -> Cause.NO_SHARED_ALPN;
            case 0, 90 -> Cause.CLOSED;
            default -> Cause.HANDSHAKE_FAILURE;
        };
    }

    /** SSL_R_… of OpenSSL 1.0 to 3.5. */
    private static final Map<Integer, Cause> REASONS = Map.ofEntries(
            Map.entry(116, Cause.VERSION_MISMATCH),
            Map.entry(166, Cause.VERSION_MISMATCH),
            Map.entry(254, Cause.VERSION_MISMATCH),
            Map.entry(266, Cause.VERSION_MISMATCH),
            Map.entry(292, Cause.VERSION_MISMATCH),
            Map.entry(396, Cause.VERSION_MISMATCH),
            Map.entry(161, Cause.NO_SHARED_SUITE),
            Map.entry(181, Cause.NO_SHARED_SUITE),
            Map.entry(183, Cause.NO_SHARED_SUITE),
            Map.entry(209, Cause.NO_SHARED_GROUP),
            Map.entry(295, Cause.NO_SHARED_GROUP),
            Map.entry(315, Cause.NO_SHARED_GROUP),
            Map.entry(378, Cause.NO_SHARED_GROUP),
            Map.entry(410, Cause.NO_SHARED_GROUP),
            Map.entry(112, Cause.NO_SHARED_SIGNATURE_ALGORITHM),
            Map.entry(221, Cause.NO_SHARED_SIGNATURE_ALGORITHM),
            Map.entry(333, Cause.NO_SHARED_SIGNATURE_ALGORITHM),
            Map.entry(370, Cause.NO_SHARED_SIGNATURE_ALGORITHM),
            Map.entry(177, Cause.SERVER_MISCONFIGURED),
            Map.entry(190, Cause.SERVER_MISCONFIGURED),
            Map.entry(277, Cause.SERVER_MISCONFIGURED),
            Map.entry(377, Cause.SERVER_MISCONFIGURED),
            Map.entry(176, Cause.CLIENT_CERTIFICATE_MISSING),
            Map.entry(198, Cause.NOT_TLS),
            Map.entry(241, Cause.WEAK_KEY_OR_SIGNATURE),
            Map.entry(305, Cause.STAPLE_REJECTED),
            Map.entry(328, Cause.STAPLE_REJECTED),
            Map.entry(312, Cause.TIMEOUT),
            Map.entry(338, Cause.UNSAFE_RENEGOTIATION),
            Map.entry(339, Cause.RENEGOTIATION_REFUSED),
            Map.entry(193, Cause.NO_SHARED_SUITE),
            Map.entry(185, Cause.NO_SHARED_SUITE),
            Map.entry(258, Cause.VERSION_MISMATCH),
            Map.entry(259, Cause.VERSION_MISMATCH),
            Map.entry(191, Cause.VERSION_MISMATCH),
            Map.entry(252, Cause.NOT_TLS),
            Map.entry(267, Cause.NOT_TLS),
            Map.entry(156, Cause.NOT_TLS),
            Map.entry(155, Cause.NOT_TLS),
            Map.entry(199, Cause.CLIENT_CERTIFICATE_MISSING),
            Map.entry(134, Cause.CERTIFICATE_REJECTED),
            Map.entry(373, Cause.DOWNGRADE_REFUSED),
            Map.entry(108, Cause.NO_SHARED_GROUP),
            Map.entry(101, Cause.NO_SHARED_GROUP),
            Map.entry(118, Cause.NO_SHARED_SIGNATURE_ALGORITHM),
            Map.entry(360, Cause.NO_SHARED_SIGNATURE_ALGORITHM),
            Map.entry(376, Cause.NO_SHARED_SIGNATURE_ALGORITHM),
            Map.entry(235, Cause.NO_SHARED_ALPN),
            Map.entry(281, Cause.INTEGRITY),
            Map.entry(123, Cause.INTEGRITY),
            Map.entry(149, Cause.INTEGRITY),
            Map.entry(294, Cause.CLOSED),
            Map.entry(234, Cause.UNRECOGNISED_NAME),
            Map.entry(226, Cause.UNRECOGNISED_NAME),
            Map.entry(179, Cause.SERVER_MISCONFIGURED),
            Map.entry(394, Cause.WEAK_KEY_OR_SIGNATURE),
            Map.entry(397, Cause.WEAK_KEY_OR_SIGNATURE),
            Map.entry(398, Cause.WEAK_KEY_OR_SIGNATURE),
            Map.entry(399, Cause.WEAK_KEY_OR_SIGNATURE));

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

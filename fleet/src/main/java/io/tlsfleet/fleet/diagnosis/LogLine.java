package io.tlsfleet.fleet.diagnosis;

import java.util.Locale;
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

    private LogLine() {}

    /** Null: nothing about a handshake that failed. */
    static @Nullable Cause cause(String line) {
        String text = (line.length() > MAX_LENGTH ? line.substring(0, MAX_LENGTH) : line).toLowerCase(Locale.ROOT);
        boolean clientCertificate = ofAClient(text);
        Matcher verify = VERIFY_CODE.matcher(text);
        if (verify.find()) {
            Cause cause = OpensslErrors.verifyCode(Integer.parseInt(verify.group(1)), clientCertificate);
            if (cause != null) {
                return cause;
            }
        }
        Matcher refused = CLIENT_ERROR.matcher(text);
        while (refused.find()) {
            Cause cause = OpensslErrors.verifyCode(Integer.parseInt(refused.group(1)), true);
            if (cause != null) {
                return cause;
            }
        }
        Cause said = LogWords.telling(text);
        if (said != null) {
            return clientCertificate ? said.ofTheClient() : said;
        }
        Matcher alert = ALERT_NUMBER.matcher(text);
        if (alert.find()) {
            return OpensslErrors.alert(Integer.parseInt(alert.group(1)));
        }
        Matcher code = ERROR_CODE.matcher(text);
        while (code.find()) {
            Cause cause = OpensslErrors.reason(Long.parseLong(code.group(1), 16));
            if (cause != null) {
                return cause;
            }
        }
        Matcher packed = LIBRARY_ERROR.matcher(text);
        while (packed.find()) {
            Cause cause = OpensslErrors.printed(packed.group(1));
            if (cause != null) {
                return clientCertificate ? cause.ofTheClient() : cause;
            }
        }
        Cause haproxy = haproxy(text);
        return haproxy != null ? haproxy : LogWords.lessTelling(text);
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
        Cause refused = OpensslErrors.verifyCode(verify != 0 ? verify : verifyCa, true);
        if (refused != null) {
            return refused;
        }
        String hex = fields.group(2);
        Cause reason =
                OpensslErrors.reason(Long.parseLong(hex.length() > 8 ? hex.substring(hex.length() - 8) : hex, 16));
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
}

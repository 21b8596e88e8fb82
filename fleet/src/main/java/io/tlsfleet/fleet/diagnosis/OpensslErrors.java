package io.tlsfleet.fleet.diagnosis;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** OpenSSL's numbers: packed errors, of verification, and the alerts of RFC 8446 section 6 that it counts among its reasons. */
final class OpensslErrors {
    private OpensslErrors() {}

    /** A packed error in decimal or in hexadecimal digits: only one of both is one of the SSL library. */
    static @Nullable Cause printed(String digits) {
        Cause decimal = digits.matches("\\d{7,10}") ? reason(Long.parseLong(digits)) : null;
        return decimal != null
                ? decimal
                : reason(Long.parseLong(digits.length() > 8 ? digits.substring(digits.length() - 8) : digits, 16));
    }

    /** X509_V_ERR_…; 0 is no error. */
    static @Nullable Cause verifyCode(int code, boolean client) {
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
        return cause != null && client ? cause.ofTheClient() : cause;
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
    static Cause alert(int number) {
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
}

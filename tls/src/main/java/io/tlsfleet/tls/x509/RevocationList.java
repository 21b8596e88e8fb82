package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.wire.MalformedMessage;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a keeper of CRLs has to know of them; what they say is for {@link ChainJudge}. */
public final class RevocationList {
    private static final Pattern PEM = Pattern.compile("-----BEGIN X509 CRL-----([^-]*)-----END X509 CRL-----");

    private RevocationList() {}

    /** When the next list is due; empty for a list that does not say, and for what is no list. */
    public static Optional<Instant> nextUpdate(byte[] encoded) {
        try {
            return Optional.ofNullable(Crl.read(der(encoded)).nextUpdate());
        } catch (MalformedMessage e) {
            return Optional.empty();
        }
    }

    /** Where the list says that differences to it are to be had (RFC 5280 section 5.2.6). */
    public static List<String> deltaUrls(byte[] encoded) {
        try {
            return Crl.read(der(encoded)).deltaUrls();
        } catch (MalformedMessage e) {
            return List.of();
        }
    }

    /** DER, out of PEM if it was that. */
    public static byte[] der(byte[] encoded) {
        if (encoded.length == 0 || encoded[0] != '-') {
            return encoded;
        }
        Matcher block = PEM.matcher(new String(encoded, java.nio.charset.StandardCharsets.ISO_8859_1));
        try {
            return block.find() ? Base64.getMimeDecoder().decode(block.group(1)) : encoded;
        } catch (IllegalArgumentException e) {
            return encoded;
        }
    }
}

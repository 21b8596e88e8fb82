package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.der.Der;
import io.tlsfleet.tls.x509.der.DerReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates out of what people have in files: PEM with anything around it, DER, and PKCS#7 bundles of both kinds. */
public final class Pem {
    /** A block that nothing ends is read as far as it goes: it may be the certificate that a server was given. */
    private static final Pattern BLOCK = Pattern.compile(
            "-----BEGIN (CERTIFICATE|X509 CERTIFICATE|TRUSTED CERTIFICATE|PKCS7|CMS)-----([^-]*)(?:-----END \\1-----)?");

    private static final Pattern BARE = Pattern.compile("[A-Za-z0-9+/\\s]++={0,2}+\\s*+");
    private static final int MAX_BARE = 1 << 20;
    private static final int MAX_ORDERED = 100;
    private static final String SIGNED_DATA = "1.2.840.113549.1.7.2";

    private Pem() {}

    /**
     * In the order of the file; empty when there is none. Private keys and whatever else is there are passed over. What is
     * no whole base64 is decoded as far as it goes, so that a broken certificate is seen and the next is not taken for it.
     */
    public static List<byte[]> certificates(byte[] file) {
        List<byte[]> found = new ArrayList<>();
        String text = text(file);
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            byte[] der = decoded(block.group(2));
            if (block.group(1).startsWith("PKCS7") || block.group(1).startsWith("CMS")) {
                found.addAll(bundle(der));
            } else {
                found.add(block.group(1).startsWith("TRUSTED") ? first(der) : der);
            }
        }
        if (found.isEmpty() && file.length > 2 && file[0] == Der.SEQUENCE) {
            List<byte[]> bundled = bundle(file);
            return bundled.isEmpty() ? List.of(file) : bundled;
        }
        // as Kubernetes Secrets and SAML metadata have it: the base64 of DER or of PEM
        if (found.isEmpty() && file.length < MAX_BARE && BARE.matcher(text).matches()) {
            byte[] inside = decoded(text);
            boolean bareDer = inside.length > 2
                    && inside[0] == Der.SEQUENCE
                    && inside[1] < 0
                    && OtherContent.of(inside).isEmpty();
            if (bareDer || inside.length > 2 && inside[0] == '-') {
                return certificates(inside);
            }
        }
        return found;
    }

    /** UTF-16 as Windows writes it; all else by its octets. */
    private static String text(byte[] file) {
        boolean wide = file.length > 1 && (file[0] & file[1] & 0xFF) == 0xFE && file[0] != file[1];
        return new String(file, wide ? StandardCharsets.UTF_16 : StandardCharsets.ISO_8859_1);
    }

    /**
     * What is no digit of base64 is passed over; the line breaks of JSON and of environment variables are taken for what they stand
     * for. A loop and no regular expression: a process's first report waits for a whole store.
     */
    static byte[] decoded(CharSequence base64) {
        byte[] digits = new byte[base64.length()];
        int length = 0;
        for (int i = 0; i < digits.length; i++) {
            char c = base64.charAt(i);
            boolean isBreak = c == '\\' && i + 1 < digits.length && "nr".indexOf(base64.charAt(i + 1)) >= 0;
            if (isBreak) {
                i++;
            } else if (c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/') {
                digits[length++] = (byte) c;
            }
        }
        return Base64.getDecoder().decode(Arrays.copyOf(digits, length % 4 == 1 ? length - 1 : length));
    }

    /** OpenSSL's trusted certificates have their own trust settings behind the certificate. */
    private static byte[] first(byte[] der) {
        try {
            return Der.front(der).encoded();
        } catch (MalformedMessage e) {
            return der;
        }
    }

    /** DER sorts a set by its octets; what issued none of the others comes first, and each issuer behind what it issued. */
    private static List<byte[]> leafFirst(List<byte[]> set) {
        if (set.size() > MAX_ORDERED) {
            return set;
        }
        List<CertificateFacts> certificates =
                set.stream().map(CertificateFacts::read).toList();
        Set<CertificateFacts> ordered = new LinkedHashSet<>();
        for (CertificateFacts start : certificates) {
            boolean issuer = certificates.stream()
                    .anyMatch(other -> !other.equals(start) && other.issuer().matches(start.subject()));
            Optional<CertificateFacts> next = issuer ? Optional.empty() : Optional.of(start);
            while (next.isPresent() && ordered.add(next.get())) {
                CertificateFacts child = next.get();
                next = certificates.stream()
                        .filter(other ->
                                !ordered.contains(other) && other.subject().matches(child.issuer()))
                        .findFirst();
            }
        }
        ordered.addAll(certificates);
        return ordered.stream().map(CertificateFacts::der).toList();
    }

    /** The certificates of a SignedData (RFC 5652 section 5.1); empty when it is none. */
    private static List<byte[]> bundle(byte[] der) {
        try {
            DerReader info = Der.front(der).expect(Der.SEQUENCE, "ContentInfo").reader();
            if (!info.nextIs(Der.OID)
                    || !info.next("contentType").oid("contentType").equals(SIGNED_DATA)) {
                return List.of();
            }
            DerReader signed = info.next(Der.explicit(0), "content")
                    .reader()
                    .next(Der.SEQUENCE, "SignedData")
                    .reader();
            while (!signed.isEmpty()) {
                Der part = signed.next("SignedData");
                if (part.is(Der.explicit(0))) {
                    List<byte[]> certificates = new ArrayList<>();
                    for (Der certificate : part.children("certificates", 10_000)) {
                        certificates.add(certificate.encoded());
                    }
                    return leafFirst(certificates);
                }
            }
            return List.of();
        } catch (MalformedMessage e) {
            return List.of();
        }
    }
}

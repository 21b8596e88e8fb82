package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.der.Der;
import io.tlsfleet.tls.x509.der.DerReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates out of what people have in files: PEM with anything around it, DER, and PKCS#7 bundles of both kinds. */
public final class Pem {
    private static final Pattern BLOCK = Pattern.compile(
            "-----BEGIN (CERTIFICATE|X509 CERTIFICATE|TRUSTED CERTIFICATE|PKCS7|CMS)-----([^-]*)-----END \\1-----");
    private static final int MAX_ORDERED = 100;
    private static final String SIGNED_DATA = "1.2.840.113549.1.7.2";

    private Pem() {}

    /** In the order of the file; empty when there is none. Private keys and whatever else is there are passed over. */
    public static List<byte[]> certificates(byte[] file) {
        List<byte[]> found = new ArrayList<>();
        String text = new String(file, StandardCharsets.ISO_8859_1);
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            byte[] der;
            try {
                der = Base64.getMimeDecoder().decode(block.group(2));
            } catch (IllegalArgumentException e) {
                continue;
            }
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
        return found;
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

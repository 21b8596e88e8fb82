package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.der.Der;
import io.tlsfleet.tls.x509.der.DerReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a file that should hold certificates holds instead, in words; keys are named and not read. */
public final class OtherContent {
    private static final Pattern BLOCK = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");

    private OtherContent() {}

    /** Empty where it holds none of the things that people take for certificates, or may well be one. */
    public static Optional<String> of(byte[] file) {
        Matcher block = BLOCK.matcher(new String(file, StandardCharsets.ISO_8859_1));
        if (block.find()) {
            String label = block.group(1);
            if (label.endsWith("PRIVATE KEY")) {
                return Optional.of("a private key");
            }
            if (label.endsWith("PUBLIC KEY")) {
                return Optional.of("a public key");
            }
            return switch (label) {
                case "X509 CRL" -> Optional.of("a revocation list");
                case "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST" -> Optional.of(request(decoded(block.group(2))));
                case "DH PARAMETERS", "EC PARAMETERS" -> Optional.of("parameters of a key");
                default -> Optional.empty();
            };
        }
        return file.length > 0 && file[0] == Der.SEQUENCE ? ofDer(file) : Optional.empty();
    }

    private static byte[] decoded(String base64) {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    private static Optional<String> ofDer(byte[] der) {
        try {
            DerReader outer = Der.front(der).expect(Der.SEQUENCE, "file").reader();
            if (outer.nextIs(Der.INTEGER)) {
                int version = outer.next("version").smallInteger("version");
                boolean keystore = version == 3 && outer.nextIs(Der.SEQUENCE);
                return Optional.of(keystore ? "a PKCS#12 keystore" : "a private key");
            }
            if (outer.nextIs(Der.ENUMERATED)) {
                return Optional.of("an OCSP response");
            }
            if (!outer.nextIs(Der.SEQUENCE)) {
                return Optional.empty();
            }
            List<Integer> tags = new ArrayList<>();
            DerReader inner = outer.next("body").reader();
            while (!inner.isEmpty() && tags.size() < 5) {
                tags.add(inner.next("part").tag());
            }
            if (tags.size() == 4 && tags.equals(List.of(Der.INTEGER, Der.SEQUENCE, Der.SEQUENCE, Der.explicit(0)))) {
                return Optional.of(request(der));
            }
            if (tags.size() == 2 && outer.nextIs(Der.BIT_STRING)) {
                return Optional.of("a public key");
            }
            int time = tags.indexOf(Der.UTC_TIME);
            return time >= 2 && tags.subList(0, time).stream().allMatch(t -> t == Der.INTEGER || t == Der.SEQUENCE)
                    ? Optional.of("a revocation list")
                    : Optional.empty();
        } catch (MalformedMessage e) {
            return Optional.empty();
        }
    }

    /** RFC 2986. */
    private static String request(byte[] der) {
        try {
            DerReader body = Der.front(der)
                    .expect(Der.SEQUENCE, "request")
                    .reader()
                    .next(Der.SEQUENCE, "body")
                    .reader();
            body.next(Der.INTEGER, "version");
            DistinguishedName subject = DistinguishedName.read(body.next(Der.SEQUENCE, "subject"), "subject");
            PublicKeyFacts key = PublicKeyFacts.read(body.next(Der.SEQUENCE, "key"), "key");
            return "a certificate request for " + (subject.isEmpty() ? "no name" : subject.text()) + " (" + key.type()
                    + (key.bits() == 0 ? "" : " " + key.bits()) + "), which nobody has signed yet";
        } catch (MalformedMessage e) {
            return "a certificate request";
        }
    }
}

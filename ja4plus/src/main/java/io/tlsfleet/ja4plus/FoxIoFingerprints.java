package io.tlsfleet.ja4plus;

import io.tlsfleet.tls.fingerprint.Ja4Plus;
import io.tlsfleet.tls.fingerprint.Ja4Text;
import io.tlsfleet.tls.fingerprint.Transport;
import io.tlsfleet.tls.handshake.Extension;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.ServerMessage;
import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.der.Der;
import io.tlsfleet.tls.x509.der.DerReader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * JA4S: transport, version, number of extensions, ALPN's first and last character; the suite; a hash of the extension
 * types in their order. JA4X: hashes of the attribute types of issuer and subject and of the extension types, in order,
 * each an object identifier's DER content in hex.
 */
public final class FoxIoFingerprints implements Ja4Plus {
    private static final int MAX_LIST = 2000;
    private static final String NONE = "000000000000";

    @Override
    public Ja4s ja4s(byte[] body, Transport transport) throws MalformedMessage {
        ServerMessage.ServerHello hello = ServerMessage.ServerHello.decode(body);
        List<Extension> extensions = hello.extensions() == null ? List.of() : hello.extensions();
        List<String> types =
                extensions.stream().map(e -> "%04x".formatted(e.type().code())).toList();
        String front = transport.letter()
                + Ja4Text.version(hello.version().code())
                + "%02d".formatted(Math.min(types.size(), 99))
                + alpn(hello)
                + "_%04x_".formatted(hello.cipherSuite().code());
        return new Ja4s(front + hash(types), front + String.join(",", types));
    }

    @Override
    public String ja4x(byte[] certificate) throws MalformedMessage {
        DerReader tbs = Der.front(certificate)
                .expect(Der.SEQUENCE, "certificate")
                .reader()
                .next(Der.SEQUENCE, "tbsCertificate")
                .reader();
        tbs.optional(Der.explicit(0), "version");
        tbs.next(Der.INTEGER, "serialNumber");
        tbs.next(Der.SEQUENCE, "signature");
        List<String> issuer = attributeTypes(tbs.next(Der.SEQUENCE, "issuer"));
        tbs.next(Der.SEQUENCE, "validity");
        List<String> subject = attributeTypes(tbs.next(Der.SEQUENCE, "subject"));
        tbs.next(Der.SEQUENCE, "subjectPublicKeyInfo");
        List<String> extensions = new ArrayList<>();
        while (!tbs.isEmpty()) {
            Der part = tbs.next("tbsCertificate");
            if (part.is(Der.explicit(3))) {
                for (Der extension :
                        part.reader().next(Der.SEQUENCE, "extensions").children("extensions", MAX_LIST)) {
                    extensions.add(oid(extension.reader()));
                }
            }
        }
        return hash(issuer) + "_" + hash(subject) + "_" + hash(extensions);
    }

    private static String alpn(ServerMessage.ServerHello hello) throws MalformedMessage {
        byte[] data = hello.extension(Extensions.ALPN).orElse(new byte[0]);
        List<String> names = data.length == 0 ? List.of() : Extensions.readAlpn(data);
        if (names.isEmpty() || names.getFirst().isEmpty()) {
            return "00";
        }
        String name = names.getFirst();
        char first = name.charAt(0);
        char last = name.charAt(name.length() - 1);
        return isAlphanumeric(first) && isAlphanumeric(last)
                ? "" + first + last
                : "" + "%02x".formatted((int) first).charAt(0)
                        + "%02x".formatted((int) last).charAt(1);
    }

    private static boolean isAlphanumeric(char c) {
        return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z';
    }

    private static List<String> attributeTypes(Der name) throws MalformedMessage {
        List<String> types = new ArrayList<>();
        for (Der set : name.children("name", MAX_LIST)) {
            for (Der attribute : set.children("relative name", MAX_LIST)) {
                types.add(oid(attribute.reader()));
            }
        }
        return types;
    }

    private static String oid(DerReader reader) throws MalformedMessage {
        return HexFormat.of()
                .formatHex(reader.next(Der.OID, "object identifier").content());
    }

    private static String hash(List<String> list) {
        if (list.isEmpty()) {
            return NONE;
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(String.join(",", list).getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(digest, 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}

package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.Defect.Kind;
import io.tlsfleet.tls.x509.der.Der;
import io.tlsfleet.tls.x509.der.DerReader;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads a certificate part by part, so that one bad part hides no other. */
final class CertificateReader {
    static final int MAX_CERTIFICATE = 64 * 1024;
    private static final int MAX_DEPTH = 32;

    private final byte[] der;
    private final List<Defect> defects = new ArrayList<>();
    private byte[] tbs = {};
    private int version;
    private byte[] serial = {};
    private AlgorithmId inner = AlgorithmId.NONE;
    private AlgorithmId outer = AlgorithmId.NONE;
    private byte[] signature = {};
    private DistinguishedName issuer = DistinguishedName.EMPTY;
    private DistinguishedName subject = DistinguishedName.EMPTY;
    private @Nullable Instant notBefore;
    private @Nullable Instant notAfter;
    private PublicKeyFacts key = PublicKeyFacts.NONE;
    private CertificateExtensions extensions = CertificateExtensions.NONE;

    private CertificateReader(byte[] der) {
        this.der = der;
    }

    static CertificateFacts read(byte[] der) {
        CertificateReader reader = new CertificateReader(der);
        reader.attempt(Kind.UNPARSEABLE, "certificate", reader::certificate);
        return reader.facts();
    }

    private CertificateFacts facts() {
        return new CertificateFacts(
                der,
                CertificateFacts.hex("SHA-256", der),
                tbs,
                version,
                serial,
                inner,
                outer,
                signature,
                issuer,
                subject,
                notBefore,
                notAfter,
                key,
                key.spki().length == 0 ? "" : CertificateFacts.hex("SHA-256", key.spki()),
                extensions,
                List.copyOf(defects));
    }

    private void certificate() throws MalformedMessage {
        Der certificate = sound();
        boolean cut = certificate == null;
        DerReader parts = (certificate == null
                        ? Der.cut(Arrays.copyOf(der, Math.min(der.length, MAX_CERTIFICATE)))
                        : certificate)
                .expect(Der.SEQUENCE, "certificate")
                .reader();
        Der body = parts.next(Der.SEQUENCE, "tbsCertificate");
        tbs = body.encoded();
        try {
            outer = AlgorithmId.read(parts.next("signatureAlgorithm"), "signatureAlgorithm");
            signature = parts.next(Der.BIT_STRING, "signature").bitString("signature");
            parts.end("certificate");
        } catch (MalformedMessage e) {
            defect(Kind.BAD_SIGNATURE_FIELD, "signature", e);
        }
        attempt(Kind.UNPARSEABLE, "tbsCertificate", () -> body(body.reader(), cut));
        if (!cut && !inner.same(outer)) {
            defect(
                    Kind.ALGORITHM_MISMATCH,
                    "signatureAlgorithm",
                    "says " + outer.name() + " outside and " + inner.name() + " inside, or their parameters differ");
        }
    }

    /** Null where the bytes are too many or too few, or broken inside: then what can be had of them is read. */
    private @Nullable Der sound() {
        if (der.length > MAX_CERTIFICATE) {
            defect(Kind.OVERSIZE, "certificate", der.length + " bytes, read are " + MAX_CERTIFICATE);
            return null;
        }
        try {
            Der certificate = Der.front(der);
            if (certificate.size() != der.length) {
                defect(Kind.TRAILING_DATA, "certificate", der.length - certificate.size() + " bytes follow it");
            }
            checkEncoding(certificate, 0, false, problem -> defect(Kind.NOT_DER, "certificate", problem));
            return certificate;
        } catch (MalformedMessage e) {
            defect(Kind.UNPARSEABLE, "certificate", e);
            return null;
        }
    }

    private void body(DerReader body, boolean cut) throws MalformedMessage {
        Der versionNumber = body.optional(Der.explicit(0), "version");
        attempt(Kind.BAD_VERSION, "version", () -> version(versionNumber));
        Der number = body.next("serialNumber");
        attempt(Kind.UNPARSEABLE, "serialNumber", () -> serial(number.expect(Der.INTEGER, "serialNumber")));
        Der algorithm = body.next("signature");
        attempt(Kind.BAD_SIGNATURE_FIELD, "tbs signature", () -> inner = AlgorithmId.read(algorithm, "tbs signature"));
        Der issuerName = body.next("issuer");
        attempt(Kind.BAD_NAME, "issuer", () -> {
            issuer = DistinguishedName.read(issuerName, "issuer");
            strings(issuer, "issuer");
        });
        Der validity = body.next("validity");
        attempt(Kind.BAD_TIME, "validity", () -> validity(validity));
        Der subjectName = body.next("subject");
        attempt(Kind.BAD_NAME, "subject", () -> {
            subject = DistinguishedName.read(subjectName, "subject");
            strings(subject, "subject");
        });
        Der spki = body.next("subjectPublicKeyInfo");
        attempt(Kind.BAD_KEY, "subjectPublicKeyInfo", () -> key = PublicKeyFacts.read(spki, "subjectPublicKeyInfo"));
        for (int tag = 1; tag <= 2; tag++) {
            if (body.nextIs(Der.implicit(tag))) {
                body.next("uniqueID");
                defect(Kind.UNIQUE_ID, "uniqueID", "issuerUniqueID or subjectUniqueID is present");
                if (version < 2) {
                    defect(Kind.BAD_VERSION, "uniqueID", "in a certificate of version " + version);
                }
            }
        }
        Der wrapped = body.optional(Der.explicit(3), "extensions");
        if (wrapped != null) {
            if (version != 3) {
                defect(Kind.BAD_VERSION, "extensions", "in a certificate of version " + version);
            }
            attempt(Kind.MALFORMED_EXTENSION, "extensions", () -> {
                DerReader only = wrapped.reader();
                Der list = only.next(Der.SEQUENCE, "extensions");
                only.end("extensions");
                extensions = ExtensionReader.read(list, defects, cut);
            });
        } else if (version != 3) {
            defect(Kind.VERSION_NOT_THREE, "version", "is " + version);
        }
        if (!cut && !body.isEmpty()) {
            defect(Kind.TRAILING_DATA, "tbsCertificate", body.remaining() + " bytes too many");
        }
    }

    /** What OpenSSL, BoringSSL and Go read no certificate with: text that cannot be in its own encoding. */
    private void strings(DistinguishedName name, String part) {
        name.parts()
                .forEach(attributes -> attributes.stream()
                        .filter(attribute -> attribute.unreadable())
                        .forEach(attribute -> defect(
                                Kind.BAD_NAME,
                                part,
                                attribute.type() + " is not in the encoding that its string type says")));
    }

    private void version(@Nullable Der wrapped) throws MalformedMessage {
        if (wrapped == null) {
            version = 1;
            return;
        }
        DerReader only = wrapped.reader();
        BigInteger number = only.next(Der.INTEGER, "version").integer("version");
        only.end("version");
        if (number.signum() < 0 || number.compareTo(BigInteger.TWO) > 0) {
            version = 0;
            defect(Kind.BAD_VERSION, "version", "is " + DisplayText.safe(number.toString(16)));
        } else {
            version = number.intValue() + 1;
            if (version == 1) {
                defect(Kind.DEFAULT_WRITTEN, "version", "the default v1 is written out");
            }
        }
    }

    private void serial(Der number) {
        serial = number.content();
        if (serial.length == 0) {
            defect(Kind.UNPARSEABLE, "serialNumber", "is empty");
            return;
        }
        if (!number.minimalInteger()) {
            defect(Kind.NOT_DER, "serialNumber", "has more octets than it needs");
        }
        BigInteger value = new BigInteger(serial);
        if (value.signum() <= 0) {
            defect(Kind.SERIAL_NOT_POSITIVE, "serialNumber", value.signum() == 0 ? "is zero" : "is negative");
        }
        if (serial.length > 20) {
            defect(Kind.SERIAL_TOO_LONG, "serialNumber", serial.length + " octets, 20 are allowed");
        }
    }

    private void validity(Der validity) throws MalformedMessage {
        DerReader times = validity.expect(Der.SEQUENCE, "validity").reader();
        Der first = times.next("notBefore");
        Der second = times.next("notAfter");
        times.end("validity");
        notBefore = time(first, "notBefore");
        notAfter = time(second, "notAfter");
        if (notBefore != null && notAfter != null && notAfter.isBefore(notBefore)) {
            defect(Kind.VALIDITY_REVERSED, "validity", "ends before it begins");
        }
    }

    private @Nullable Instant time(Der time, String part) {
        try {
            return Times.read(
                    time,
                    part,
                    problem -> defect(Kind.BAD_TIME, part, problem),
                    remark -> defect(Kind.WRONG_TIME_TYPE, part, remark));
        } catch (MalformedMessage e) {
            defect(Kind.BAD_TIME, part, e);
            return null;
        }
    }

    /** Lengths and booleans, and numbers if asked for, in the form that DER allows, all the way down. */
    static void checkEncoding(Der element, int depth, boolean numbers, Consumer<String> problems)
            throws MalformedMessage {
        if (!element.minimalLength()) {
            problems.accept("a length has more octets than it needs");
        }
        if (element.is(Der.BOOLEAN) && !element.minimalBool()) {
            problems.accept("a BOOLEAN is neither 00 nor FF");
        }
        if (numbers && element.is(Der.INTEGER) && !element.minimalInteger()) {
            problems.accept("an INTEGER has more octets than it needs");
        }
        if ((element.tag() & 0x20) != 0 && element.tag() <= 0xFF) {
            if (depth == MAX_DEPTH) {
                throw new MalformedMessage("certificate: nested deeper than " + MAX_DEPTH);
            }
            DerReader inside = element.reader();
            while (!inside.isEmpty()) {
                checkEncoding(inside.next("certificate"), depth + 1, numbers, problems);
            }
        }
    }

    private interface Step {
        void run() throws MalformedMessage;
    }

    private void attempt(Kind kind, String part, Step step) {
        try {
            step.run();
        } catch (MalformedMessage e) {
            defect(kind, part, e);
        }
    }

    private void defect(Kind kind, String part, MalformedMessage e) {
        defect(kind, part, String.valueOf(e.getMessage()));
    }

    private void defect(Kind kind, String part, String detail) {
        Defect defect = new Defect(kind, part, detail);
        if (!defects.contains(defect)) {
            defects.add(defect);
        }
    }
}

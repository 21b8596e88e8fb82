package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.CertificateExtensions.AuthorityKeyId;
import io.tlsfleet.tls.x509.CertificateExtensions.DistributionPoint;
import io.tlsfleet.tls.x509.der.Der;
import io.tlsfleet.tls.x509.der.DerReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What extensions of certificates and of revocation lists are made of (RFC 5280 sections 4.2.1 and 5.2). */
final class ExtensionParts {
    static final int MAX_ENTRIES = 2_048;

    private ExtensionParts() {}

    /** The first name of a subjectAltName that is sought, however long the list; none is kept. */
    static Optional<GeneralName> altName(byte[] value, Predicate<GeneralName> sought) {
        try {
            DerReader reader =
                    Der.cut(value).expect(Der.SEQUENCE, "subjectAltName").reader();
            while (!reader.isEmpty()) {
                Der element = reader.next("subjectAltName");
                try {
                    GeneralName name = GeneralName.read(element, "subjectAltName");
                    if (sought.test(name)) {
                        return Optional.of(name);
                    }
                } catch (MalformedMessage e) {
                    // told as a defect, of those that are shown
                }
            }
        } catch (MalformedMessage e) {
            // what is before the break was looked at
        }
        return Optional.empty();
    }

    static List<GeneralName> generalNames(DerReader reader, String part) throws MalformedMessage {
        List<GeneralName> names = new ArrayList<>();
        while (!reader.isEmpty()) {
            if (names.size() == MAX_ENTRIES) {
                throw new MalformedMessage(part + ": more than " + MAX_ENTRIES + " names");
            }
            names.add(GeneralName.read(reader.next(part), part));
        }
        return List.copyOf(names);
    }

    static AuthorityKeyId authorityKeyId(Der value) throws MalformedMessage {
        DerReader fields = value.expect(Der.SEQUENCE, "authorityKeyIdentifier").reader();
        Der keyId = fields.optional(Der.implicit(0), "keyIdentifier");
        Der issuer = fields.optional(Der.explicit(1), "authorityCertIssuer");
        Der serial = fields.optional(Der.implicit(2), "authorityCertSerialNumber");
        fields.end("authorityKeyIdentifier");
        return new AuthorityKeyId(
                keyId == null ? null : keyId.content(),
                issuer == null ? null : generalNames(issuer.reader(), "authorityCertIssuer"),
                serial == null ? null : serial.content());
    }

    static List<DistributionPoint> distributionPoints(Der value, String part) throws MalformedMessage {
        List<DistributionPoint> points = new ArrayList<>();
        for (Der point : value.expect(Der.SEQUENCE, part).children(part, MAX_ENTRIES)) {
            DerReader fields = point.expect(Der.SEQUENCE, part).reader();
            Der name = fields.optional(Der.explicit(0), part);
            Der reasons = fields.optional(Der.implicit(1), part);
            Der issuer = fields.optional(Der.explicit(2), part);
            fields.end(part);
            PointName pointName = name == null ? new PointName(null, null) : PointName.read(name, part);
            points.add(new DistributionPoint(
                    pointName.full(),
                    pointName.relative(),
                    reasons == null ? null : reasons.namedBits(part),
                    issuer == null ? null : generalNames(issuer.reader(), part)));
        }
        if (points.isEmpty()) {
            throw new MalformedMessage(part + ": empty");
        }
        return List.copyOf(points);
    }

    /** DistributionPointName: full, or relative to the CRL issuer (a SET, as encoded with that tag). */
    record PointName(@Nullable List<GeneralName> full, byte @Nullable [] relative) {
        static PointName read(Der choice, String part) throws MalformedMessage {
            DerReader only = choice.reader();
            Der name = only.next(part);
            only.end(part);
            if (name.is(Der.explicit(0))) {
                return new PointName(generalNames(name.reader(), part), null);
            }
            byte[] set = name.expect(Der.explicit(1), part).encoded();
            set[0] = Der.SET;
            return new PointName(null, set);
        }
    }
}

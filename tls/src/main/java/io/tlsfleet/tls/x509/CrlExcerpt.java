package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.CertificateExtensions.Extension;
import io.tlsfleet.tls.x509.der.Der;
import io.tlsfleet.tls.x509.der.DerReader;
import io.tlsfleet.tls.x509.der.DerWriter;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a list too long to be kept: all but its entries, the digest that its signature is over, and eight
 * octets of each serial number. An excerpt about one certificate has the entries about it, and is judged as the list.
 */
public final class CrlExcerpt {
    /**
     * The tag of an excerpt, [PRIVATE 1]: the digest of the whole tbsCertList, and the list without the other entries. Only
     * who fetched the list may make one: what has it from elsewhere could leave out the entry that counts.
     */
    static final int TAG = 0xE1;

    private static final Set<String> PREHASHED = Set.of("SHA-1", "SHA-256", "SHA-384", "SHA-512");

    private final byte[] digest;
    private final List<byte[]> before;
    private final List<byte[]> after;
    private final byte[] algorithm;
    private final byte[] signature;
    private final long[] serials;

    private CrlExcerpt(
            byte[] digest,
            List<byte[]> before,
            List<byte[]> after,
            byte[] algorithm,
            byte[] signature,
            long[] serials) {
        this.digest = digest;
        this.before = before;
        this.after = after;
        this.algorithm = algorithm;
        this.signature = signature;
        this.serials = serials;
    }

    /** Whether these bytes pretend to be an excerpt; such as come from the network are none. */
    public static boolean is(byte[] bytes) {
        return bytes.length > 0 && (bytes[0] & 0xFF) == TAG;
    }

    /** Empty where the signature cannot be verified by a digest, and where an entry has an unknown critical extension. */
    public static Optional<CrlExcerpt> of(byte[] list) throws MalformedMessage {
        Der whole = Der.of(list).expect(Der.SEQUENCE, "CRL");
        DerReader outer = whole.reader();
        Der body = outer.next(Der.SEQUENCE, "tbsCertList");
        Der algorithm = outer.next("signatureAlgorithm");
        Der signature = outer.next(Der.BIT_STRING, "signature");
        outer.end("CRL");
        Optional<String> hash = Signatures.digest(AlgorithmId.read(algorithm, "signatureAlgorithm"));
        if (hash.isEmpty() || !PREHASHED.contains(hash.get())) {
            return Optional.empty();
        }
        List<byte[]> before = new ArrayList<>();
        List<byte[]> after = new ArrayList<>();
        long[] serials = {};
        boolean timed = false;
        DerReader parts = body.reader();
        while (!parts.isEmpty()) {
            Der part = parts.next("tbsCertList");
            if (timed && part.is(Der.SEQUENCE)) {
                Optional<long[]> read = serials(part);
                if (read.isEmpty()) {
                    return Optional.empty();
                }
                serials = read.get();
            } else {
                timed |= part.is(Der.UTC_TIME) || part.is(Der.GENERALIZED_TIME);
                (part.is(Der.explicit(0)) ? after : before).add(part.encoded());
            }
        }
        MessageDigest digest = Signatures.messageDigest(hash.get());
        digest.update(list, whole.size() - whole.length(), body.size());
        CrlExcerpt excerpt =
                new CrlExcerpt(digest.digest(), before, after, algorithm.encoded(), signature.encoded(), serials);
        Crl.read(excerpt.with(List.of()));
        return Optional.of(excerpt);
    }

    /** The excerpt about this certificate where the list does not name it; empty where it may. */
    public Optional<byte[]> without(CertificateFacts certificate) {
        return Arrays.binarySearch(serials, hash(certificate.serialNumber())) < 0
                ? Optional.of(with(List.of()))
                : Optional.empty();
    }

    /** The excerpt about this certificate, out of the list that this was made of. */
    public byte[] about(CertificateFacts certificate, byte[] list) throws MalformedMessage {
        List<byte[]> kept = new ArrayList<>();
        byte[] issuer = null;
        DerReader all = entries(list);
        while (all != null && !all.isEmpty()) {
            Der entry = all.next(Der.SEQUENCE, "revokedCertificate");
            DerReader fields = entry.reader();
            Der serial = fields.next(Der.INTEGER, "userCertificate");
            fields.next("revocationDate");
            boolean wanted = serial.length() == certificate.serialNumber().length
                    && Arrays.equals(serial.content(), certificate.serialNumber());
            boolean names = !fields.isEmpty() && namesIssuer(fields.next(Der.SEQUENCE, "crlEntryExtensions"));
            if (wanted) {
                if (issuer != null && !names) {
                    kept.add(issuer);
                }
                kept.add(entry.encoded());
            }
            if (names) {
                issuer = entry.encoded();
            }
        }
        return with(kept);
    }

    public Optional<Instant> nextUpdate() {
        return RevocationList.nextUpdate(with(List.of()));
    }

    /** Roughly, in octets. */
    public long size() {
        return 8L * serials.length + 4096;
    }

    private byte[] with(List<byte[]> entries) {
        List<byte[]> body = new ArrayList<>(before);
        if (!entries.isEmpty()) {
            body.add(DerWriter.element(Der.SEQUENCE, entries));
        }
        body.addAll(after);
        byte[] list = DerWriter.sequence(DerWriter.element(Der.SEQUENCE, body), algorithm, signature);
        return DerWriter.element(TAG, DerWriter.element(Der.OCTET_STRING, digest), list);
    }

    private static @Nullable DerReader entries(byte[] list) throws MalformedMessage {
        DerReader parts = Der.of(list)
                .expect(Der.SEQUENCE, "CRL")
                .reader()
                .next(Der.SEQUENCE, "tbsCertList")
                .reader();
        boolean timed = false;
        while (!parts.isEmpty()) {
            Der part = parts.next("tbsCertList");
            if (timed && part.is(Der.SEQUENCE)) {
                return part.reader();
            }
            timed |= part.is(Der.UTC_TIME) || part.is(Der.GENERALIZED_TIME);
        }
        return null;
    }

    private static Optional<long[]> serials(Der entries) throws MalformedMessage {
        long[] serials = new long[Math.max(16, entries.length() / 32)];
        int count = 0;
        DerReader all = entries.reader();
        while (!all.isEmpty()) {
            DerReader entry = all.next(Der.SEQUENCE, "revokedCertificate").reader();
            byte[] serial = entry.next(Der.INTEGER, "userCertificate").content();
            Der date = entry.next("revocationDate");
            if (!date.is(Der.UTC_TIME) && !date.is(Der.GENERALIZED_TIME)) {
                throw new MalformedMessage("revocationDate: is no time");
            }
            if (!entry.isEmpty()) {
                for (Extension extension : extensions(entry.next(Der.SEQUENCE, "crlEntryExtensions"))) {
                    if (extension.critical() && !Crl.ENTRY_EXTENSIONS.contains(extension.oid())) {
                        return Optional.empty();
                    }
                }
                entry.end("revokedCertificate");
            }
            if (count == serials.length) {
                serials = Arrays.copyOf(serials, count * 2);
            }
            serials[count++] = hash(serial);
        }
        long[] sorted = Arrays.copyOf(serials, count);
        Arrays.sort(sorted);
        return Optional.of(sorted);
    }

    private static boolean namesIssuer(Der list) throws MalformedMessage {
        return extensions(list).stream().anyMatch(extension -> extension.oid().equals(Crl.CERTIFICATE_ISSUER));
    }

    private static List<Extension> extensions(Der list) throws MalformedMessage {
        return ExtensionReader.readList(list, new ArrayList<>());
    }

    private static long hash(byte[] serial) {
        return ByteBuffer.wrap(Signatures.messageDigest("SHA-256").digest(serial))
                .getLong();
    }
}

package io.tlsfleet.tls.x509;

import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Anchors under a name ({@code mozilla}, {@code java}, {@code given} …). {@code publicTrust}: a store of the public web,
 * so that the Baseline Requirements and CT policies hold for what it trusts. {@code date} is that of the store's source.
 */
public final class TrustStore {
    private final String name;
    private final boolean publicTrust;
    private final @Nullable LocalDate date;
    private final String source;
    private final List<Anchor> anchors;
    private final Map<List<String>, List<Anchor>> bySubject = new HashMap<>();
    private final Map<String, Anchor> byHash = new HashMap<>();

    /** {@code distrustAfter}: leaves with a later notBefore are not trusted through it. */
    public record Anchor(
            CertificateFacts certificate, @Nullable Instant distrustAfter) {}

    public TrustStore(String name, boolean publicTrust, @Nullable LocalDate date, String source, List<Anchor> anchors) {
        this.name = name;
        this.publicTrust = publicTrust;
        this.date = date;
        this.source = source;
        this.anchors = List.copyOf(anchors);
        for (Anchor anchor : this.anchors) {
            bySubject
                    .computeIfAbsent(anchor.certificate.subject().keys(), subject -> new ArrayList<>())
                    .add(anchor);
            byHash.putIfAbsent(anchor.certificate.sha256(), anchor);
        }
    }

    /** A store of one's own: DER anchors, a private PKI. */
    public static TrustStore of(String name, List<byte[]> anchors) {
        return new TrustStore(
                name,
                false,
                null,
                "given",
                anchors.stream()
                        .map(der -> new Anchor(CertificateFacts.read(der), null))
                        .toList());
    }

    /** Mozilla's, as shipped; read once. */
    public static TrustStore mozilla() {
        return ShippedStores.mozilla();
    }

    public String name() {
        return name;
    }

    public boolean publicTrust() {
        return publicTrust;
    }

    public @Nullable LocalDate date() {
        return date;
    }

    public String source() {
        return source;
    }

    public List<Anchor> anchors() {
        return anchors;
    }

    /** Anchors whose key signed {@code certificate}. */
    public List<CertificateFacts> issuersOf(CertificateFacts certificate) {
        return named(certificate.issuer()).stream()
                .map(Anchor::certificate)
                .filter(certificate::signedBy)
                .toList();
    }

    List<Anchor> named(DistinguishedName subject) {
        return bySubject.getOrDefault(subject.keys(), List.of());
    }

    @Nullable
    Anchor holding(CertificateFacts certificate) {
        return byHash.get(certificate.sha256());
    }

    @Override
    public String toString() {
        return name + " (" + anchors.size() + " anchors)";
    }
}

package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.Observation.ServedChain;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.tls.exchange.ServerFlight;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.ServerMessage.Certificate;
import io.tlsfleet.tls.handshake.ServerMessage.CertificateStatus;
import io.tlsfleet.tls.handshake.ServerMessage.ServerHello;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Every distinct chain of a scan, with what came beside it. A chain is what was sent, byte for byte, in its order. */
final class Chains {
    private static final int OCSP = 1;

    private final Map<List<ByteBuffer>, Served> chains = new LinkedHashMap<>();

    private static final class Served {
        final Set<ProtocolVersion> versions = new TreeSet<>();
        final Map<ProtocolVersion, byte[]> staples = new TreeMap<>();
        final List<byte[]> scts = new ArrayList<>();

        @Nullable
        Boolean withoutSni;
    }

    void add(ProtocolVersion version, ServerFlight flight, ServerHello hello) {
        Optional<Certificate> certificate = flight.certificate();
        if (certificate.isEmpty() || certificate.get().entries().isEmpty()) {
            return;
        }
        Served served = served(certificate.get());
        served.versions.add(version);
        flight.first(CertificateStatus.class)
                .filter(s -> s.statusType() == OCSP)
                .ifPresent(s -> served.staples.put(version, s.response()));
        hello.extension(Extensions.SIGNED_CERTIFICATE_TIMESTAMP).ifPresent(data -> addScts(served, data));
    }

    void addTls13(Certificate certificate) {
        if (certificate.entries().isEmpty()) {
            return;
        }
        Served served = served(certificate);
        served.versions.add(ProtocolVersion.TLS_1_3);
        Certificate.Entry leaf = certificate.entries().getFirst();
        leaf.extension(Extensions.STATUS_REQUEST)
                .ifPresent(data ->
                        staple(data).ifPresent(response -> served.staples.put(ProtocolVersion.TLS_1_3, response)));
        leaf.extension(Extensions.SIGNED_CERTIFICATE_TIMESTAMP).ifPresent(data -> addScts(served, data));
    }

    /** One certificate alone, as SSL 2.0 serves it. */
    void addAlone(ProtocolVersion version, byte[] der) {
        served(new Certificate(List.of(new Certificate.Entry(der, List.of()))))
                .versions
                .add(version);
    }

    /** What came to a hello without a name. */
    void addWithoutName(Certificate certificate) {
        if (!certificate.entries().isEmpty()) {
            served(certificate).withoutSni = true;
        }
    }

    /** SSL 2.0 and 3.0 have no names: what comes there comes without one. */
    void oldestWithoutName() {
        chains.values().stream()
                .filter(served -> served.versions.stream().allMatch(v -> v.compareTo(ProtocolVersion.SSL_3) <= 0))
                .forEach(served -> served.withoutSni = true);
    }

    /** No hello of this scan had a name. */
    void allWithoutName() {
        chains.values().forEach(served -> served.withoutSni = true);
    }

    /** The chains that no hello without a name brought: theirs is the name, or else {@code unknown} says why nobody knows. */
    void restOnlyWithName(@Nullable Reason unknown, Draft draft) {
        int at = 0;
        for (Served served : chains.values()) {
            if (served.withoutSni == null) {
                if (unknown == null) {
                    served.withoutSni = false;
                } else {
                    draft.unknown("/certificates/" + at + "/servedWithoutSni", unknown);
                }
            }
            at++;
        }
    }

    /** Whether a hello of this version may still bring a chain without a name: TLS 1.2 any that it serves, older ones their own. */
    boolean mayComeWithoutName(ProtocolVersion version) {
        return chains.values().stream()
                .filter(served -> served.withoutSni == null && served.versions.contains(version))
                .anyMatch(served -> version.equals(ProtocolVersion.TLS_1_2)
                        || Collections.max(served.versions).equals(version));
    }

    /** Nobody asked for the staples that are not there. */
    void staplesUnknown(Reason reason, Draft draft) {
        int at = 0;
        for (Served served : chains.values()) {
            boolean mayHaveOne = served.versions.stream().anyMatch(v -> v.compareTo(ProtocolVersion.SSL_3) > 0);
            if (mayHaveOne && served.staples.isEmpty()) {
                draft.unknown("/certificates/" + at + "/ocspStaple", reason);
            }
            at++;
        }
    }

    boolean isEmpty() {
        return chains.isEmpty();
    }

    List<ServedChain> all() {
        return chains.entrySet().stream()
                .map(e -> new ServedChain(
                        e.getValue().versions.stream()
                                .map(ProtocolVersion::label)
                                .toList(),
                        e.getValue().withoutSni,
                        e.getKey().stream().map(ByteBuffer::array).toList(),
                        Draft.byLabel(e.getValue().staples),
                        List.copyOf(e.getValue().scts),
                        List.of()))
                .toList();
    }

    private Served served(Certificate certificate) {
        List<ByteBuffer> chain = certificate.entries().stream()
                .map(entry -> ByteBuffer.wrap(entry.der()))
                .toList();
        return chains.computeIfAbsent(chain, c -> new Served());
    }

    private static Optional<byte[]> staple(byte[] data) {
        try {
            return Optional.of(CertificateStatus.decode(data))
                    .filter(s -> s.statusType() == OCSP)
                    .map(CertificateStatus::response);
        } catch (MalformedMessage e) {
            // Kept as it came: the judge says that it is malformed.
            return Optional.of(data);
        }
    }

    /** The extension's data as it came (RFC 6962 section 3.3.1). */
    private static void addScts(Served served, byte[] data) {
        if (served.scts.stream().noneMatch(s -> Arrays.equals(s, data))) {
            served.scts.add(data);
        }
    }
}

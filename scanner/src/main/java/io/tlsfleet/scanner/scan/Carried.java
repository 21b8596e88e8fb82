package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Observation.Coverage;
import io.tlsfleet.fleet.observation.Observation.Fingerprints;
import io.tlsfleet.fleet.observation.Observation.ServedChain;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.tls.x509.CertificateFacts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An earlier observation with what a few questions saw again; what they did not ask stands as it was and is marked {@code
 * inferred}.
 */
final class Carried {
    private static final String ECH = "encryptedClientHello";

    private final Observation before;
    private final List<Coverage> coverage = new ArrayList<>();

    private Carried(Observation before) {
        this.before = before;
    }

    /** The same endpoint, verified; {@code now} has the scan's own words, what it negotiated and its coverage. */
    static Observation verified(Observation before, Observation now, Draft draft, Verification verification) {
        Carried carried = new Carried(before);
        List<ServedChain> served = carried.chains(draft.chains.all());
        carried.parts(false);
        return carried.observation(
                now, served, Verification.withTicket(before.resumption(), verification.session()), false);
    }

    /** Another name on the listener of {@code before}, with its own chains. */
    static Observation named(Observation before, Observation now, Draft draft) {
        Carried carried = new Carried(before);
        List<ServedChain> served = new ArrayList<>();
        for (ServedChain chain : draft.chains.all()) {
            served.add(carried.ofName(chain, served.size()));
        }
        carried.parts(true);
        return carried.observation(now, served, before.resumption(), true);
    }

    /** Served on what chains of its kind are; what a client without a name gets is the listener's. */
    private ServedChain ofName(ServedChain chain, int at) {
        List<ServedChain> known = before.served() == null ? List.of() : before.served();
        List<String> versions = known.stream()
                .filter(other -> type(other).equals(type(chain)))
                .flatMap(other -> other.servedOn().stream())
                .distinct()
                .toList();
        boolean asked = known.stream().anyMatch(other -> Boolean.TRUE.equals(other.servedWithoutSni()));
        boolean nameless =
                known.stream().anyMatch(other -> Boolean.TRUE.equals(other.servedWithoutSni()) && isSame(other, chain));
        infer("/certificates/" + at + "/servedOn");
        if (asked) {
            infer("/certificates/" + at + "/servedWithoutSni");
        }
        return new ServedChain(
                versions.containsAll(chain.servedOn()) ? versions : chain.servedOn(),
                asked ? (Boolean) nameless : null,
                chain.chain(),
                chain.staples(),
                chain.tlsScts(),
                List.of());
    }

    private static String type(ServedChain chain) {
        return chain.chain().isEmpty()
                ? ""
                : CertificateFacts.read(chain.chain().getFirst()).key().type();
    }

    static boolean isSame(ServedChain a, ServedChain b) {
        return a.chain().size() == b.chain().size() && Arrays.deepEquals(bytes(a), bytes(b));
    }

    private static Object[] bytes(ServedChain chain) {
        return chain.chain().toArray();
    }

    private List<ServedChain> chains(List<ServedChain> now) {
        List<ServedChain> chains = new ArrayList<>();
        List<ServedChain> known = before.served() == null ? List.of() : before.served();
        for (ServedChain chain : known) {
            ServedChain seen = now.stream()
                    .filter(other -> isSame(chain, other))
                    .findFirst()
                    .orElse(null);
            String pointer = "/certificates/" + chains.size();
            if (seen == null) {
                infer(pointer);
                chains.add(again(chain, new TreeMap<>()));
                continue;
            }
            if (!seen.servedOn().containsAll(chain.servedOn())) {
                infer(pointer + "/servedOn");
            }
            if (chain.servedWithoutSni() != null) {
                infer(pointer + "/servedWithoutSni");
            }
            chains.add(again(chain, staples(chain, seen)));
        }
        return chains;
    }

    /** What was stapled now; on a version that was not asked, the same response. */
    private static Map<String, byte[]> staples(ServedChain before, ServedChain now) {
        Map<String, byte[]> staples = new TreeMap<>(now.staples());
        now.staples().values().stream()
                .findFirst()
                .ifPresent(one -> before.staples().keySet().stream()
                        .filter(version -> !now.servedOn().contains(version))
                        .forEach(version -> staples.putIfAbsent(version, one)));
        return staples;
    }

    private static ServedChain again(ServedChain chain, Map<String, byte[]> staples) {
        return new ServedChain(
                chain.servedOn(), chain.servedWithoutSni(), chain.chain(), staples, chain.tlsScts(), List.of());
    }

    /** One pointer for each part that was not asked whole. */
    private void parts(boolean otherName) {
        if (before.cipherSuites() != null) {
            before.cipherSuites().keySet().forEach(version -> infer("/cipherSuites/" + version));
        }
        if (before.groups() != null) {
            before.groups().keySet().forEach(version -> infer("/groups/" + version));
        }
        if (otherName) {
            infer("/protocols", before.protocols());
        }
        infer("/finiteFieldDh", before.finiteFieldDh());
        infer("/signatureSchemes", before.signatureSchemes());
        infer("/alpn", before.alpn());
        infer("/sni", before.sni());
        infer("/resumption", before.resumption());
        infer("/features", before.features());
        infer("/tolerance", before.tolerance());
        infer("/vulnerabilities", before.vulnerabilities());
        infer(
                "/fingerprints/jarm",
                before.fingerprints() == null ? null : before.fingerprints().jarm());
        if (!otherName) {
            infer("/dns", before.dns());
            infer("/quic", before.quic());
            infer("/http", before.http());
        }
    }

    private void infer(String pointer, @Nullable Object part) {
        boolean empty =
                part instanceof Map<?, ?> map && map.isEmpty() || part instanceof List<?> list && list.isEmpty();
        if (part != null && !empty) {
            infer(pointer);
        }
    }

    private void infer(String pointer) {
        coverage.add(new Coverage(pointer, FactState.ACCEPTED, null, true));
    }

    private Observation observation(
            Observation now, List<ServedChain> served, Observation.@Nullable Resumption resumption, boolean otherName) {
        return new Observation(
                now.endpoint(),
                scan(now.scan()),
                now.negotiated(),
                coverage(now),
                before.protocols(),
                before.cipherSuites(),
                before.groups(),
                before.finiteFieldDh(),
                before.signatureSchemes(),
                served,
                before.alpn(),
                before.sni(),
                resumption,
                now.clientAuthentication() == null ? before.clientAuthentication() : now.clientAuthentication(),
                otherName ? features(now.features()) : before.features(),
                before.tolerance(),
                before.vulnerabilities(),
                fingerprints(now.fingerprints()),
                now.timing(),
                otherName ? now.dns() : before.dns(),
                otherName ? now.quic() : before.quic(),
                otherName ? now.http() : before.http());
    }

    /** The listener's, but for the key that this name announces. */
    private @Nullable Map<String, Object> features(@Nullable Map<String, Object> now) {
        Object ech = now == null ? null : now.get(ECH);
        if (ech == null) {
            return before.features();
        }
        Map<String, Object> features = new LinkedHashMap<>(before.features() == null ? Map.of() : before.features());
        features.put(ECH, ech);
        return features;
    }

    /** What was unknown and was not asked again is unknown still. */
    private Observation.Scan scan(Observation.Scan now) {
        boolean partial = before.scan().outcome() == Outcome.PARTIAL && now.outcome() == Outcome.COMPLETE;
        return partial
                ? new Observation.Scan(
                        now.startedAt(),
                        now.durationMillis(),
                        now.depth(),
                        Outcome.PARTIAL,
                        now.connections(),
                        now.bytesSent(),
                        now.bytesReceived(),
                        now.handshakesCompleted(),
                        now.scanner(),
                        now.reason(),
                        now.detail())
                : now;
    }

    private @Nullable Fingerprints fingerprints(@Nullable Fingerprints now) {
        Fingerprints old = before.fingerprints();
        return old == null || now == null
                ? old
                : new Fingerprints(old.jarm(), old.ja3s(), old.ja4s(), old.ja4x(), old.sent());
    }

    /** What is unknown now, what was unknown and was not asked, what is inferred: one line a fact. */
    private List<Coverage> coverage(Observation now) {
        Map<String, Coverage> lines = new LinkedHashMap<>();
        now.coverage().forEach(line -> lines.put(line.fact(), line));
        for (Coverage line : before.coverage()) {
            boolean answeredNow = line.fact().equals("/features/" + ECH)
                    && now.features() != null
                    && now.features().containsKey(ECH);
            if (!Boolean.TRUE.equals(line.inferred()) && !answeredNow) {
                lines.putIfAbsent(line.fact(), line);
            }
        }
        coverage.forEach(line -> lines.putIfAbsent(line.fact(), line));
        return List.copyOf(lines.values());
    }
}

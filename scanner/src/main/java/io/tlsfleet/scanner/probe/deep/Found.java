package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation.Coverage;
import io.tlsfleet.fleet.observation.Observation.Http;
import io.tlsfleet.fleet.observation.Observation.Resumption;
import io.tlsfleet.fleet.observation.Observation.Timing;
import io.tlsfleet.fleet.observation.Observation.Vulnerability;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.tls.handshake.KeyShareEntry;
import io.tlsfleet.tls.handshake.ServerMessage;
import io.tlsfleet.tls.keys.Tls12Result;
import io.tlsfleet.tls.keys.Tls12Session;
import io.tlsfleet.tls.keys.Tls13Result;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the deep probes have found; the parts have the report's names. */
public final class Found {
    private static final List<String> BEHIND_THE_HANDSHAKE =
            List.of("/resumption/", "/http", "/features/clientRenegotiation");

    private final Map<String, Object> features = new LinkedHashMap<>();
    private final Map<String, FactState> tolerance = new LinkedHashMap<>();
    private final List<Vulnerability> vulnerabilities = new ArrayList<>();
    private final List<Coverage> coverage = new ArrayList<>();
    private final Map<String, Long> full = new TreeMap<>();
    private final Map<String, Long> resumed = new TreeMap<>();
    private final Map<Integer, byte[]> serverShares = new HashMap<>();
    /** A request was answered with the wish for another handshake, and nothing else. */
    boolean wantsAnotherHandshake;

    private @Nullable Long connectMicros;
    private @Nullable Boolean reusesShares;
    private int handshakes;

    /** TLS 1.3 spoke above a handshake that was no resumed one, and had brought no ticket by then. */
    boolean spokeWithoutTicket;

    /** The latest handshake that brought tickets. */
    @Nullable
    Tls13Result ticketed;

    Resumption.@Nullable Tls12 tls12;
    Resumption.@Nullable Tls13 tls13;

    /** Of TLS 1.2, as another handshake than that of the resumption brought it. */
    @Nullable
    Tls12Session otherSession;

    @Nullable
    String unknownName;

    @Nullable
    Http http;

    /** A later word on a feature replaces an earlier one. */
    void feature(String name, Fact fact) {
        features.put(name, fact.state());
        coverage.removeIf(c -> c.fact().equals("/features/" + name));
        if (fact.state() == FactState.UNKNOWN) {
            unknown("/features/" + name, fact.reason());
        }
    }

    void feature(String name, Object value) {
        features.put(name, value);
    }

    /** The server's extension: the largest record that it takes (RFC 8449). */
    void recordSizeLimit(byte[] extension) {
        try {
            feature("recordSizeLimit", (Object) ByteReader.of(extension).u16("record_size_limit"));
        } catch (MalformedMessage e) {
            feature("recordSizeLimit", Fact.unknown(Reason.MALFORMED));
        }
    }

    void tolerance(String name, Fact fact) {
        tolerance.put(name, fact.state());
        if (fact.state() == FactState.UNKNOWN) {
            unknown("/tolerance/" + name, fact.reason());
        }
    }

    void vulnerability(String id, String state, @Nullable String evidence) {
        vulnerabilities.add(new Vulnerability(id, state, evidence));
    }

    /** What was in doubt under that pointer is not any more. */
    void settled(String pointer) {
        coverage.removeIf(c -> c.fact().startsWith(pointer));
    }

    /** Where nobody gets in without a certificate, hanging up behind the handshake was about that. */
    public void withoutCertificate() {
        coverage.replaceAll(c -> BEHIND_THE_HANDSHAKE.stream().anyMatch(c.fact()::startsWith)
                        && (c.reason() == Reason.CLOSED || c.reason() == Reason.RESET)
                ? Coverage.unknown(c.fact(), Reason.CLIENT_CERTIFICATE_REQUIRED)
                : c);
    }

    void unknown(String pointer, @Nullable Reason reason) {
        coverage.add(Coverage.unknown(pointer, reason == null ? Reason.UNSUPPORTED : reason));
    }

    void heard(Tls13Result result, Duration connect) {
        connected(connect);
        spokeWithoutTicket |= !result.resumed()
                && result.applicationData().length > 0
                && result.tickets().isEmpty();
        Long nanos = result.handshakeNanos();
        if (result.finished() && nanos != null) {
            handshakes++;
            (result.resumed() ? resumed : full).merge(ProtocolVersion.TLS_1_3.label(), nanos / 1000, Math::min);
        }
        try {
            ServerMessage.ServerHello hello = result.serverHello().orElse(null);
            KeyShareEntry share = hello == null ? null : hello.keyShare().orElse(null);
            if (share != null) {
                byte[] before = serverShares.put(share.group().code(), share.keyExchange());
                if (before != null) {
                    reusesShares = Boolean.TRUE.equals(reusesShares) || Arrays.equals(before, share.keyExchange());
                }
            }
        } catch (MalformedMessage e) {
            // A share that cannot be read is not compared; the handshake's own result says what was wrong.
        }
    }

    void heard(Tls12Result result, Duration connect) {
        connected(connect);
        Long nanos = result.handshakeNanos();
        ServerMessage.ServerHello hello = result.serverHello().orElse(null);
        if (result.finished() && nanos != null && hello != null) {
            handshakes++;
            (result.resumed() ? resumed : full).merge(hello.legacyVersion().label(), nanos / 1000, Math::min);
        }
    }

    private void connected(Duration connect) {
        long micros = connect.toNanos() / 1000;
        connectMicros = connectMicros == null ? micros : (Long) Math.min(connectMicros, micros);
    }

    /** As servers do whose certificates for clients are a matter of the path asked for. */
    public boolean wantsAnotherHandshake() {
        return wantsAnotherHandshake;
    }

    public Map<String, Object> features() {
        Map<String, Object> all = new LinkedHashMap<>(features);
        if (reusesShares != null) {
            all.put("keyShareReuse", Fact.of(reusesShares).state());
        }
        return all;
    }

    public Map<String, FactState> tolerance() {
        return tolerance;
    }

    public List<Vulnerability> vulnerabilities() {
        return vulnerabilities;
    }

    public List<Coverage> coverage() {
        return coverage;
    }

    public @Nullable Resumption resumption() {
        return tls12 == null && tls13 == null ? null : new Resumption(tls12, tls13);
    }

    public Timing timing() {
        return new Timing(connectMicros, full, resumed);
    }

    public @Nullable String unknownName() {
        return unknownName;
    }

    public @Nullable Http http() {
        return http;
    }

    public int handshakes() {
        return handshakes;
    }
}

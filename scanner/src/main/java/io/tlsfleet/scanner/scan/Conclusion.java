package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Observation.ClientAuthentication;
import io.tlsfleet.fleet.observation.Observation.Coverage;
import io.tlsfleet.fleet.observation.Observation.Fingerprints;
import io.tlsfleet.fleet.observation.Outcome;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.probe.deep.Found;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes the observation out of a draft: which parts there are, how whole it is, and what it cost. */
final class Conclusion {
    private static final List<String> PARTS_THAT_COUNT =
            List.of("/protocols", "/cipherSuites", "/groups", "/certificates");

    private static final String UNKNOWN = "unknown";

    private static final ClientAuthentication UNTOLD = new ClientAuthentication(UNKNOWN, UNKNOWN, List.of(), List.of());

    /** Neither TLS 1.2 nor 1.3 is spoken. */
    private static final Observation.Resumption NOTHING_TO_RESUME = new Observation.Resumption(null, null);

    private final Question question;
    private final Draft draft;
    private final Interview interview;
    private final Line line;
    private final String scanner;

    Conclusion(Question question, Draft draft, Interview interview, Line line, String scanner) {
        this.question = question;
        this.draft = draft;
        this.interview = interview;
        this.line = line;
        this.scanner = scanner;
    }

    Observation observation(Instant startedAt, Duration took, Scan.Verdict verdict) {
        boolean reached = verdict.goesOn();
        boolean standard = question.depth() != Depth.CERTIFICATE;
        if (reached) {
            mark(standard, verdict);
        }
        Outcome outcome = outcome(verdict);
        boolean parts = reached && standard;
        Found deep = parts ? draft.deep : null;
        return new Observation(
                new Observation.Endpoint(
                                question.host(),
                                question.destination().host(),
                                question.port(),
                                question.serverName(),
                                question.starttls())
                        .dialled(question.destination().port()),
                new Observation.Scan(
                        startedAt,
                        took.toMillis(),
                        question.depth(),
                        outcome,
                        line.connections(),
                        line.bytesSent(),
                        line.bytesReceived(),
                        interview.handshakes(),
                        scanner,
                        verdict.reason(),
                        verdict.detail() == null && parts ? refusal() : verdict.detail()),
                draft.negotiated,
                List.copyOf(draft.coverage),
                parts ? Draft.byLabel(draft.protocols) : null,
                parts ? Draft.byLabel(draft.suites) : null,
                parts ? Draft.byLabel(draft.groups) : null,
                parts ? draft.finiteFieldPart() : null,
                parts ? draft.schemesPart() : null,
                reached ? draft.chains.all() : null,
                parts ? draft.alpnPart() : null,
                sni(parts, deep),
                deep == null ? null : Objects.requireNonNullElse(deep.resumption(), NOTHING_TO_RESUME),
                parts ? Objects.requireNonNullElse(draft.clientAuthentication, UNTOLD) : null,
                parts ? draft.features : null,
                deep == null ? null : deep.tolerance(),
                deep == null ? null : deep.vulnerabilities(),
                reached
                        ? new Fingerprints(
                                draft.jarm,
                                List.copyOf(draft.ja3s),
                                draft.ja4sPart(),
                                draft.ja4xPart(),
                                List.copyOf(draft.sent))
                        : null,
                deep == null ? null : deep.timing(),
                parts ? draft.dns : null,
                parts ? draft.quic : null,
                deep == null ? null : deep.http());
    }

    static Observation unresolved(
            Observation.Endpoint endpoint, Depth depth, Instant at, String scanner, String detail) {
        return Observation.bare(
                endpoint,
                new Observation.Scan(
                        at, 0, depth, Outcome.UNREACHABLE, 0, 0, 0, 0, scanner, Reason.DNS_FAILURE, detail));
    }

    /** A pointer for everything that was asked and is not certain. */
    private void mark(boolean standard, Scan.Verdict verdict) {
        Reason reason = Objects.requireNonNullElse(verdict.reason(), firstDoubt());
        if (!interview.askedForStaple()) {
            draft.chains.staplesUnknown(Reason.CLOSED, draft);
        }
        if (!standard) {
            if (draft.chains.isEmpty()) {
                draft.unknown("/certificates", reason);
            }
            return;
        }
        boolean anyUnknown = draft.protocols.containsValue(FactState.UNKNOWN);
        boolean anyAccepted = draft.protocols.containsValue(FactState.ACCEPTED) || anyUnknown;
        if (anyAccepted && draft.chains.isEmpty() && (usesCertificates() || anyUnknown)) {
            draft.unknown("/certificates", reason);
        }
        if (draft.clientAuthentication == null) {
            draft.unknown("/clientAuthentication/mode", reason);
        }
        if (anyAccepted && draft.negotiated == null) {
            draft.unknown("/negotiated", reason);
        }
        if (anyAccepted && draft.alpnMismatch.equals(UNKNOWN)) {
            draft.unknown("/alpn/onMismatch", reason);
        }
        ClientAuthentication asked = draft.clientAuthentication;
        if (asked != null && asked.enforcement().equals(UNKNOWN)) {
            draft.unknown(
                    "/clientAuthentication/enforcement",
                    draft.doubt("/clientAuthentication").orElse(reason));
        }
        draft.groups.forEach((version, groups) -> {
            if (UNKNOWN.equals(groups.order())) {
                String part = "/groups/" + version.label();
                draft.unknown(part + "/order", draft.doubt(part).orElse(Reason.UNSUPPORTED));
            }
        });
    }

    /** Of the doubts so far the one that the others come from; what is said above TLS is no cause of any. */
    private Reason firstDoubt() {
        return draft.coverage.stream()
                .filter(c -> !c.fact().startsWith("/http") && !c.fact().startsWith("/clientAuthentication"))
                .map(Coverage::reason)
                .flatMap(Stream::ofNullable)
                .findFirst()
                .orElse(Reason.UNSUPPORTED);
    }

    /** Asked for deep down; a server that refuses our own name by its alert has told it to everybody. */
    private Observation.@Nullable Sni sni(boolean parts, @Nullable Found deep) {
        if (deep != null && deep.unknownName() != null) {
            return new Observation.Sni(deep.unknownName());
        }
        boolean nothing = !draft.protocols.containsValue(FactState.ACCEPTED);
        boolean refused = question.serverName() != null && draft.nameRefused;
        return parts && nothing && refused ? new Observation.Sni("alert") : null;
    }

    /** For the operator: why a server that was heard agrees to nothing, as far as it lets us know. */
    private @Nullable String refusal() {
        if (draft.protocols.values().stream().anyMatch(state -> state != FactState.REFUSED)) {
            return null;
        }
        String name = question.serverName();
        if (name == null) {
            return "The server agrees to nothing without a server name; give it one with --sni NAME.";
        }
        return draft.nameRefused
                ? "The server does not know the name " + name + " (alert unrecognized_name)."
                : "The server answers, and refuses every version with every suite for the name " + name + ".";
    }

    private boolean usesCertificates() {
        return draft.accepts(ProtocolVersion.TLS_1_3)
                || draft.suites.values().stream()
                        .flatMap(s -> s.suites().stream())
                        .anyMatch(p -> new CipherSuite(Integer.decode(p.code()))
                                .facts()
                                .usesCertificate());
    }

    private Outcome outcome(Scan.Verdict verdict) {
        if (!verdict.goesOn()) {
            return verdict.reason() == Reason.NOT_TLS ? Outcome.NOT_TLS : Outcome.UNREACHABLE;
        }
        return draft.coverage.stream().anyMatch(Conclusion::makesPartial) ? Outcome.PARTIAL : Outcome.COMPLETE;
    }

    private static boolean makesPartial(Coverage one) {
        return one.state() == FactState.UNKNOWN
                && one.reason() != Reason.CLIENT_CERTIFICATE_REQUIRED
                && !one.fact().endsWith("/order")
                && PARTS_THAT_COUNT.stream().anyMatch(part -> one.fact().startsWith(part));
    }
}

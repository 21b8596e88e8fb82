package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.connect.Connector;
import io.tlsfleet.scanner.connect.Limits;
import io.tlsfleet.scanner.probe.Answer;
import io.tlsfleet.scanner.probe.Answer.Chosen;
import io.tlsfleet.scanner.probe.Answer.Hung;
import io.tlsfleet.scanner.probe.Answer.Refused;
import io.tlsfleet.scanner.probe.Answer.Unclear;
import io.tlsfleet.scanner.probe.Hellos;
import io.tlsfleet.scanner.probe.Offer;
import io.tlsfleet.scanner.resolve.NameRecords;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.ServerMessage.Certificate;
import io.tlsfleet.tls.handshake.ServerMessage.EncryptedExtensions;
import io.tlsfleet.tls.handshake.ServerMessage.ServerHello;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.keys.Tls13Options;
import io.tlsfleet.tls.keys.Tls13Result;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Scans one endpoint at one address: everything that its depth asks for, in the order in which the answers help each other.
 * Made once, used by any number of threads; what is known of an endpoint lives in the locals of one call.
 */
public final class Scan {
    private static final List<ProtocolVersion> OLDER =
            List.of(ProtocolVersion.TLS_1_2, ProtocolVersion.TLS_1_1, ProtocolVersion.TLS_1_0, ProtocolVersion.SSL_3);
    private static final int MAX_ALPN = 24;

    /** Where protocols are asked for: TLS 1.2 shows them in a ServerHello that is read without a handshake. */
    private static final List<ProtocolVersion> ALPN_ON =
            List.of(ProtocolVersion.TLS_1_2, ProtocolVersion.TLS_1_3, ProtocolVersion.TLS_1_1, ProtocolVersion.TLS_1_0);

    private final Connector connector;
    private final KeyShares shares;
    private final RandomGenerator random;
    private final InstantSource clock;
    private final Settings settings;
    private final Listeners listeners = new Listeners();
    private final @Nullable NameRecords records;

    /** {@code deadline} is the whole scan's; {@code scanner} names this program in reports. */
    public record Settings(Limits limits, Duration deadline, String scanner, Extras extras) {
        public Settings(Limits limits, Duration deadline, String scanner) {
            this(limits, deadline, scanner, Extras.NONE);
        }

        public static final Settings STANDARD = new Settings(Limits.STANDARD, Duration.ofSeconds(60), "tlsfleet");
    }

    /** Asks nobody but the endpoint itself. */
    public Scan(Connector connector, KeyShares shares, RandomGenerator random, InstantSource clock, Settings settings) {
        this(connector, shares, random, clock, settings, null);
    }

    /** With {@code records}, what DNS says of an endpoint's name is asked at depth full. */
    public Scan(
            Connector connector,
            KeyShares shares,
            RandomGenerator random,
            InstantSource clock,
            Settings settings,
            @Nullable NameRecords records) {
        this.records = records;
        this.connector = connector;
        this.shares = shares;
        this.random = random;
        this.clock = clock;
        this.settings = settings;
    }

    public Observation scan(Question question) {
        return atListener(question, Lane.OWN);
    }

    /** As one of many, whose place others may have while this one's peer is slow. */
    public Observation scan(Question question, Lanes.Place place) {
        return atListener(question, place);
    }

    /** Whole for the first name on a listener; another is held against the first, and asked whole where it differs. */
    private Observation atListener(Question question, Lane lane) {
        if (question.depth() == Depth.CERTIFICATE) {
            return scan(question, line(question, lane));
        }
        try (Listeners.Turn turn = listeners.enter(question, question.depth() == Depth.FULL, lane)) {
            Observation known = turn.known();
            Observation seen = known == null
                    ? scan(question, line(question, lane))
                    : ofAnotherName(question, known, line(question, lane));
            turn.asked(seen);
            return seen;
        } catch (InterruptedException e) {
            throw new Interrupted(e);
        }
    }

    private Observation ofAnotherName(Question question, Observation known, Line line) {
        Instant startedAt = clock.instant();
        long start = System.nanoTime();
        Interview interview = new Interview(line, new Hellos(question.serverName(), random, shares), shares);
        Draft draft = new Draft(settings.extras().ja4Plus());
        boolean full = question.depth() == Depth.FULL;
        Surroundings around = full ? surroundings(question) : null;
        Interview.Shaken first = new FirstContact(interview).make(draft);
        negotiated(first, draft);
        if (interview.manner().isSmall()
                || !Verdict.of(first.answer(), interview).goesOn()) {
            return scan(question, line);
        }
        // the page belongs to the name and takes one of its connections, and so does a key that the name announces
        byte[] announced = around == null ? null : around.echConfigs();
        int limit = Verification.QUESTIONS_FOR_A_NAME - (full ? 1 : 0) - (announced == null ? 0 : 1);
        Verification verification =
                new Verification(new Known(known), interview, draft, shares, random, question, limit);
        if (verification.ofAnotherName(first, question).isPresent()) {
            return scan(question, line);
        }
        if (full) {
            new DeepQuestions(interview, draft, line, clock).askOfTheName(question, announced);
        }
        if (around != null) {
            draft.dns = around.dns(draft::unknown);
            draft.quic = around.quic(draft.chains.all(), draft::unknown);
        }
        Verdict verdict = Verdict.of(first.answer(), interview);
        Observation now = conclude(question, draft, interview, line, startedAt, start, verdict);
        return Carried.named(known, now, draft);
    }

    private Line line(Question question, Lane lane) {
        return new Line(connector, question, settings.limits(), settings.deadline(), lane);
    }

    private Observation scan(Question question, Line line) {
        Instant startedAt = clock.instant();
        long start = System.nanoTime();
        Interview interview = new Interview(line, new Hellos(question.serverName(), random, shares), shares);
        Draft draft = new Draft(settings.extras().ja4Plus());

        boolean alone = question.depth() == Depth.CERTIFICATE;
        Interview.Shaken first =
                new FirstContact(interview, alone ? Tls13Options.PLAIN.leaving() : Tls13Options.PLAIN).make(draft);
        negotiated(first, draft);
        switch (first.answer()) {
            case Hung hung -> notHeard(draft, hung.reason());
            case Unclear unclear -> notHeard(draft, unclear.reason());
            case Chosen chosen -> {}
            case Refused refused -> {}
        }
        Verdict verdict = Verdict.of(first.answer(), interview);
        if (verdict.goesOn()) {
            if (alone) {
                new CertificateAlone(interview, draft).ask(first);
            } else {
                Surroundings around = question.depth() == Depth.FULL ? surroundings(question) : null;
                standard(question, first, interview, draft);
                DeepQuestions deep = new DeepQuestions(interview, draft, line, clock);
                if (around == null) {
                    if (settings.extras().jarm()) {
                        deep.jarm(question);
                    }
                } else {
                    deep.ask(question, around::echConfigs);
                    draft.dns = around.dns(draft::unknown);
                    draft.quic = around.quic(draft.chains.all(), draft::unknown);
                }
            }
            verdict = Verdict.of(first.answer(), interview);
        } else if (first.answer() instanceof Hung hung && new OldestVersion(interview, draft, random).isAllThereIs()) {
            Stream.concat(OLDER.stream(), Stream.of(ProtocolVersion.TLS_1_3))
                    .forEach(version -> draft.protocolUnknown(version, hung.reason()));
            verdict = Verdict.of(first.answer(), interview);
        }
        return conclude(question, draft, interview, line, startedAt, start, verdict);
    }

    /** A verification's outcome: {@code difference} says in words what made it ask everything anew; empty when nothing did. */
    public record Verified(Observation observation, Optional<String> difference) {}

    /**
     * Whether the endpoint is still as {@code baseline} says, in few connections; at the first difference everything is asked
     * anew, as deep as {@code whole}.
     */
    public Verified verify(Question question, Observation baseline, Depth whole) {
        return verify(question, baseline, whole, line(question, Lane.OWN));
    }

    /** As one of many, whose place others may have while this one's peer is slow. */
    public Verified verify(Question question, Observation baseline, Depth whole, Lanes.Place place) {
        return verify(question, baseline, whole, line(question, place));
    }

    private Verified verify(Question question, Observation baseline, Depth whole, Line line) {
        Instant startedAt = clock.instant();
        long start = System.nanoTime();
        Interview interview = new Interview(line, new Hellos(question.serverName(), random, shares), shares);
        Draft draft = new Draft(settings.extras().ja4Plus());
        Interview.Shaken first = new FirstContact(interview).make(draft);
        negotiated(first, draft);
        Verdict verdict = Verdict.of(first.answer(), interview);
        Optional<String> difference = Optional.empty();
        if (verdict.goesOn()) {
            Verification verification = new Verification(
                    new Known(baseline), interview, draft, shares, random, question, Verification.QUESTIONS);
            difference = interview.manner().isSmall()
                    ? Optional.of("only small hellos are answered")
                    : verification.ofTheSameEndpoint(first, question);
            verdict = Verdict.of(first.answer(), interview);
            if (difference.isEmpty()) {
                Observation now = conclude(question, draft, interview, line, startedAt, start, verdict);
                return new Verified(Carried.verified(baseline, now, draft, verification), difference);
            }
            return new Verified(scan(question.at(whole), line), difference);
        }
        return new Verified(conclude(question, draft, interview, line, startedAt, start, verdict), difference);
    }

    private Observation conclude(
            Question question,
            Draft draft,
            Interview interview,
            Line line,
            Instant startedAt,
            long start,
            Verdict verdict) {
        line.rest();
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        return new Conclusion(question, draft, interview, line, settings.scanner())
                .observation(startedAt, took, verdict);
    }

    private Surroundings surroundings(Question question) {
        Hellos hellos = new Hellos(question.serverName(), random, shares);
        return Surroundings.ask(
                question, records, new QuicQuestions(question, connector, settings.limits(), hellos, shares, random));
    }

    /** The observation of an endpoint whose name has no address. */
    public Observation unresolved(Observation.Endpoint endpoint, Depth depth, String detail) {
        return Conclusion.unresolved(endpoint, depth, clock.instant(), settings.scanner(), detail);
    }

    private void standard(Question question, Interview.Shaken first, Interview interview, Draft draft) {
        AlpnNames alpn =
                new AlpnNames(draft, question.alpn(), interview.manner().isSmall());
        Tls13Version tls13 = new Tls13Version(interview, draft, shares, alpn, question.depth() == Depth.FULL);
        if (first.result() != null
                && first.answer() instanceof Chosen chosen
                && chosen.version().equals(ProtocolVersion.TLS_1_3)) {
            tls13.begin(first.result());
        }
        tls13.ask();
        OlderVersions older = new OlderVersions(interview, draft, alpn, question.depth() == Depth.FULL);
        for (ProtocolVersion version : OLDER) {
            older.ask(version);
        }
        tls13.doubtRefusal();
        new OldestVersion(interview, draft, random).ask();
        interview.hungUpOnWithoutAnswer().forEach((version, reason) -> {
            if (draft.protocols.get(version) == FactState.REFUSED) {
                draft.protocolUnknown(version, reason);
            }
        });
        remainingAlpn(alpn, interview, draft);
        new ClientCertificates(interview, draft).ask(question);
        if (question.depth() == Depth.FULL || question.serverName() == null) {
            new WithoutName(interview, draft).ask(question);
        }
    }

    /** The up-to-date client's hello had no answer: not what it negotiates, nor what that answer looks like. */
    private static void notHeard(Draft draft, Reason reason) {
        draft.unknown("/negotiated", reason);
        draft.unknown("/fingerprints/ja3s", reason);
    }

    /** What an up-to-date client gets, and all that its one handshake shows. */
    private static void negotiated(Interview.Shaken first, Draft draft) {
        Tls13Result result = first.result();
        if (result == null || !(first.answer() instanceof Chosen chosen)) {
            return;
        }
        Optional<ServerHello> hello = result.serverHello();
        hello.ifPresent(h -> draft.fingerprint("tls13-modern", h));
        shown(chosen, result, draft);
    }

    /** What a finished handshake shows, or the flight of an older version. */
    static void shown(Chosen chosen, Tls13Result result, Draft draft) {
        if (!chosen.version().equals(ProtocolVersion.TLS_1_3)) {
            draft.saw(chosen);
            draft.alpnOf(chosen.hello());
            draft.agreed(chosen);
            return;
        }
        result.first(EncryptedExtensions.class)
                .flatMap(e -> e.extension(Extensions.ALPN))
                .ifPresent(draft::alpnChosen);
        result.first(Certificate.class).ifPresent(draft.chains::addTls13);
        draft.agreed(result);
    }

    /** What no other hello had room for. */
    private void remainingAlpn(AlpnNames alpn, Interview interview, Draft draft) {
        for (int asked = 0; !alpn.isOver() && asked < MAX_ALPN; asked++) {
            ProtocolVersion version = ALPN_ON.stream()
                    .filter(v -> !draft.acceptedSuites(v).isEmpty())
                    .filter(v -> interview.manner().namesProtocols() || !v.equals(ProtocolVersion.TLS_1_3))
                    .findFirst()
                    .orElse(null);
            if (version == null) {
                return;
            }
            List<CipherSuite> suites = draft.acceptedSuites(version);
            Offer offer = Offer.of(version, suites).withAlpn(alpn.next());
            Answer answer;
            Optional<byte[]> chosenName = Optional.empty();
            if (!version.equals(ProtocolVersion.TLS_1_3)) {
                answer = interview.ask(offer);
                if (answer instanceof Chosen chosen) {
                    chosenName = chosen.extension(Extensions.ALPN);
                }
            } else {
                Interview.Shaken shaken =
                        interview.handshake(offer.withShares(List.of(NamedGroup.named("x25519"))), Tls13Options.PLAIN);
                answer = shaken.answer();
                chosenName = Optional.ofNullable(shaken.result())
                        .flatMap(r -> r.first(EncryptedExtensions.class))
                        .flatMap(e -> e.extension(Extensions.ALPN));
            }
            if (alpn.wasRefused(offer, answer)) {
                return;
            }
            switch (answer) {
                case Chosen chosen -> alpn.heard(offer, chosenName);
                case Refused refused -> alpn.hungUp();
                case Hung hung -> alpn.unclear(hung.reason());
                case Unclear unclear -> alpn.unclear(unclear.reason());
            }
        }
    }

    /** Whether there is anything to scan, and if not, why. */
    record Verdict(
            boolean goesOn,
            FactState reached,
            @Nullable Reason reason,
            @Nullable String detail) {
        static Verdict of(Answer first, Interview interview) {
            Optional<Unclear> stopped = interview.stopped();
            if (interview.heardTls()) {
                return new Verdict(
                        true,
                        FactState.ACCEPTED,
                        stopped.map(Unclear::reason).orElse(null),
                        stopped.map(Unclear::detail).orElse(null));
            }
            Unclear why = switch (first) {
                case Unclear unclear -> unclear;
                case Hung hung ->
                    new Unclear(
                            hung.reason(),
                            (interview.isBehindStarttls() ? "agreed to STARTTLS, then " : "")
                                    + "hung up without a word on every hello");
                case Chosen chosen -> new Unclear(Reason.INTERNAL, "unreachable");
                case Refused refused -> new Unclear(Reason.INTERNAL, "unreachable");
            };
            return new Verdict(false, FactState.UNKNOWN, why.reason(), why.detail());
        }
    }
}

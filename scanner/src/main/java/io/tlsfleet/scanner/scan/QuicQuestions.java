package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation.Quic;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.connect.Connector;
import io.tlsfleet.scanner.connect.Limits;
import io.tlsfleet.scanner.connect.Talk;
import io.tlsfleet.scanner.probe.FlightReading;
import io.tlsfleet.scanner.probe.Hellos;
import io.tlsfleet.scanner.probe.Menu;
import io.tlsfleet.scanner.probe.Offer;
import io.tlsfleet.tls.exchange.DatagramConversation;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.ServerMessage;
import io.tlsfleet.tls.keys.KeyShares;
import io.tlsfleet.tls.quic.QuicHandshake;
import io.tlsfleet.tls.quic.QuicResult;
import io.tlsfleet.tls.quic.QuicVersion;
import io.tlsfleet.tls.quic.VersionQuestion;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Whether UDP of the same port answers with TLS 1.3: a handshake of QUIC version 1, of version 2 where the server offers only
 * that, one more for each application protocol that is taken, and the list of the server's versions. Silence is unknown;
 * refused is an alert, a version list with nothing that we speak, or twice CONNECTION_REFUSED (RFC 9000 section 20.1), which
 * busy servers say too, or the word of the kernel that nobody listens.
 */
final class QuicQuestions {
    private static final List<String> ALPN = List.of("h3", "doq", "smb", "hq-interop");
    private static final Duration BREATH = Duration.ofMillis(50);
    private static final int TLS_ERRORS = 0x100;
    private static final int REFUSED_CONNECTION = 0x02;
    private static final List<CipherSuite> SUITES = IntStream.of(0x1301, 0x1302, 0x1303, 0x1304)
            .mapToObj(CipherSuite::new)
            .toList();

    /** All that TLS 1.3 may have: a server of another group alone would refuse. */
    private static final List<NamedGroup> GROUPS = KeyShares.groups().stream()
            .filter(group -> !Menu.OLD_GROUPS.contains(group))
            .toList();

    /** No hybrid share, which would make the hello two datagrams long; the server may still ask for one. */
    private static final List<NamedGroup> SHARES =
            IntStream.of(0x001D).mapToObj(NamedGroup::new).toList();

    private final Question question;
    private final Connector connector;
    private final Limits limits;
    private final Hellos hellos;
    private final KeyShares shares;
    private final RandomGenerator random;

    QuicQuestions(
            Question question,
            Connector connector,
            Limits limits,
            Hellos hellos,
            KeyShares shares,
            RandomGenerator random) {
        this.question = question;
        this.connector = connector;
        this.limits = limits;
        this.hellos = hellos;
        this.shares = shares;
        this.random = random;
    }

    /** {@code leaf} is the certificate that was served, DER; a reason stands for what is unknown of state, versions and alpn. */
    record Seen(
            FactState state,
            @Nullable Reason stateReason,
            List<String> versions,
            @Nullable Reason versionsReason,
            List<String> alpn,
            @Nullable Reason alpnReason,
            byte @Nullable [] leaf) {
        private static Seen none(FactState state, @Nullable Reason reason) {
            return new Seen(state, reason, List.of(), null, List.of(), null, null);
        }

        Quic fact(List<byte[]> leavesOverTcp) {
            byte[] own = leaf;
            Boolean same = own == null || leavesOverTcp.isEmpty()
                    ? null
                    : (Boolean) leavesOverTcp.stream().anyMatch(other -> Arrays.equals(own, other));
            return new Quic(state, versions, alpn, same);
        }
    }

    Seen ask() {
        List<String> offered = new ArrayList<>(ALPN);
        question.alpn().stream().filter(name -> !offered.contains(name)).forEach(offered::add);
        QuicVersion version = QuicVersion.V1;
        Talk<QuicResult> talk = persistent(offered, version);
        if (talk instanceof Talk.Held<QuicResult> held
                && held.result().otherVersions().contains(QuicVersion.V2.number())) {
            version = QuicVersion.V2;
            talk = persistent(offered, version);
        }
        return switch (talk) {
            case Talk.NotHeld<QuicResult> none ->
                none.reason() == Reason.CONNECT_REFUSED
                        ? Seen.none(FactState.REFUSED, null)
                        : Seen.none(FactState.UNKNOWN, none.reason());
            case Talk.Held<QuicResult> held -> held(held.result(), offered, version);
        };
    }

    /** Asks again where the first answer may be a passing one. */
    private Talk<QuicResult> persistent(List<String> alpn, QuicVersion version) {
        Talk<QuicResult> talk = shake(alpn, version);
        boolean turnedAway = switch (talk) {
            case Talk.NotHeld<QuicResult> none -> none.reason() == Reason.CONNECT_REFUSED;
            case Talk.Held<QuicResult> held ->
                held.result()
                        .closeCode()
                        .filter(code -> code == REFUSED_CONNECTION)
                        .isPresent();
        };
        if (!turnedAway) {
            return talk;
        }
        pause();
        return shake(alpn, version);
    }

    private Seen held(QuicResult result, List<String> offered, QuicVersion version) {
        if (!result.finished()) {
            return notFinished(result);
        }
        List<String> alpn = new ArrayList<>();
        Reason alpnReason = null;
        Optional<String> chosen = chosen(result);
        while (chosen.isPresent() && offered.remove(chosen.get())) {
            alpn.add(chosen.get());
            if (offered.isEmpty()) {
                break;
            }
            switch (persistent(offered, version)) {
                case Talk.NotHeld<QuicResult> none -> {
                    alpnReason = none.reason();
                    chosen = Optional.empty();
                }
                case Talk.Held<QuicResult> next -> {
                    boolean taken = next.result().finished();
                    chosen = taken ? chosen(next.result()) : Optional.empty();
                    alpnReason = taken
                                    || next.result()
                                            .closeCode()
                                            .filter(QuicQuestions::isAlert)
                                            .isPresent()
                            ? null
                            : Objects.requireNonNullElse(
                                    notFinished(next.result()).stateReason(), Reason.CLOSED);
                }
            }
        }
        List<String> versions = new ArrayList<>(List.of(word(version.number())));
        Optional<List<Integer>> named = versions();
        named.ifPresent(numbers -> numbers.stream()
                .map(QuicQuestions::word)
                .filter(word -> !versions.contains(word))
                .forEach(versions::add));
        return new Seen(
                FactState.ACCEPTED,
                null,
                versions,
                named.isPresent() ? null : Reason.READ_TIMEOUT,
                alpn,
                alpnReason,
                result.first(ServerMessage.Certificate.class)
                        .flatMap(c -> c.entries().stream().findFirst())
                        .map(ServerMessage.Certificate.Entry::der)
                        .orElse(null));
    }

    private static boolean isAlert(long closeCode) {
        return closeCode >= TLS_ERRORS && closeCode < 2 * TLS_ERRORS;
    }

    private static Seen notFinished(QuicResult result) {
        boolean alert = result.closeCode()
                .filter(code -> isAlert(code) || code == REFUSED_CONNECTION)
                .isPresent();
        if (alert || !result.otherVersions().isEmpty()) {
            return new Seen(
                    FactState.REFUSED,
                    null,
                    result.otherVersions().stream().map(QuicQuestions::word).toList(),
                    null,
                    List.of(),
                    null,
                    null);
        }
        Reason reason = result.unintelligible() != null
                ? Reason.MALFORMED
                : result.unsupported() != null
                        ? Reason.UNSUPPORTED
                        : result.closeCode().isPresent() ? Reason.CLOSED : FlightReading.reason(result.ending());
        return Seen.none(FactState.UNKNOWN, reason);
    }

    private static Optional<String> chosen(QuicResult result) {
        try {
            Optional<byte[]> extension =
                    result.first(ServerMessage.EncryptedExtensions.class).flatMap(e -> e.extension(Extensions.ALPN));
            return extension.isEmpty()
                    ? Optional.empty()
                    : Extensions.readAlpn(extension.get()).stream().findFirst();
        } catch (MalformedMessage e) {
            return Optional.empty();
        }
    }

    private Optional<List<Integer>> versions() {
        return talk(new VersionQuestion(random)) instanceof Talk.Held<Optional<List<Integer>>> held
                ? held.result()
                : Optional.empty();
    }

    private Talk<QuicResult> shake(List<String> alpn, QuicVersion version) {
        Offer offer = Offer.of(ProtocolVersion.TLS_1_3, SUITES)
                .withGroups(GROUPS)
                .withShares(SHARES)
                .withAlpn(alpn);
        return talk(new QuicHandshake(hellos.hello(offer, true), shares, version, random));
    }

    private <R> Talk<R> talk(DatagramConversation<R> conversation) {
        try {
            return connector.talk(question.destination(), conversation, limits).get();
        } catch (InterruptedException e) {
            throw new Interrupted(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a conversation failed in itself", e.getCause());
        }
    }

    private static void pause() {
        try {
            Thread.sleep(BREATH);
        } catch (InterruptedException e) {
            throw new Interrupted(e);
        }
    }

    /** {@code 1}, {@code 2}, {@code draft-29}, else the number. */
    private static String word(int version) {
        return switch (version) {
            case 1 -> "1";
            case 0x6B3343CF -> "2";
            default -> version >>> 8 == 0xFF0000 ? "draft-" + (version & 0xFF) : "0x%08X".formatted(version);
        };
    }
}

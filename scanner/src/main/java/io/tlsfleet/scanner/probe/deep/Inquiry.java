package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.probe.deep.Wire.Heard;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.ServerMessage;
import io.tlsfleet.tls.keys.Tls12Handshake;
import io.tlsfleet.tls.keys.Tls12Options;
import io.tlsfleet.tls.keys.Tls12Result;
import io.tlsfleet.tls.keys.Tls13Handshake;
import io.tlsfleet.tls.keys.Tls13Options;
import io.tlsfleet.tls.keys.Tls13Result;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Something asked of the application over a handshake of our own, and what it says until it closes or falls silent. */
final class Inquiry {
    private Inquiry() {}

    /** {@code why} is set where the handshake did not finish, or nothing came; {@code ended}: the server said that this is all. */
    record Answer(
            boolean finished,
            byte[] bytes,
            boolean ended,
            @Nullable Reason why) {
        private static Answer none(Reason why) {
            return new Answer(false, new byte[0], false, why);
        }
    }

    /** Over TLS 1.3 where it is accepted, else over the newest below it. */
    static Answer ask(Ground ground, Wire wire, Found found, byte[] request, Duration patience, String... alpn) {
        Optional<HelloShape> modern = ground.tls13(alpn);
        if (modern.isPresent()) {
            Tls13Options options = Tls13Options.PLAIN.requesting(request).waiting(patience);
            return switch (wire.say(new Tls13Handshake(modern.get().hello(), ground.shares(), options))) {
                case Heard.Nothing<Tls13Result>(Reason reason) -> Answer.none(reason);
                case Heard.Told<Tls13Result>(Tls13Result result, Duration connect) -> {
                    found.heard(result, connect);
                    boolean wantsCertificate = result.askedForCertificate() && result.refusedAfterFinished();
                    yield answer(
                            result.finished() && !wantsCertificate,
                            result.applicationData(),
                            isEnd(result.all(ServerMessage.Alert.class), result.ending()),
                            wantsCertificate
                                    ? Reason.CLIENT_CERTIFICATE_REQUIRED
                                    : why(
                                            result.finished(),
                                            result.all(ServerMessage.Alert.class),
                                            result.ending(),
                                            result.unintelligible()));
                }
            };
        }
        ProtocolVersion version = ground.newestOlder().orElse(null);
        Optional<HelloShape> older = version == null ? Optional.empty() : ground.olderToFinish(version);
        if (older.isEmpty()) {
            return Answer.none(Reason.UNSUPPORTED);
        }
        Tls12Options options =
                Tls12Options.PLAIN.then(Tls12Options.After.request(request)).waiting(patience);
        HelloShape hello = alpn.length == 0 || !ground.namesProtocols()
                ? older.get()
                : older.get().with(Extensions.alpn(List.of(alpn)));
        return switch (wire.say(new Tls12Handshake(hello.hello(), ground.shares(), options))) {
            case Heard.Nothing<Tls12Result>(Reason reason) -> Answer.none(reason);
            case Heard.Told<Tls12Result>(Tls12Result result, Duration connect) -> {
                found.heard(result, connect);
                boolean wantsCertificate = result.askedForCertificate() && !result.finished();
                boolean wantsAnother = result.askedToRenegotiate() && result.applicationData().length == 0;
                found.wantsAnotherHandshake |= wantsAnother;
                yield answer(
                        result.finished(),
                        result.applicationData(),
                        isEnd(result.alerts(), result.ending()),
                        wantsCertificate || wantsAnother
                                ? Reason.CLIENT_CERTIFICATE_REQUIRED
                                : why(result.finished(), result.alerts(), result.ending(), result.unintelligible()));
            }
        };
    }

    /** It was we who ended a finished handshake: after a silence, unless there was an alert. */
    private static Reason why(
            boolean finished, List<ServerMessage.Alert> alerts, Ending ending, @Nullable String unintelligible) {
        boolean silence = finished && alerts.isEmpty() && unintelligible == null && ending == Ending.FINISHED;
        return silence ? Reason.READ_TIMEOUT : Fact.reason(ending, unintelligible);
    }

    private static boolean isEnd(List<ServerMessage.Alert> alerts, Ending ending) {
        return ending == Ending.CLOSED
                || alerts.stream().anyMatch(a -> a.description().code() == 0);
    }

    private static Answer answer(boolean finished, byte[] bytes, boolean ended, Reason otherwise) {
        return new Answer(finished, bytes, ended, finished && bytes.length > 0 ? null : otherwise);
    }
}

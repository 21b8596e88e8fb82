package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation.ClientAuthentication;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.connect.Talk;
import io.tlsfleet.scanner.probe.FlightReading;
import io.tlsfleet.scanner.probe.Offer;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.handshake.ServerMessage.Alert;
import io.tlsfleet.tls.handshake.ServerMessage.CertificateRequest;
import io.tlsfleet.tls.keys.Tls12Handshake;
import io.tlsfleet.tls.keys.Tls12Options;
import io.tlsfleet.tls.keys.Tls12Result;
import io.tlsfleet.tls.keys.Tls13Handshake;
import io.tlsfleet.tls.keys.Tls13Options;
import io.tlsfleet.tls.keys.Tls13Result;
import io.tlsfleet.tls.keys.Tls13Suite;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Whether a server asks its clients for a certificate, and who turns away those without: the handshake, or the application
 * above it, which says so with an HTTP status. A server that never asks costs no connection.
 */
final class ClientCertificates {
    /** 400 is nginx' word, 495 and 496 its inner ones; a login page would be 200. */
    private static final Pattern STATUS = Pattern.compile("^HTTP/1\\.[01] (\\d{3})");

    /** bad_record_mac, decryption_failed, decrypt_error (RFC 5246 section 7.2.2). */
    private static final Set<Integer> OF_KEYS = Set.of(20, 21, 51);

    private static final String HTTP = "http/1.1";
    private static final List<String> TURNED_AWAY = List.of("400", "401", "403", "495", "496");

    /** The first handshake waits half a second for the word after Finished; a distant server needs longer. */
    private static final Duration SILENCE = Duration.ofSeconds(4);

    private final Interview interview;
    private final Draft draft;
    private List<String> protocols = List.of(HTTP);
    private Reason untold = Reason.READ_TIMEOUT;

    ClientCertificates(Interview interview, Draft draft) {
        this.interview = interview;
        this.draft = draft;
    }

    void ask(Question question) {
        whoAsks(question);
        ClientAuthentication found = draft.clientAuthentication;
        boolean given = interview.ours().identity().isPresent();
        if (given && found != null && !found.mode().equals("none") && interview.goesOn()) {
            draft.clientAuthentication = found.given(withOurs(request(question)));
        }
    }

    /** Whether the server takes the certificate that the user gave: in the handshake, and above it. */
    private FactState withOurs(byte[] request) {
        Offer modern = offer(ProtocolVersion.TLS_1_3);
        if (modern != null) {
            Tls13Handshake handshake = new Tls13Handshake(
                    hello(modern),
                    interview.ours(),
                    Tls13Options.PLAIN.requesting(request).waiting(SILENCE));
            if (interview.talk(handshake) instanceof Talk.Held<Line.Heard<Tls13Result>> held) {
                Tls13Result result = held.result().result();
                // a server that is silent after our Finished has not said that it took the certificate
                return taken(
                        result.reached() == Tls13Result.Step.CONFIRMED && !result.refusedAfterFinished(),
                        result.alert().isPresent(),
                        result.applicationData(),
                        result.ending());
            }
            return givenUnknown(Reason.CLOSED);
        }
        Offer older = newestOlder() == null ? null : offer(newestOlder());
        if (older == null) {
            return givenUnknown(Reason.UNSUPPORTED);
        }
        Tls12Handshake handshake = new Tls12Handshake(
                hello(older),
                interview.ours(),
                Tls12Options.PLAIN.then(Tls12Options.After.request(request)).waiting(SILENCE));
        if (interview.talk(handshake) instanceof Talk.Held<Line.Heard<Tls12Result>> held) {
            Tls12Result result = held.result().result();
            return taken(result.finished(), result.alert().isPresent(), result.applicationData(), result.ending());
        }
        return givenUnknown(Reason.CLOSED);
    }

    private FactState taken(boolean finished, boolean alert, byte[] answer, Ending ending) {
        if (finished) {
            Matcher status = STATUS.matcher(new String(answer, StandardCharsets.ISO_8859_1));
            return status.find() && TURNED_AWAY.contains(status.group(1)) ? FactState.REFUSED : FactState.ACCEPTED;
        }
        return alert ? FactState.REFUSED : givenUnknown(FlightReading.reason(ending));
    }

    private FactState givenUnknown(Reason reason) {
        draft.unknown("/clientAuthentication/given", reason);
        return FactState.UNKNOWN;
    }

    private ClientHello hello(Offer offer) {
        return interview
                .hellos()
                .hello(interview.manner().shape(offer), interview.manner().isPlain());
    }

    private @Nullable ProtocolVersion newestOlder() {
        return draft.suites.keySet().stream()
                .filter(v -> v.compareTo(ProtocolVersion.TLS_1_2) <= 0)
                .reduce((a, b) -> b)
                .orElse(null);
    }

    private void whoAsks(Question question) {
        ClientAuthentication known = draft.clientAuthentication;
        if (known == null && draft.certificateRequest == null) {
            boolean seen = draft.suites.keySet().stream().anyMatch(v -> v.compareTo(ProtocolVersion.TLS_1_2) <= 0);
            if (seen) {
                draft.clientAuthentication = new ClientAuthentication("none", "none", List.of(), List.of());
            }
            return;
        }
        if (known != null && List.of("none", "required").contains(known.mode())) {
            return;
        }
        byte[] request = request(question);
        if (draft.refusesEveryProtocol()) {
            protocols = List.of();
        }
        finish(known, request);
        if (isOpen() && !draft.alpn.isEmpty() && !draft.alpn.contains(HTTP)) {
            // it may insist on another protocol: in that it can still say what it wants of clients
            protocols = List.copyOf(draft.alpn);
            draft.coverage.removeIf(c -> c.fact().equals("/clientAuthentication/mode"));
            finish(known, request);
        }
        if (draft.clientAuthentication != null
                && draft.clientAuthentication.mode().equals("unknown")) {
            draft.unknown("/clientAuthentication/mode", untold);
        }
    }

    private void finish(@Nullable ClientAuthentication known, byte[] request) {
        if (known == null || !finishTls13(known, request)) {
            finishTls12(request);
        }
    }

    private boolean isOpen() {
        return draft.clientAuthentication == null
                || draft.clientAuthentication.mode().equals("unknown");
    }

    /** A request over the finished handshake makes a server speak that kept silent after Finished; false: it told nothing. */
    private boolean finishTls13(ClientAuthentication known, byte[] request) {
        Offer offer = offer(ProtocolVersion.TLS_1_3);
        if (offer == null || !interview.goesOn()) {
            return false;
        }
        Tls13Result result = interview
                .handshake(offer, Tls13Options.PLAIN.requesting(request).waiting(SILENCE))
                .result();
        ClientAuthentication again = result == null ? null : of(result);
        if (result == null || again == null) {
            return false;
        }
        if (again.mode().equals("required")) {
            draft.clientAuthentication = again;
        } else if (known.mode().equals("requested") || result.applicationData().length > 0) {
            ClientAuthentication asked =
                    new ClientAuthentication("requested", "unknown", again.authorities(), again.signatureSchemes());
            draft.clientAuthentication = enforced(asked, result.applicationData());
        } else {
            untold = hungUp(result.ending()) ? Reason.CLIENT_CERTIFICATE_REQUIRED : untold;
            return false;
        }
        return true;
    }

    private void finishTls12(byte[] request) {
        CertificateRequest wish = draft.certificateRequest;
        ProtocolVersion version = newestOlder();
        Offer offer = version == null ? null : offer(version);
        if (wish == null || !interview.goesOn()) {
            return;
        }
        if (offer == null) {
            draft.clientAuthentication = of(wish, "unknown", "unknown");
            draft.unknown("/clientAuthentication/mode", Reason.UNSUPPORTED);
            return;
        }
        Tls12Result result = finishedTls12(offer, request);
        if (result == null) {
            return;
        }
        if (result.finished()) {
            interview.countHandshake();
            draft.clientAuthentication = enforced(of(wish, "requested", "unknown"), result.applicationData());
        } else if (result.alert().filter(ClientCertificates::isOfKeys).isPresent()) {
            draft.clientAuthentication = of(wish, "unknown", "unknown");
            draft.unknown("/clientAuthentication/mode", Reason.UNSUPPORTED);
        } else if (result.reached() == Tls12Result.Step.ANSWERED
                && (result.alert().isPresent() || hangsUpAgain(result.ending(), offer, request))) {
            draft.clientAuthentication = of(wish, "required", "handshake");
        } else {
            draft.clientAuthentication = of(wish, "unknown", "unknown");
            draft.unknown("/clientAuthentication/mode", FlightReading.reason(result.ending()));
        }
    }

    /** Not about a certificate: a server that cannot use its own key says so to everybody (OpenSMTPD). */
    private static boolean isOfKeys(Alert alert) {
        return OF_KEYS.contains(alert.description().code());
    }

    /** A hang-up after our Finished is a no when it comes twice, with a control hello answered in between. */
    private boolean hangsUpAgain(Ending first, Offer offer, byte[] request) {
        if (!hungUp(first) || !interview.isStillThere()) {
            return false;
        }
        Tls12Result again = finishedTls12(offer, request);
        return again != null
                && again.reached() == Tls12Result.Step.ANSWERED
                && again.alert().map(alert -> !isOfKeys(alert)).orElse(again.ending() == first);
    }

    private static boolean hungUp(Ending ending) {
        return ending == Ending.CLOSED || ending == Ending.RESET;
    }

    private @Nullable Tls12Result finishedTls12(Offer offer, byte[] request) {
        Tls12Handshake handshake = new Tls12Handshake(
                interview.hellos().hello(offer, interview.manner().isPlain()),
                interview.shares(),
                Tls12Options.PLAIN.then(Tls12Options.After.request(request)));
        return interview.talk(handshake) instanceof Talk.Held<Line.Heard<Tls12Result>> held
                ? held.result().result()
                : null;
    }

    private @Nullable Offer offer(ProtocolVersion version) {
        boolean tls13 = version.equals(ProtocolVersion.TLS_1_3);
        List<CipherSuite> usable = draft.acceptedSuites(version).stream()
                .filter(s -> tls13 ? Tls13Suite.of(s).isPresent() : Tls12Handshake.knows(s))
                .toList();
        if (usable.isEmpty()) {
            return null;
        }
        Offer offer = Offer.of(version, usable).withAlpn(protocols);
        return tls13 ? offer.withShares(List.of(NamedGroup.named("x25519"))) : offer;
    }

    private static byte[] request(Question question) {
        return ("GET / HTTP/1.1\r\nHost: " + question.authority()
                        + "\r\nUser-Agent: tlsfleet\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private ClientAuthentication enforced(ClientAuthentication asked, byte[] answer) {
        Matcher status = STATUS.matcher(new String(answer, StandardCharsets.ISO_8859_1));
        if (!status.find()) {
            draft.unknown("/clientAuthentication/enforcement", Reason.UNSUPPORTED);
            return asked;
        }
        String enforcement = TURNED_AWAY.contains(status.group(1)) ? "application" : "none";
        return new ClientAuthentication(asked.mode(), enforcement, asked.authorities(), asked.signatureSchemes());
    }

    /** Null when the handshake did not come far enough to tell. */
    static @Nullable ClientAuthentication of(Tls13Result result) {
        Optional<CertificateRequest> request = result.first(CertificateRequest.class);
        if (request.isEmpty()) {
            return result.finished() ? new ClientAuthentication("none", "none", List.of(), List.of()) : null;
        }
        if (result.refusedAfterFinished()) {
            return of(request.get(), "required", "handshake");
        }
        boolean taken = result.reached() == Tls13Result.Step.CONFIRMED;
        return of(request.get(), taken ? "requested" : "unknown", "unknown");
    }

    private static ClientAuthentication of(CertificateRequest request, String mode, String enforcement) {
        return new ClientAuthentication(
                mode,
                enforcement,
                request.authorities().stream().map(ClientCertificates::name).toList(),
                request.signatureSchemes().stream().map(SignatureScheme::name).toList());
    }

    private static String name(byte[] der) {
        try {
            return new X500Principal(der).getName(X500Principal.RFC2253);
        } catch (IllegalArgumentException e) {
            return "malformed (" + der.length + " bytes)";
        }
    }
}

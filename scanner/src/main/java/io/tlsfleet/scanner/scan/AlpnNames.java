package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.probe.Answer;
import io.tlsfleet.scanner.probe.Answer.Refused;
import io.tlsfleet.scanner.probe.Menu;
import io.tlsfleet.scanner.probe.Offer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The elimination of application protocols, riding on hellos that ask something else: each offers the names that were not
 * chosen yet, and a name that nobody speaks. It is over when the server ignores the offer or refuses it with the alert that
 * RFC 7301 has for that.
 */
final class AlpnNames {
    private final Draft draft;
    private final List<String> left;
    private boolean over;

    /** With {@code few}, only what browsers offer is added to the user's own: the hello must stay small. */
    AlpnNames(Draft draft, List<String> more, boolean few) {
        this.draft = draft;
        this.left = new ArrayList<>(few ? Menu.ALPN.subList(0, 2) : Menu.ALPN);
        more.stream().filter(name -> !left.contains(name)).forEach(left::add);
        left.add(Menu.UNKNOWN_ALPN);
    }

    /** What the next hello may carry; empty when all is known. */
    List<String> next() {
        return over ? List.of() : List.copyOf(left);
    }

    boolean isOver() {
        return over;
    }

    /** A hello with {@code offer} was answered; {@code chosen} is the server's extension. */
    void heard(Offer offer, Optional<byte[]> chosen) {
        if (offer.alpn().isEmpty()) {
            return;
        }
        chosen.ifPresent(draft::alpnChosen);
        left.removeAll(draft.alpn);
        if (chosen.isEmpty() && offer.alpn().contains(Menu.UNKNOWN_ALPN)) {
            draft.alpnMismatch = "ignored";
            over = true;
        }
    }

    /** The hello was refused for its protocols alone; to be asked again without. */
    boolean wasRefused(Offer offer, Answer answer) {
        if (!offer.alpn().isEmpty()
                && answer instanceof Refused refused
                && refused.isAlert(Answer.NO_APPLICATION_PROTOCOL)) {
            draft.alpnMismatch = "alert";
            over = true;
            return true;
        }
        return false;
    }

    /** The server hung up on these protocols where it answers without them. */
    void hungUp() {
        draft.alpnMismatch = "closed";
        over = true;
    }

    void unclear(Reason reason) {
        draft.unknown("/alpn", reason);
        over = true;
    }
}

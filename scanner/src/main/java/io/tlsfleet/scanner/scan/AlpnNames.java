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
    private static final String UNTOLD = "unknown";
    private static final String HTTP_1 = "http/1.1";
    private static final String HTTP_2 = "h2";

    private final Draft draft;
    private final List<String> left;
    private boolean over;

    /** A hello that named protocols was answered: they are not what it hangs up on. */
    private boolean answered;

    /** A hello that named them was hung up on, and the same without them is under way. */
    private boolean suspected;

    /** With {@code few}, only what browsers offer is added to the user's own: the hello must stay small. */
    AlpnNames(Draft draft, List<String> more, boolean few) {
        this.draft = draft;
        this.answered = draft.negotiated != null && draft.alpnMismatch.equals(UNTOLD);
        this.left = new ArrayList<>(few ? Menu.ALPN.subList(0, 2) : Menu.ALPN);
        more.stream().filter(name -> !left.contains(name)).forEach(left::add);
        left.add(Menu.UNKNOWN_ALPN);
    }

    /** What the next hello may carry; empty when all is known. */
    List<String> next() {
        return over || suspected ? List.of() : List.copyOf(left);
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
        boolean wasOffered = left.removeAll(draft.alpn);
        if (chosen.isPresent() && !wasOffered) {
            // Botan's own server names its protocol whatever is offered: the next hello would be told the same
            over = true;
            return;
        }
        if (chosen.isEmpty() && draft.alpn.contains(HTTP_2) && left.remove(HTTP_1)) {
            // Go with h2 alone lets clients of HTTP/1.1 pass for its sake, and refuses all others
            return;
        }
        if (chosen.isEmpty() && offer.alpn().contains(Menu.UNKNOWN_ALPN)) {
            if (draft.alpnMismatch.equals(UNTOLD)) {
                draft.alpnMismatch = "ignored";
            }
            over = true;
        }
    }

    /** The hello was refused for its protocols alone, or hung up on and perhaps for them; to be asked again without. */
    boolean wasRefused(Offer offer, Answer answer) {
        if (suspected) {
            suspected = false;
            answered = true;
            if (answer instanceof Answer.Chosen) {
                hungUp();
            }
            return false;
        }
        answered |= !offer.alpn().isEmpty() && answer instanceof Answer.Chosen;
        if (!answered && !offer.alpn().isEmpty() && isHangUp(answer)) {
            suspected = true;
            return true;
        }
        if (!offer.alpn().isEmpty()
                && answer instanceof Refused refused
                && refused.isAlert(Answer.NO_APPLICATION_PROTOCOL)) {
            draft.alpnMismatch = "alert";
            over = true;
            return true;
        }
        return false;
    }

    private static boolean isHangUp(Answer answer) {
        return switch (answer) {
            case Refused refused -> refused.how() == Refused.How.CLOSED || refused.how() == Refused.How.RESET;
            case Answer.Hung hung -> true;
            case Answer.Unclear unclear -> false;
            case Answer.Chosen chosen -> false;
        };
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

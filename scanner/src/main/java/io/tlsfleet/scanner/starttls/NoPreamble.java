package io.tlsfleet.scanner.starttls;

import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.Turn;
import java.time.Duration;
import java.util.Optional;

/** Where TLS is all that is spoken: consent as soon as the connection stands. */
public final class NoPreamble implements Conversation<Upgrade> {
    private boolean spoken;

    @Override
    public byte[] opening() {
        return new byte[0];
    }

    @Override
    public Optional<Duration> patience() {
        return Optional.of(Duration.ZERO);
    }

    @Override
    public Turn receive(byte[] chunk) {
        spoken = true;
        return Turn.FINISHED;
    }

    @Override
    public Upgrade end(Ending how) {
        if (how != Ending.FINISHED) {
            return new Upgrade.Ended(how, 0);
        }
        return spoken
                ? new Upgrade.Unintelligible("the peer speaks first")
                : new Upgrade.Consent("", new byte[0], new Framing() {});
    }
}

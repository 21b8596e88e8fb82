package io.tlsfleet.scanner.starttls;

import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.Turn;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A preamble and the conversation behind it as one, for where nothing opens connections ahead. */
public final class Upgraded<R> implements Conversation<Upgraded.End<R>> {
    private final Starttls preamble;
    private final Conversation<R> inner;
    private @Nullable Upgrade upgrade;
    private @Nullable Conversation<R> behind;

    public Upgraded(Starttls preamble, Conversation<R> inner) {
        this.preamble = preamble;
        this.inner = inner;
    }

    /** {@code result} is null without a consent. */
    public record End<R>(Upgrade upgrade, @Nullable R result) {}

    @Override
    public byte[] opening() {
        return preamble.opening();
    }

    @Override
    public Turn receive(byte[] chunk) {
        if (behind != null) {
            return behind.receive(chunk);
        }
        Turn turn = preamble.receive(chunk);
        if (!turn.finished()) {
            return turn;
        }
        upgrade = preamble.end(Ending.FINISHED);
        if (!(upgrade instanceof Upgrade.Consent consent)) {
            return turn;
        }
        behind = consent.then(inner);
        byte[] hello = behind.opening();
        byte[] both = java.util.Arrays.copyOf(turn.send(), turn.send().length + hello.length);
        System.arraycopy(hello, 0, both, turn.send().length, hello.length);
        return Turn.send(both);
    }

    @Override
    public Optional<Duration> patience() {
        return behind == null ? Optional.empty() : behind.patience();
    }

    @Override
    public Turn quiet() {
        return behind == null ? Turn.FINISHED : behind.quiet();
    }

    @Override
    public End<R> end(Ending how) {
        return new End<>(upgrade == null ? preamble.end(how) : upgrade, behind == null ? null : behind.end(how));
    }
}

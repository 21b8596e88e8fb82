package io.tlsfleet.scanner.starttls;

import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.Turn;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.time.Duration;
import java.util.Optional;

/** A conversation in TLS inside a protocol's frames. */
final class Framed<R> implements Conversation<R> {
    private final Framing framing;
    private final Conversation<R> inner;
    private final Incoming in = new Incoming();

    Framed(Framing framing, Conversation<R> inner) {
        this.framing = framing;
        this.inner = inner;
    }

    @Override
    public byte[] opening() {
        return framing.wrap(inner.opening());
    }

    @Override
    public Turn receive(byte[] chunk) {
        in.add(chunk);
        byte[] bytes = unwrapped();
        return bytes.length == 0 ? Turn.WAIT : wrapped(inner.receive(bytes));
    }

    /** What is in no frame is for the conversation to judge. */
    private byte[] unwrapped() {
        try {
            return framing.unwrap(in);
        } catch (MalformedMessage e) {
            return in.takeAll();
        }
    }

    @Override
    public Optional<Duration> patience() {
        return inner.patience();
    }

    @Override
    public Turn quiet() {
        return wrapped(inner.quiet());
    }

    @Override
    public R end(Ending how) {
        return inner.end(how);
    }

    private Turn wrapped(Turn turn) {
        return turn.send().length == 0 ? turn : new Turn(framing.wrap(turn.send()), turn.finished());
    }
}

package io.tlsfleet.tls.fingerprint;

import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.Turn;
import java.util.Optional;

/** One of the ten questions of JARM: a hello out, the first read back. Empty when the answer never came in time. */
public final class JarmExchange implements Conversation<Optional<String>> {
    private final byte[] hello;
    private byte[] answer = new byte[0];

    public JarmExchange(byte[] hello) {
        this.hello = hello;
    }

    @Override
    public byte[] opening() {
        return hello;
    }

    @Override
    public Turn receive(byte[] chunk) {
        answer = chunk;
        return Turn.FINISHED;
    }

    @Override
    public Optional<String> end(Ending how) {
        return how == Ending.READ_TIMEOUT || how == Ending.DEADLINE ? Optional.empty() : Optional.of(Jarm.raw(answer));
    }
}

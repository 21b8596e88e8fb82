package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.Turn;
import io.tlsfleet.tls.handshake.ServerMessage.ServerHello;
import io.tlsfleet.tls.record.HandshakeMessage;
import io.tlsfleet.tls.record.HandshakeReader;
import io.tlsfleet.tls.record.RecordReader;
import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A hello, the server's flight up to ServerHelloDone, then one thing said out of turn and, when the server bears that in
 * silence, another. Of what comes back only kinds and lengths are kept, and alerts.
 */
final class AfterFlight implements Conversation<AfterFlight.Reaction> {
    private static final int MAX_REACTIONS = 8;

    /** {@code alert} is -1 for a record that is none. {@code stage}: 1 after the first thing said, 2 after the second. */
    record Seen(int type, int length, int alert, int stage) {}

    /** {@code hello} null: the server did not get so far. */
    record Reaction(@Nullable ServerHello hello, boolean flightWhole, List<Seen> seen, int stage, Ending ending) {
        Optional<Seen> first(int type) {
            return seen.stream().filter(s -> s.type == type).findFirst();
        }

        /** The server closed or reset after what we said. */
        boolean hungUp() {
            return ending == Ending.CLOSED || ending == Ending.RESET;
        }
    }

    private final byte[] opening;
    private final byte[] first;
    private final byte[] second;
    private final Duration patience;
    private final RecordReader records = new RecordReader();
    private final HandshakeReader handshake = new HandshakeReader();
    private final List<Seen> seen = new ArrayList<>();
    private @Nullable ServerHello hello;
    private int stage;
    private boolean whole;

    AfterFlight(HelloShape hello, byte[] first, byte[] second, Duration patience) {
        this.opening = hello.record();
        this.first = first;
        this.second = second;
        this.patience = patience;
    }

    @Override
    public byte[] opening() {
        return opening;
    }

    @Override
    public Turn receive(byte[] chunk) {
        try {
            records.add(chunk);
            for (Optional<TlsRecord> next = records.next(); next.isPresent(); next = records.next()) {
                TlsRecord record = next.get();
                if (whole) {
                    boolean alert = record.type() == TlsRecord.ALERT && record.fragment().length == 2;
                    seen.add(new Seen(
                            record.type(), record.fragment().length, alert ? record.fragment()[1] & 0xFF : -1, stage));
                    Arrays.fill(record.fragment(), (byte) 0);
                    if (seen.size() >= MAX_REACTIONS) {
                        return Turn.FINISHED;
                    }
                } else if (record.type() == TlsRecord.HANDSHAKE) {
                    flight(record);
                } else {
                    return Turn.FINISHED;
                }
            }
        } catch (MalformedMessage e) {
            return Turn.FINISHED;
        }
        if (whole && stage == 0) {
            stage = 1;
            return Turn.send(first);
        }
        return Turn.WAIT;
    }

    @Override
    public Optional<Duration> patience() {
        return whole ? Optional.of(patience) : Optional.empty();
    }

    @Override
    public Turn quiet() {
        if (stage == 1 && second.length > 0) {
            stage = 2;
            return Turn.send(second);
        }
        return Turn.FINISHED;
    }

    @Override
    public Reaction end(Ending how) {
        return new Reaction(hello, whole, List.copyOf(seen), stage, how);
    }

    private void flight(TlsRecord record) throws MalformedMessage {
        for (HandshakeMessage message : handshake.feed(record.fragment())) {
            if (message.type() == HandshakeMessage.SERVER_HELLO) {
                hello = ServerHello.decode(message.body());
            }
            whole |= message.type() == HandshakeMessage.SERVER_HELLO_DONE;
        }
    }
}

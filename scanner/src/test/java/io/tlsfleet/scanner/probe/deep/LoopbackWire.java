package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.tls.BlockingTalk;
import io.tlsfleet.tls.exchange.Conversation;
import java.time.Duration;

/** A wire to a real or scripted server on loopback that counts its connections. */
final class LoopbackWire implements BareWire {
    private final int port;
    private int connections;

    LoopbackWire(int port) {
        this.port = port;
    }

    @Override
    public <R> Heard<R> say(Conversation<R> conversation) {
        connections++;
        return new Heard.Told<>(BlockingTalk.run(port, conversation), Duration.ofNanos(1000));
    }

    int connections() {
        return connections;
    }
}

package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.starttls.Starttls;
import io.tlsfleet.scanner.starttls.Upgraded;
import io.tlsfleet.tls.BlockingTalk;
import io.tlsfleet.tls.exchange.Conversation;
import java.time.Duration;

/** A wire to a server on loopback behind its preamble. */
final class StarttlsWire implements Wire {
    private final String protocol;
    private final int port;
    private final byte[] injected;

    StarttlsWire(String protocol, int port) {
        this(protocol, port, new byte[0]);
    }

    private StarttlsWire(String protocol, int port, byte[] injected) {
        this.protocol = protocol;
        this.port = port;
        this.injected = injected;
    }

    @Override
    public <R> Heard<R> say(Conversation<R> conversation) {
        Starttls preamble = injected.length == 0
                ? Starttls.with(protocol, "localhost")
                : Starttls.injecting(protocol, "localhost", injected);
        R result =
                BlockingTalk.run(port, new Upgraded<>(preamble, conversation)).result();
        return result == null ? new Heard.Nothing<>(Reason.STARTTLS_REFUSED) : new Heard.Told<>(result, Duration.ZERO);
    }

    @Override
    public Wire injecting(byte[] command) {
        return new StarttlsWire(protocol, port, command);
    }

    @Override
    public long injectedBytes() {
        return 0;
    }

    @Override
    public void pause(Duration length) {}
}

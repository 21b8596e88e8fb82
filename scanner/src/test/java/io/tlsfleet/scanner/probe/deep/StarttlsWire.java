package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.starttls.Starttls;
import io.tlsfleet.scanner.starttls.Upgrade;
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
        Upgraded.End<R> end = BlockingTalk.run(port, new Upgraded<>(preamble, conversation));
        if (end.result() != null) {
            return new Heard.Told<>(end.result(), Duration.ZERO);
        }
        boolean busy = end.upgrade() instanceof Upgrade.Busy;
        return new Heard.Nothing<>(busy ? Reason.RATE_LIMITED : Reason.STARTTLS_REFUSED);
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

package io.tlsfleet.scanner.probe.deep;

import java.time.Duration;

/** A wire without a preamble, which does not wait. */
interface BareWire extends Wire {
    @Override
    default Wire injecting(byte[] command) {
        throw new UnsupportedOperationException("no preamble here");
    }

    @Override
    default long injectedBytes() {
        return 0;
    }

    @Override
    default void pause(Duration length) {}
}

package io.tlsfleet.api.notify;

import io.tlsfleet.fleet.target.AddressGate;

/** Where the server may connect to, and whom it believes there. */
public record Reach(AddressGate gate, Anchors anchors) {
    public static Reach of(AddressGate gate) {
        return new Reach(gate, Anchors.OF_THE_JDK);
    }
}

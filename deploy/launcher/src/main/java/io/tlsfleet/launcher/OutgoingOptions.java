package io.tlsfleet.launcher;

import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.fleet.target.AddressRange;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Where the server itself may connect to: anywhere public, and into networks that its operator names. */
final class OutgoingOptions {
    @Option(
            names = "--allow-outgoing",
            paramLabel = "CIDR",
            description =
                    "a network of your own in which receivers of notices (mail relay, Alertmanager, webhook) or ACME directories lie;"
                            + " private addresses are refused otherwise; repeatable")
    private List<String> networks = new ArrayList<>();

    AddressGate gate() {
        try {
            return AddressGate.internet()
                    .allowing(networks.stream().map(AddressRange::parse).toList());
        } catch (IllegalArgumentException e) {
            throw Refusal.usage("--allow-outgoing: " + e.getMessage());
        }
    }
}

package io.tlsfleet.launcher;

import io.tlsfleet.api.notify.Anchors;
import io.tlsfleet.api.notify.Reach;
import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.fleet.target.AddressRange;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Where the server itself may connect to: anywhere public, and into networks that its operator names; and whom it believes there. */
final class OutgoingOptions {
    @Option(
            names = "--allow-outgoing",
            paramLabel = "CIDR",
            description =
                    "a network of your own in which receivers of notices (mail relay, Alertmanager, webhook) or ACME directories lie;"
                            + " private addresses are refused otherwise; repeatable")
    private List<String> networks = new ArrayList<>();

    @Option(
            names = "--outgoing-ca",
            paramLabel = "FILE",
            description =
                    "PEM with a certification authority of your own, believed beside the JDK's where the server itself connects to:"
                            + " receivers (webhook, mail relay, log host), ACME directories; repeatable")
    private List<Path> authorities = new ArrayList<>();

    Reach reach() {
        return new Reach(gate(), anchors());
    }

    Anchors anchors() {
        try {
            return Anchors.and(authorities);
        } catch (IllegalArgumentException e) {
            throw Refusal.usage("--outgoing-ca " + e.getMessage());
        }
    }

    private AddressGate gate() {
        try {
            return AddressGate.internet()
                    .allowing(networks.stream().map(AddressRange::parse).toList());
        } catch (IllegalArgumentException e) {
            throw Refusal.usage("--allow-outgoing: " + e.getMessage());
        }
    }
}

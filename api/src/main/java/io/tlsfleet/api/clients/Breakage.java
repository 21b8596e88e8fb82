package io.tlsfleet.api.clients;

import io.tlsfleet.fleet.simulate.NegotiatedBy;
import io.tlsfleet.fleet.simulate.Proposal;
import io.tlsfleet.fleet.simulate.SeenClient;
import io.tlsfleet.fleet.simulate.Selection;
import io.tlsfleet.fleet.simulate.ServerOffer;
import io.tlsfleet.store.sensor.ClientCounts.Client;
import io.tlsfleet.tls.fingerprint.KnownClients;
import io.tlsfleet.tls.fingerprint.KnownClients.KnownClient;
import java.util.List;

/** Who could no longer connect to a server after a change. */
public final class Breakage {
    private final KnownClients known;
    private final ServerOffer today;
    private final Proposal.Applied proposed;

    public Breakage(KnownClients known, ServerOffer today, Proposal proposal) {
        this.known = known;
        this.today = today;
        this.proposed = proposal.to(today);
    }

    /** {@code outcome}: connects, breaks, fails-today (and then), unknown. */
    public record Seen(
            String kind,
            String fingerprint,
            List<String> names,
            long count,
            String firstDay,
            String lastDay,
            boolean profiled,
            String outcome,
            Selection today,
            Selection proposed) {}

    public record Known(String name, String outcome, Selection today, Selection proposed) {}

    public List<String> assumptions() {
        return proposed.assumptions();
    }

    public Seen of(Client client) {
        List<KnownClient> named = named(known, client.kind(), client.fingerprint());
        SeenClient seen = SeenClient.of(client.kind(), client.fingerprint(), client.profile(), named);
        Selection now = seen.with(today);
        Selection then = seen.with(proposed.server());
        return new Seen(
                client.kind(),
                client.fingerprint(),
                named.stream().map(KnownClient::name).toList(),
                client.count(),
                client.firstDay().toString(),
                client.lastDay().toString(),
                client.profile() != null,
                outcome(now, then),
                now,
                then);
    }

    public List<Known> known() {
        NegotiatedBy now = new NegotiatedBy(today);
        NegotiatedBy then = new NegotiatedBy(proposed.server());
        return known.all().stream()
                .filter(KnownClient::isProfiled)
                .map(c -> known(c.name(), now.choose(c.offer()), then.choose(c.offer())))
                .toList();
    }

    /** The clients that send this fingerprint, where there is a table for its kind. */
    public static List<KnownClient> named(KnownClients known, String kind, String fingerprint) {
        return kind.equals("ja4") ? known.sending(fingerprint) : List.of();
    }

    private static Known known(String name, Selection now, Selection then) {
        return new Known(name, outcome(now, then), now, then);
    }

    static String outcome(Selection today, Selection proposed) {
        if (Boolean.TRUE.equals(proposed.connects())) {
            return "connects";
        }
        if (proposed.connects() == null) {
            return "unknown";
        }
        return Boolean.FALSE.equals(today.connects()) ? "fails-today" : "breaks";
    }
}

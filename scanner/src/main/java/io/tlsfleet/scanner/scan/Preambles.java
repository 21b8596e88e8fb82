package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.scanner.connect.Connector;
import io.tlsfleet.scanner.connect.Connector.Opened;
import io.tlsfleet.scanner.connect.Limits;
import io.tlsfleet.scanner.connect.Standing;
import io.tlsfleet.scanner.starttls.Starttls;
import io.tlsfleet.scanner.starttls.Upgrade;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Opens one endpoint's connections up to the consent to TLS. Where a server holds its greeting back, some are opened ahead and
 * wait for theirs while another is used: one after the other, twenty greetings of six seconds take two minutes.
 */
final class Preambles {
    private static final Duration HELD_BACK = Duration.ofMillis(500);
    private static final int MOST_AHEAD = 3;

    private final Connector connector;
    private final Question question;
    private final String protocol;
    private final Queue<CompletableFuture<Opened<Upgrade>>> ahead = new ArrayDeque<>();
    private boolean alone;

    Preambles(Connector connector, Question question, String protocol) {
        this.connector = connector;
        this.question = question;
        this.protocol = protocol;
        this.alone = question.depth() != Depth.STANDARD && question.depth() != Depth.FULL;
    }

    String protocol() {
        return protocol;
    }

    CompletableFuture<Opened<Upgrade>> open(Limits limits) {
        return open(Starttls.with(protocol, name()), limits);
    }

    /** See {@link Starttls#injecting}. */
    CompletableFuture<Opened<Upgrade>> injecting(byte[] injected, Limits limits) {
        return open(Starttls.injecting(protocol, name(), injected), limits);
    }

    private CompletableFuture<Opened<Upgrade>> open(Starttls preamble, Limits limits) {
        return connector.open(question.destination(), preamble, end -> end instanceof Upgrade.Consent, limits);
    }

    private String name() {
        return question.serverName() == null ? question.host() : question.serverName();
    }

    /** The one that was opened first; null when none was. */
    @Nullable
    CompletableFuture<Opened<Upgrade>> ahead() {
        return ahead.poll();
    }

    /** After so long there was a consent. */
    void consented(Duration after, Limits limits) {
        if (after.compareTo(HELD_BACK) >= 0 && !alone) {
            for (int most = Math.min(MOST_AHEAD, connector.concurrentPerHost() - 1); ahead.size() < most; ) {
                ahead.add(open(limits));
            }
        }
    }

    /** From now on one after the other. How many were ended unused. */
    int stop() {
        alone = true;
        int unused = ahead.size();
        ahead.forEach(Preambles::end);
        ahead.clear();
        return unused;
    }

    private static void end(CompletableFuture<Opened<Upgrade>> opening) {
        if (!opening.cancel(false) && opening.state() == Future.State.SUCCESS) {
            Standing standing = opening.resultNow().standing();
            if (standing != null) {
                standing.close();
            }
        }
    }
}

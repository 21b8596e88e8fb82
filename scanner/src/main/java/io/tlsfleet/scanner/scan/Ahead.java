package io.tlsfleet.scanner.scan;

import io.tlsfleet.scanner.connect.Connector.Opened;
import io.tlsfleet.scanner.connect.Limits;
import io.tlsfleet.scanner.connect.Standing;
import io.tlsfleet.scanner.starttls.Upgrade;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Connections of one endpoint that are opened while another is used, where each would keep us waiting: a server that holds its
 * greeting back (twenty greetings of six seconds, one after the other, take two minutes), or one that is far away (half of a
 * scan over 150 ms is dialling).
 */
final class Ahead {
    private static final Duration HELD_BACK = Duration.ofMillis(500);
    private static final int MOST_GREETINGS = 3;
    private static final Duration FAR = Duration.ofMillis(50);
    /** One that was begun two questions ago has stood long enough to hear that it is not wanted. */
    private static final Duration UNKNOWN = Duration.ofMinutes(1);

    private static final int MOST_ON_THE_WAY = 2;
    /** The shortest of so many is the way; what is longer was somebody's load. */
    private static final int WAYS = 3;
    /** So many answers on connections that had waited show that this server bears that. */
    private static final int PROOF = 2;

    private final Function<Limits, CompletableFuture<Opened<Upgrade>>> opens;
    private final int most;
    private final Queue<CompletableFuture<Opened<Upgrade>>> opened = new ArrayDeque<>();
    private boolean alone;
    private Duration way = UNKNOWN;
    private int ways;
    private int answers;

    /** {@code most} at once; with 0 none is ever opened. */
    Ahead(Function<Limits, CompletableFuture<Opened<Upgrade>>> opens, int most) {
        this.opens = opens;
        this.most = most;
        this.alone = most == 0;
    }

    /** The one that was opened first; null when none was. */
    @Nullable
    CompletableFuture<Opened<Upgrade>> next() {
        return opened.poll();
    }

    /** After so long there was a consent to STARTTLS. */
    void consented(Duration after, Limits limits) {
        if (after.compareTo(HELD_BACK) >= 0) {
            open(MOST_GREETINGS, limits);
        }
    }

    /** After so long TCP stood. */
    void connected(Duration after, Limits limits) {
        way = after.compareTo(way) < 0 ? after : way;
        if (++ways >= WAYS && way.compareTo(FAR) >= 0) {
            open(MOST_ON_THE_WAY, limits);
        }
    }

    private void open(int atOnce, Limits limits) {
        while (!alone && opened.size() < Math.min(most, atOnce)) {
            opened.add(opens.apply(limits));
        }
    }

    /** Something was heard on a connection that had waited. */
    void answered() {
        answers++;
    }

    /** Whether a hang-up on a connection that had waited speaks of its question and not of its waiting. */
    boolean isBorne() {
        return answers >= PROOF;
    }

    /** From now on one after the other. How many were ended unused. */
    int stop() {
        alone = true;
        int unused = opened.size();
        opened.forEach(Ahead::end);
        opened.clear();
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

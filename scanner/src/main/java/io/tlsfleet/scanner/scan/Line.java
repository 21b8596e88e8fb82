package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.connect.Connector;
import io.tlsfleet.scanner.connect.Connector.Opened;
import io.tlsfleet.scanner.connect.Destination;
import io.tlsfleet.scanner.connect.Limits;
import io.tlsfleet.scanner.connect.Standing;
import io.tlsfleet.scanner.connect.Talk;
import io.tlsfleet.scanner.probe.FlightReading;
import io.tlsfleet.scanner.starttls.Upgrade;
import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.Turn;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The way to one endpoint: every connection of a scan goes through here, one after the other, is counted, and ends before the
 * endpoint's deadline. A STARTTLS preamble stands before every conversation of such an endpoint.
 */
final class Line {
    private static final Duration FARTHEST = Duration.ofMillis(300);

    private final Connector connector;
    private final Destination destination;
    private final Limits limits;
    private final Lane lane;
    private final Preambles preambles;
    private final Ahead ahead;
    private long deadlineNanos;
    private int connections;
    private long bytesSent;
    private long bytesReceived;
    private long injectedBytes;

    Line(Connector connector, Question question, Limits limits, Duration deadline, Lane lane) {
        this.connector = connector;
        this.lane = lane;
        this.destination = question.destination();
        this.preambles = new Preambles(connector, question);
        boolean many = question.depth() == Depth.STANDARD || question.depth() == Depth.FULL;
        this.ahead = new Ahead(preambles::open, many ? connector.concurrentPerHost() - 1 : 0);
        this.limits = limits;
        this.deadlineNanos = System.nanoTime() + deadline.toNanos();
    }

    /** With the first bytes that came, which tell TLS from what is none. */
    record Heard<R>(R result, byte[] firstBytes) {}

    <R> Talk<Heard<R>> talk(Conversation<R> conversation) {
        return talk(conversation, new byte[0]);
    }

    /** With {@code injected} behind the command that asks for TLS, see {@link io.tlsfleet.scanner.starttls.Starttls#injecting}. */
    <R> Talk<Heard<R>> talk(Conversation<R> conversation, byte[] injected) {
        Conversation<Heard<R>> whole = new FirstBytes<>(conversation);
        return preambles.areSpoken() ? behind(whole, injected) : direct(whole);
    }

    private <R> Talk<R> direct(Conversation<R> conversation) {
        Opened<Upgrade> early = early();
        if (early != null) {
            Standing standing = early.standing();
            if (standing != null && standing.early() == 0 && early.talk() instanceof Talk.Held<Upgrade> way) {
                connected(way);
                return borne(heard(connector.talk(standing, conversation, limits.within(remaining()))));
            }
        }
        Talk<R> talk = counted(heard(connector.talk(destination, conversation, limits.within(remaining()))));
        if (talk instanceof Talk.Held<R> held) {
            connected(held);
        }
        return talk;
    }

    /** Among many others nobody waits for this one. */
    private void connected(Talk.Held<?> held) {
        if (lane.hasRoom()) {
            ahead.connected(held.connect(), room());
        }
    }

    /** A server that does not bear connections that wait has refused nothing: the same is asked of one that did not. */
    private <R> Talk<R> borne(Talk<R> talk) {
        if (!(talk instanceof Talk.Held<R> held) || held.ending() == Ending.FINISHED && held.bytesReceived() == 0) {
            return talk;
        }
        if (held.bytesReceived() > 0) {
            ahead.answered();
            return talk;
        }
        if (ahead.isBorne()) {
            return talk;
        }
        rest();
        return notHeld(held, FlightReading.reason(held.ending()), "ended on a connection that had waited");
    }

    private <R> Talk<R> counted(Talk<R> talk) {
        if (!(talk instanceof Talk.NotHeld<R> none && none.reason() == Reason.BLOCKED_BY_POLICY)) {
            connections++;
        }
        return talk;
    }

    private <R> Talk<R> heard(CompletableFuture<Talk<R>> talk) {
        return weighed(await(talk, this::inTime));
    }

    private <R> Talk<R> weighed(Talk<R> talk) {
        if (talk instanceof Talk.Held<R> held) {
            bytesSent += held.bytesSent();
            bytesReceived += held.bytesReceived();
        }
        return talk;
    }

    /** Where the preamble failed there was no TLS conversation at all. */
    private <R> Talk<R> behind(Conversation<R> conversation, byte[] injected) {
        if (injected.length > 0) {
            rest(); // a server that serves one at a time would wait for those
        }
        Opened<Upgrade> opened = injected.length == 0 ? opened() : opened(preambles.injecting(injected, room()));
        Standing standing = opened.standing();
        if (standing != null
                && opened.talk() instanceof Talk.Held<Upgrade> held
                && held.result() instanceof Upgrade.Consent consent) {
            ahead.consented(held.whole(), room());
            Talk<R> talk = heard(connector.talk(standing, consent.then(conversation), limits.within(remaining())));
            injectedBytes += consent.injected().length + standing.early();
            return talk;
        }
        return failed(preambles.protocol(), opened.talk());
    }

    private Opened<Upgrade> opened() {
        Opened<Upgrade> opened = early();
        while (opened == null || opened.standing() != null && opened.standing().waitedTooLong() && !isOver()) {
            opened = opened(preambles.open(room())); // anew where this scan waited for a place of ours
        }
        return opened;
    }

    /** One that was opened ahead and stands. Where it leads nowhere, a server is asked whom nobody keeps busy. */
    private @Nullable Opened<Upgrade> early() {
        CompletableFuture<Opened<Upgrade>> next = ahead.next();
        if (next == null) {
            return null;
        }
        Opened<Upgrade> early = opened(next);
        Standing standing = early.standing();
        if (standing != null && standing.stands()) {
            return early;
        }
        rest();
        return null;
    }

    /** A greeting that is held back is not late. */
    private Opened<Upgrade> opened(CompletableFuture<Opened<Upgrade>> opening) {
        Opened<Upgrade> opened = await(opening, o -> o.talk() instanceof Talk.Held || inTime(o.talk()));
        weighed(counted(opened.talk()));
        return opened;
    }

    private Limits room() {
        return limits.withPreamble().within(remaining());
    }

    private <T> T await(CompletableFuture<T> awaited, Predicate<T> inTime) {
        try {
            lane.waits();
            T over = awaited.get();
            if (lane.over(inTime.test(over))) {
                goOn();
            }
            return over;
        } catch (InterruptedException e) {
            throw new Interrupted(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a conversation failed in itself", e.getCause());
        }
    }

    /** An answer is late beyond the way there and back that it takes; a time limit that passes late was ours to keep. */
    private boolean inTime(Talk<?> over) {
        Duration late = switch (over) {
            case Talk.Held<?> held when held.bytesReceived() > 0 -> held.whole().minus(way(held.connect()));
            case Talk.Held<?> silent -> silent.whole().minus(limits.total());
            case Talk.NotHeld<?> none -> none.after().minus(limits.connect());
        };
        return late.compareTo(Lane.MOMENT) <= 0;
    }

    /** Twice there and back, once for TCP and once for the hello; what takes longer than round the earth is no way. */
    private static Duration way(Duration connect) {
        Duration one = connect.compareTo(FARTHEST) < 0 ? connect : FARTHEST;
        return one.plus(one);
    }

    /** Waiting for a place of our own is no time of the endpoint's. */
    private void goOn() throws InterruptedException {
        long from = System.nanoTime();
        lane.goOn();
        deadlineNanos += System.nanoTime() - from;
    }

    /** A reply of 250 lists what there is: that STARTTLS is not in it. */
    private static String refused(String reply) {
        return (reply.startsWith("250") ? "STARTTLS is not offered: " : "STARTTLS refused: ") + inOneLine(reply);
    }

    private static String inOneLine(String reply) {
        return reply.strip().replaceAll("\\R", "; ");
    }

    private static <R> Talk<R> failed(String starttls, Talk<Upgrade> preamble) {
        return switch (preamble) {
            case Talk.NotHeld<Upgrade> none -> new Talk.NotHeld<>(none.reason(), none.detail(), none.after());
            case Talk.Held<Upgrade> held ->
                switch (held.result()) {
                    case Upgrade.Consent _ -> notHeld(held, Reason.CLOSED, starttls + " preamble: ended after consent");
                    case Upgrade.Refused no -> notHeld(held, Reason.STARTTLS_REFUSED, refused(no.reply()));
                    case Upgrade.Busy busy ->
                        notHeld(held, Reason.RATE_LIMITED, "turned away before STARTTLS: " + inOneLine(busy.reply()));
                    case Upgrade.Unintelligible odd ->
                        notHeld(held, Reason.STARTTLS_REFUSED, "no " + starttls + " answer: " + odd.part());
                    case Upgrade.Ended ended ->
                        notHeld(
                                held,
                                FlightReading.reason(ended.how()),
                                starttls + " preamble: ended after " + ended.heard() + " bytes");
                };
        };
    }

    private static <R> Talk<R> notHeld(Talk.Held<?> held, Reason reason, String detail) {
        return new Talk.NotHeld<>(reason, detail, held.whole());
    }

    void pause(Duration length) {
        try {
            lane.giveWay();
            Thread.sleep(length.compareTo(remaining()) < 0 ? length : remaining());
            goOn();
        } catch (InterruptedException e) {
            throw new Interrupted(e);
        }
    }

    /** At most this many connections a second from now on. */
    void slowDown(double ratePerSecond) {
        rest();
        connector.slowDown(destination.address(), ratePerSecond);
    }

    /** Connections that were opened ahead are ended; they count. */
    void rest() {
        connections += ahead.stop();
    }

    /** Whether TLS is asked for in the protocol's own words first: what is heard of TLS comes behind a consent. */
    boolean isBehindStarttls() {
        return preambles.areSpoken();
    }

    boolean isOver() {
        return remaining().isZero();
    }

    Duration remaining() {
        return Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime()));
    }

    int connections() {
        return connections;
    }

    /** Bytes that came in the clear behind a consent to STARTTLS. */
    long injectedBytes() {
        return injectedBytes;
    }

    long bytesSent() {
        return bytesSent;
    }

    long bytesReceived() {
        return bytesReceived;
    }

    private static final class FirstBytes<R> implements Conversation<Heard<R>> {
        /** To tell TLS from a greeting, and to quote that. */
        private static final int ENOUGH = 80;

        private final Conversation<R> inner;
        private byte[] first = new byte[0];

        FirstBytes(Conversation<R> inner) {
            this.inner = inner;
        }

        @Override
        public byte[] opening() {
            return inner.opening();
        }

        @Override
        public Turn receive(byte[] chunk) {
            if (first.length < ENOUGH) {
                int had = first.length;
                first = Arrays.copyOf(first, Math.min(ENOUGH, had + chunk.length));
                System.arraycopy(chunk, 0, first, had, first.length - had);
            }
            return inner.receive(chunk);
        }

        @Override
        public Optional<Duration> patience() {
            return inner.patience();
        }

        @Override
        public Turn quiet() {
            return inner.quiet();
        }

        @Override
        public Heard<R> end(Ending how) {
            return new Heard<>(inner.end(how), first);
        }
    }
}

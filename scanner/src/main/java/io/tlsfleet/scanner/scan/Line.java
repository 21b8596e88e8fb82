package io.tlsfleet.scanner.scan;

import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.scanner.connect.Connector;
import io.tlsfleet.scanner.connect.Destination;
import io.tlsfleet.scanner.connect.Limits;
import io.tlsfleet.scanner.connect.Talk;
import io.tlsfleet.scanner.probe.FlightReading;
import io.tlsfleet.scanner.starttls.Starttls;
import io.tlsfleet.scanner.starttls.Upgrade;
import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.Turn;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
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
    private final @Nullable String starttls;
    private final String name;
    private long deadlineNanos;
    private int connections;
    private long bytesSent;
    private long bytesReceived;
    private long injectedBytes;

    /** {@code name} is what a preamble calls the server. */
    Line(Connector connector, Question question, Limits limits, Duration deadline, Lane lane) {
        this.connector = connector;
        this.lane = lane;
        this.destination = question.destination();
        this.starttls = question.starttls();
        this.name = question.serverName() == null ? question.host() : question.serverName();
        this.limits = limits;
        this.deadlineNanos = System.nanoTime() + deadline.toNanos();
    }

    /** With the first bytes that came, which tell TLS from what is none. */
    record Heard<R>(R result, byte[] firstBytes) {}

    <R> Talk<Heard<R>> talk(Conversation<R> conversation) {
        return talk(conversation, new byte[0]);
    }

    /** With {@code injected} behind the command that asks for TLS, see {@link Starttls#injecting}. */
    <R> Talk<Heard<R>> talk(Conversation<R> conversation, byte[] injected) {
        Talk<Heard<R>> talk = await(conversation, injected);
        if (!(talk instanceof Talk.NotHeld<Heard<R>> none && none.reason() == Reason.BLOCKED_BY_POLICY)) {
            connections++;
        }
        if (talk instanceof Talk.Held<Heard<R>> held) {
            bytesSent += held.bytesSent();
            bytesReceived += held.bytesReceived();
        }
        return talk;
    }

    private <R> Talk<Heard<R>> await(Conversation<R> conversation, byte[] injected) {
        Conversation<Heard<R>> whole = new FirstBytes<>(conversation);
        return starttls == null
                ? dial(whole, limits)
                : upgraded(dial(
                        injected.length == 0
                                ? Starttls.before(starttls, name, whole, limits.read())
                                : Starttls.injecting(starttls, name, whole, limits.read(), injected),
                        limits.withPreamble()));
    }

    private <R> Talk<R> dial(Conversation<R> conversation, Limits limits) {
        CompletableFuture<Talk<R>> talk = connector.talk(destination, conversation, limits.within(remaining()));
        try {
            lane.waits();
            Talk<R> over = talk.get();
            if (lane.over(inTime(over, limits))) {
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
    private static boolean inTime(Talk<?> over, Limits limits) {
        Duration late = switch (over) {
            case Talk.Held<?> held when held.bytesReceived() > 0 -> held.whole().minus(way(held.connect()));
            case Talk.Held<?> silent -> silent.whole().minus(limits.total());
            case Talk.NotHeld<?> none -> none.after().minus(limits.connect());
        };
        return late.compareTo(Lane.MOMENT) <= 0;
    }

    /** Twice there and back, once for TCP and once for the hello; what takes longer than round the earth is no way. */
    private static Duration way(Duration connect) {
        return (connect.compareTo(FARTHEST) < 0 ? connect : FARTHEST).multipliedBy(2);
    }

    /** Waiting for a place of our own is no time of the endpoint's. */
    private void goOn() throws InterruptedException {
        long from = System.nanoTime();
        lane.goOn();
        deadlineNanos += System.nanoTime() - from;
    }

    /** Where the preamble failed there was no TLS conversation at all. */
    private <R> Talk<R> upgraded(Talk<Upgrade<R>> talk) {
        return switch (talk) {
            case Talk.NotHeld<Upgrade<R>> none -> new Talk.NotHeld<>(none.reason(), none.detail(), none.after());
            case Talk.Held<Upgrade<R>> held ->
                switch (held.result()) {
                    case Upgrade.Upgraded<R> up -> {
                        injectedBytes += up.injected().length;
                        yield new Talk.Held<>(
                                up.result(),
                                held.ending(),
                                held.connect(),
                                held.whole(),
                                held.bytesSent(),
                                held.bytesReceived());
                    }
                    case Upgrade.Refused<R> no ->
                        notHeld(
                                held,
                                Reason.STARTTLS_REFUSED,
                                "STARTTLS refused: " + no.reply().strip());
                    case Upgrade.Busy<R> busy ->
                        notHeld(
                                held,
                                Reason.RATE_LIMITED,
                                "turned away before STARTTLS: " + busy.reply().strip());
                    case Upgrade.Unintelligible<R> odd ->
                        notHeld(held, Reason.STARTTLS_REFUSED, "no " + starttls + " answer: " + odd.part());
                    case Upgrade.Ended<R> ended ->
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
        connector.slowDown(destination.address(), ratePerSecond);
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
        private static final int ENOUGH = 16;

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

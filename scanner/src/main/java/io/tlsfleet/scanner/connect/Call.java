package io.tlsfleet.scanner.connect;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.handler.proxy.ProxyConnectionEvent;
import io.netty.util.concurrent.Future;
import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.Turn;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection from dialling to its reset: the last handler of its channel, and everything in it happens on that channel's
 * event loop. Ends exactly once: with what the conversation heard, with why there was no connection, or with a fault of ours.
 */
final class Call<R> extends ChannelInboundHandlerAdapter {
    private final Channel channel;
    private final Conversation<R> conversation;
    private final Limits limits;
    private final boolean proxied;
    private final Outcome<R> outcome;
    private final long start = System.nanoTime();
    /** What TCP, and a proxy, took; null while they are not through. */
    private @Nullable Duration connect;

    private long sent;
    private long received;
    private boolean ended;
    private boolean wasReset;
    private @Nullable Future<?> deadline;
    private @Nullable Future<?> silence;

    /** Where it ends. */
    interface Outcome<R> {
        default void begins(Channel channel) {}

        /** Whether a conversation that has what it wants leaves its connection for the next one; asked before it is held. */
        default boolean keeps(R result) {
            return false;
        }

        void held(Talk.Held<R> talk);

        void notHeld(Throwable failure, Duration after);

        void failed(RuntimeException fault);
    }

    Call(Channel channel, Conversation<R> conversation, Limits limits, boolean proxied, Outcome<R> outcome) {
        this.channel = channel;
        this.conversation = conversation;
        this.limits = limits;
        this.proxied = proxied;
        this.outcome = outcome;
    }

    /** On a connection that stands, or stood until that ending. */
    void goOn(Standing standing, Duration took, Ending gone) {
        connect = took;
        if (channel.isActive()) {
            channel.pipeline().replace(standing, null, this);
            guarded(this::open);
        } else {
            guarded(() -> end(gone));
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (!proxied) {
            guarded(this::begin);
        }
    }

    /** A proxy's channel is active before the way through it is. */
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ProxyConnectionEvent) {
            guarded(this::begin);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf buffer = (ByteBuf) message;
        byte[] chunk = new byte[buffer.readableBytes()];
        buffer.readBytes(chunk);
        buffer.release();
        try { // as guarded does; here a lambda for each read would cost more than what it guards
            receive(chunk);
        } catch (RuntimeException fault) {
            failed(fault);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (connect == null) {
            notHeld(new IOException("reset before the way stood"));
        } else {
            guarded(() -> end(wasReset ? Ending.RESET : Ending.CLOSED));
        }
    }

    /** A failed read or write; what follows is the end of the channel. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (connect == null) {
            notHeld(cause);
        } else {
            wasReset = true;
            hangUp();
        }
    }

    /** There is no connection: the peer's TCP, the network or the proxy said no. */
    void notHeld(Throwable failure) {
        if (!ended) {
            ended = true;
            hangUp();
            outcome.notHeld(failure, sinceStart());
        }
    }

    private void begin() {
        connect = sinceStart();
        open();
    }

    private void open() {
        long left = limits.total().minus(sinceStart()).toMillis();
        deadline = in(left, () -> end(received == 0 ? Ending.READ_TIMEOUT : Ending.DEADLINE));
        send(conversation.opening());
        waitForPeer();
    }

    private void receive(byte[] chunk) {
        if (ended) {
            return;
        }
        received += chunk.length;
        if (received > limits.maxBytes()) {
            end(Ending.TOO_MUCH);
            return;
        }
        act(conversation.receive(chunk));
    }

    private void act(Turn turn) {
        send(turn.send());
        if (turn.finished()) {
            if (turn.send().length > 0 && channel.isActive()) {
                channel.config()
                        .setOption(ChannelOption.SO_LINGER, -1); // last words shall arrive: no reset behind them
            }
            end(Ending.FINISHED);
        } else {
            waitForPeer();
        }
    }

    private void send(byte[] bytes) {
        if (bytes.length > 0) {
            sent += bytes.length;
            // a failure comes to exceptionCaught
            var _ = channel.writeAndFlush(Unpooled.wrappedBuffer(bytes), channel.voidPromise());
        }
    }

    /** One timer for the silence that the conversation or the limits bear; none where the total comes first. */
    private void waitForPeer() {
        cancel(silence);
        silence = null;
        Optional<Duration> patience = conversation.patience();
        if (patience.isPresent() && patience.get().compareTo(limits.read()) < 0) {
            silence = in(patience.get().toMillis(), () -> act(conversation.quiet()));
        } else if (limits.read().compareTo(limits.total()) < 0) {
            silence = in(limits.read().toMillis(), () -> end(Ending.READ_TIMEOUT));
        }
    }

    private void end(Ending how) {
        if (ended) {
            return;
        }
        ended = true;
        cancel(deadline);
        cancel(silence);
        Duration whole = sinceStart();
        R result = conversation.end(how);
        if (how != Ending.FINISHED || !outcome.keeps(result)) {
            hangUp();
        }
        outcome.held(new Talk.Held<>(result, how, Objects.requireNonNull(connect), whole, sent, received));
    }

    private Duration sinceStart() {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private void hangUp() {
        var _ = channel.close();
    }

    private Future<?> in(long millis, Runnable step) {
        return channel.eventLoop()
                .schedule(
                        () -> {
                            if (!ended) {
                                guarded(step);
                            }
                        },
                        Math.max(1, millis),
                        TimeUnit.MILLISECONDS);
    }

    private static void cancel(@Nullable Future<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    /** What a conversation throws is a fault of ours and must not look like the peer's. */
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException fault) {
            failed(fault);
        }
    }

    private void failed(RuntimeException fault) {
        ended = true;
        cancel(deadline);
        cancel(silence);
        hangUp();
        outcome.failed(fault);
    }
}

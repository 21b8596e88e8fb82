package io.tlsfleet.scanner.connect;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.tlsfleet.tls.exchange.Ending;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A connection on which everything was said that comes before a question: it waits for that question with its place at the
 * host, and is reset when none has come for some seconds.
 */
public final class Standing extends ChannelInboundHandlerAdapter {
    private static final int PATIENCE_SECONDS = 15;

    final Destination to;
    final HostBudgets.Place place;
    private final Channel channel;
    private final Duration connect;
    private Ending gone = Ending.CLOSED;
    private boolean asked;
    private volatile boolean waitedTooLong;
    private final AtomicInteger early = new AtomicInteger();

    /** On the channel's event loop, where the last handler's call has ended. */
    Standing(Destination to, HostBudgets.Place place, Channel channel, Duration connect) {
        this.to = to;
        this.place = place;
        this.channel = channel;
        this.connect = connect;
        channel.pipeline().removeLast();
        channel.pipeline().addLast(this);
        var _ = channel.eventLoop().schedule(this::giveUp, PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** False when the peer, or its patience, ended it. */
    public boolean stands() {
        return channel.isActive();
    }

    /** Bytes that came before the question. */
    public int early() {
        return early.get();
    }

    /** It was reset because no question came: that is ours, and no hang-up of the peer's. */
    public boolean waitedTooLong() {
        return waitedTooLong;
    }

    private void giveUp() {
        if (!asked && channel.isActive()) {
            waitedTooLong = true;
            var _ = channel.close();
        }
    }

    /** Nothing is asked on it any more. */
    public void close() {
        channel.eventLoop().execute(() -> {
            if (!asked) {
                var _ = channel.close();
            }
        });
    }

    Channel channel() {
        return channel;
    }

    void ask(Call<?> question) {
        channel.eventLoop().execute(() -> {
            asked = true;
            question.goOn(this, connect, gone);
        });
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf buffer = (ByteBuf) message;
        early.addAndGet(buffer.readableBytes());
        buffer.release();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        place.leave();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        gone = Ending.RESET;
        var _ = channel.close();
    }
}

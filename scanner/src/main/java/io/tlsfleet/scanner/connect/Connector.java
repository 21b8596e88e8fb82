package io.tlsfleet.scanner.connect;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.proxy.ProxyConnectException;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.handler.proxy.Socks5ProxyHandler;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.DatagramConversation;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Dials, hands the bytes to a {@link Conversation}, and resets the connection when it is over. Every call ends in a {@link
 * Talk} within its {@link Limits}, counted from the moment of dialling: waiting for the host's budget is not the peer's time.
 */
public final class Connector {
    /** A flight of TLS 1.2 in one read. */
    private static final RecvByteBufAllocator BUFFERS = new AdaptiveRecvByteBufAllocator(512, 8192, 65_536);

    private final EventLoopGroup loops;
    private volatile AddressGate gate;
    private final HostBudgets budgets;
    private final Datagrams datagrams;
    private final Route route;

    public Connector(Vertx vertx, AddressGate gate, Politeness politeness) {
        this(vertx, gate, politeness, Route.DIRECT);
    }

    /** On another route; a proxy's own address passes the gate before this is called. */
    public Connector(Vertx vertx, AddressGate gate, Politeness politeness, Route route) {
        this.loops = ((VertxInternal) vertx).nettyEventLoopGroup();
        this.gate = gate;
        this.budgets = new HostBudgets(loops, politeness, System::nanoTime);
        this.datagrams = new Datagrams(route.source());
        this.route = route;
    }

    public <R> CompletableFuture<Talk<R>> talk(Destination to, Conversation<R> conversation, Limits limits) {
        return permitted(to, (loop, done) -> {
            try {
                dial(loop, to, conversation, limits, done);
            } catch (ChannelException e) { // no socket could be opened
                done.notHeld(e, Duration.ZERO);
            } catch (RuntimeException e) {
                done.failed(e);
            }
        });
    }

    /** The same over UDP; no proxy of ours carries that. */
    public <R> CompletableFuture<Talk<R>> talk(Destination to, DatagramConversation<R> conversation, Limits limits) {
        if (route.proxy() != null && gate.objection(to.address()).isEmpty()) {
            return CompletableFuture.completedFuture(
                    new Talk.NotHeld<>(Reason.UNSUPPORTED, "no UDP through a proxy", Duration.ZERO));
        }
        return permitted(
                to,
                (loop, done) -> Thread.startVirtualThread(() -> {
                    try {
                        done.over(datagrams.talk(to, conversation, limits));
                    } catch (RuntimeException e) {
                        done.failed(e);
                    }
                }));
    }

    /** Begins the talk when gate and politeness permit it: now, or after others. */
    private <R> CompletableFuture<Talk<R>> permitted(Destination to, Beginning<R> beginning) {
        Optional<String> objection = gate.objection(to.address());
        if (objection.isPresent()) {
            return CompletableFuture.completedFuture(blocked(objection.get()));
        }
        Done<R> done = new Done<>(to);
        budgets.enter(to.address(), loop -> {
            // while it waited the address may have been blocked
            Optional<String> since = gate.objection(to.address());
            if (since.isPresent()) {
                done.over(blocked(since.get()));
            } else {
                beginning.begin(loop, done);
            }
        });
        return done.talk;
    }

    private static <R> Talk<R> blocked(String objection) {
        return new Talk.NotHeld<>(Reason.BLOCKED_BY_POLICY, objection, Duration.ZERO);
    }

    private interface Beginning<R> {
        void begin(EventLoop loop, Done<R> done);
    }

    /** The end of a talk: its place at the host is free before anybody hears of it. */
    private final class Done<R> implements Call.Outcome<R> {
        private final Destination to;
        private final CompletableFuture<Talk<R>> talk = new CompletableFuture<>();

        Done(Destination to) {
            this.to = to;
        }

        void over(Talk<R> how) {
            budgets.leave(to.address());
            talk.complete(how);
        }

        @Override
        public void held(Talk.Held<R> held) {
            over(held);
        }

        @Override
        public void notHeld(Throwable failure, Duration after) {
            over(Connector.this.notHeld(to, failure, after));
        }

        @Override
        public void failed(RuntimeException fault) {
            budgets.leave(to.address());
            talk.completeExceptionally(fault);
        }
    }

    /** Connections to this host keep at least this distance from now on. */
    public void slowDown(InetAddress address, double ratePerSecond) {
        budgets.slowDown(address, ratePerSecond);
    }

    /** The site's rules as they are now: they hold for the next connection. */
    public void rules(AddressGate now, Politeness politeness) {
        gate = now;
        budgets.rules(politeness);
    }

    /** Caps a second into everything of one owner, by name; those who are not named have {@code usual}, 0 for no cap. */
    public void ownerRates(double usual, Map<String, Double> rates) {
        budgets.ownerRates(usual, rates);
    }

    /** Connections to that address count for this owner from now on; null: for none. */
    public void belongs(InetAddress address, @Nullable String owner) {
        budgets.belongs(address, owner);
    }

    /** On its event loop from the first step: nothing that the peer says, or does, is missed. */
    private <R> void dial(
            EventLoop loop, Destination to, Conversation<R> conversation, Limits limits, Call.Outcome<R> outcome) {
        ProxyOptions proxy = route.proxy();
        InetSocketAddress at = proxy == null ? null : new InetSocketAddress(proxy.getHost(), proxy.getPort());
        if (at != null && at.isUnresolved()) {
            outcome.notHeld(new UnknownHostException(at.getHostString() + " has no address"), Duration.ZERO);
            return;
        }
        NioSocketChannel channel = new NioSocketChannel();
        channel.config()
                .setSoLinger(0) // no delay is Netty's default
                .setConnectTimeoutMillis(millis(limits.connect()))
                .setRecvByteBufAllocator(BUFFERS);
        Call<R> call = new Call<>(channel, conversation, limits, proxy != null, outcome);
        if (proxy != null && at != null) {
            channel.pipeline().addLast(through(proxy, at, limits));
        }
        channel.pipeline().addLast(call);
        ChannelFutureListener failure = step -> {
            if (step.cause() != null) {
                call.notHeld(step.cause());
            }
        };
        loop.register(channel).addListener(failure);
        InetAddress source = route.source();
        if (source != null) {
            channel.config().setOption(ChannelOption.SO_REUSEADDR, true);
        }
        ChannelFuture connect = source == null
                ? channel.connect(to.socketAddress())
                : channel.connect(to.socketAddress(), new InetSocketAddress(source, 0));
        connect.addListener(failure);
    }

    private static ProxyHandler through(ProxyOptions proxy, InetSocketAddress at, Limits limits) {
        String user = proxy.getUsername();
        ProxyHandler handler = proxy.getType() == ProxyType.HTTP
                ? user == null ? new HttpProxyHandler(at) : new HttpProxyHandler(at, user, proxy.getPassword())
                : new Socks5ProxyHandler(at, user, proxy.getPassword());
        handler.setConnectTimeoutMillis(millis(limits.connect()));
        return handler;
    }

    private static int millis(Duration length) {
        return (int) Math.max(1, length.toMillis());
    }

    private <R> Talk<R> notHeld(Destination to, Throwable failure, Duration after) {
        String message = String.valueOf(failure.getMessage());
        Reason reason;
        if (failure instanceof UnknownHostException) {
            reason = Reason.DNS_FAILURE;
        } else if (failure instanceof ProxyConnectException && !message.contains("timeout")) {
            reason = Reason.CONNECT_REFUSED;
        } else if (failure instanceof ConnectTimeoutException
                || failure instanceof ProxyConnectException
                || message.contains("timed out")) {
            reason = Reason.CONNECT_TIMEOUT;
        } else if (failure instanceof NoRouteToHostException || message.contains("unreachable")) {
            reason = Reason.NO_ROUTE;
        } else if (failure instanceof ConnectException && message.contains("refused")) {
            reason = Reason.CONNECT_REFUSED;
        } else if (message.contains("reset")) {
            reason = Reason.RESET;
        } else {
            reason = Reason.INTERNAL;
        }
        boolean proxied = route.proxy() != null;
        String detail = "TCP to " + to + (proxied ? " through the proxy" : "") + ": "
                + reason.word().replace('-', ' ')
                + (proxied || reason == Reason.INTERNAL ? " (" + message + ")" : "");
        return new Talk.NotHeld<>(reason, detail, after);
    }
}

package io.tlsfleet.scanner.connect;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
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
import io.tlsfleet.tls.exchange.Ending;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Dials, hands the bytes to a {@link Conversation}, and resets the connection when it is over. Every call ends in a {@link
 * Talk} within its {@link Limits}, counted from the moment of dialling: waiting for the host's budget is not the peer's time.
 */
public final class Connector {
    /** A flight of TLS 1.2 in one read. */
    private static final RecvByteBufAllocator BUFFERS = new AdaptiveRecvByteBufAllocator(512, 8192, 65_536);

    private volatile AddressGate gate;
    private final HostBudgets budgets;
    private final Datagrams datagrams;
    private final Route route;

    /** On the event loops of a process that does more than scan. */
    public Connector(Vertx vertx, AddressGate gate, Politeness politeness) {
        this(((VertxInternal) vertx).nettyEventLoopGroup(), gate, politeness, Route.DIRECT);
    }

    /** A proxy's own address passes the gate before this is called. */
    public Connector(EventLoopGroup loops, AddressGate gate, Politeness politeness, Route route) {
        this.gate = gate;
        this.budgets = new HostBudgets(loops, politeness, System::nanoTime);
        this.datagrams = new Datagrams(route.source());
        this.route = route;
    }

    public <R> CompletableFuture<Talk<R>> talk(Destination to, Conversation<R> conversation, Limits limits) {
        Done<R> done = new Done<>(to, budgets.place(to.address()));
        permitted(to, done, loop -> dial(loop, to, conversation, limits, done));
        return done.talk;
    }

    /** What was said first, and the connection where that leads on to a question. */
    public record Opened<P>(Talk<P> talk, @Nullable Standing standing) {}

    /**
     * Only what comes before a question: where it ends with what {@code leadsOn}, the connection stands. Cancelled, it is not
     * dialled, or ends.
     */
    public <P> CompletableFuture<Opened<P>> open(
            Destination to, Conversation<P> preamble, Predicate<P> leadsOn, Limits limits) {
        Opening<P> opening = new Opening<>(to, budgets.place(to.address()), leadsOn);
        permitted(to, opening, loop -> dial(loop, to, preamble, limits, opening));
        return opening.opened;
    }

    /** The question for which a connection stands; one on each. */
    public <R> CompletableFuture<Talk<R>> talk(Standing on, Conversation<R> conversation, Limits limits) {
        Done<R> done = new Done<>(on.to, on.place);
        on.ask(new Call<>(on.channel(), conversation, limits, false, done));
        return done.talk;
    }

    /** The same over UDP; no proxy of ours carries that. */
    public <R> CompletableFuture<Talk<R>> talk(Destination to, DatagramConversation<R> conversation, Limits limits) {
        if (route.proxy() != null && gate.objection(to.address()).isEmpty()) {
            return CompletableFuture.completedFuture(
                    new Talk.NotHeld<>(Reason.UNSUPPORTED, "no UDP through a proxy", Duration.ZERO));
        }
        Done<R> done = new Done<>(to, budgets.place(to.address()));
        permitted(
                to,
                done,
                loop -> Thread.startVirtualThread(() -> {
                    try {
                        done.over(datagrams.talk(to, conversation, limits));
                    } catch (RuntimeException e) {
                        done.failed(e);
                    }
                }));
        return done.talk;
    }

    /** Begins the talk when gate and politeness permit it: now, or after others. */
    private void permitted(Destination to, Done<?> done, Consumer<EventLoop> beginning) {
        Optional<String> objection = gate.objection(to.address());
        if (objection.isPresent()) {
            done.blocked(objection.get());
            return;
        }
        done.place.enter(loop -> {
            // while it waited the address may have been blocked
            Optional<String> since = gate.objection(to.address());
            if (since.isPresent()) {
                done.blocked(since.get());
            } else if (done.isWanted()) {
                beginning.accept(loop);
            }
        });
    }

    /** The end of a talk: its place at the host is free before anybody hears of it. */
    private class Done<R> implements Call.Outcome<R> {
        final Destination to;
        final HostBudgets.Place place;
        final CompletableFuture<Talk<R>> talk = new CompletableFuture<>();

        Done(Destination to, HostBudgets.Place place) {
            this.to = to;
            this.place = place;
        }

        boolean isWanted() {
            return true;
        }

        void over(Talk<R> how) {
            place.leave();
            talk.complete(how);
        }

        void blocked(String objection) {
            over(new Talk.NotHeld<>(Reason.BLOCKED_BY_POLICY, objection, Duration.ZERO));
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
            place.leave();
            talk.completeExceptionally(fault);
        }
    }

    /** The end of what comes first, and of a connection that nobody wants any more. */
    private final class Opening<P> extends Done<P> {
        final CompletableFuture<Opened<P>> opened;
        private final Predicate<P> leadsOn;
        private volatile @Nullable Channel channel;
        private @Nullable Standing standing;

        Opening(Destination to, HostBudgets.Place place, Predicate<P> leadsOn) {
            super(to, place);
            this.leadsOn = leadsOn;
            this.opened = talk.thenApply(how -> new Opened<>(how, standing));
            var _ = opened.whenComplete((how, failure) -> {
                Channel dialled = channel;
                if (opened.isCancelled() && dialled != null) {
                    var _ = dialled.close();
                }
            });
        }

        @Override
        boolean isWanted() {
            if (opened.isCancelled()) {
                place.leave();
            }
            return !opened.isCancelled();
        }

        @Override
        public void begins(Channel dialled) {
            channel = dialled;
        }

        @Override
        public boolean keeps(P result) {
            return leadsOn.test(result) && !opened.isCancelled();
        }

        @Override
        public void held(Talk.Held<P> held) {
            Channel stands = channel;
            if (stands != null && held.ending() == Ending.FINISHED && keeps(held.result())) {
                standing = new Standing(to, place, stands, held.connect());
                talk.complete(held);
            } else {
                over(held);
            }
        }
    }

    /** So many at once, for whoever shares a host's budget. */
    public int concurrentPerHost() {
        return budgets.concurrentPerHost();
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
        try {
            call(loop, to, conversation, limits, outcome);
        } catch (ChannelException | IOException e) { // no socket could be opened
            outcome.notHeld(e, Duration.ZERO);
        } catch (RuntimeException e) {
            outcome.failed(e);
        }
    }

    private <R> void call(
            EventLoop loop, Destination to, Conversation<R> conversation, Limits limits, Call.Outcome<R> outcome)
            throws IOException {
        ProxyOptions proxy = route.proxy();
        InetSocketAddress at = proxy == null ? null : new InetSocketAddress(proxy.getHost(), proxy.getPort());
        if (at != null && at.isUnresolved()) {
            outcome.notHeld(new UnknownHostException(at.getHostString() + " has no address"), Duration.ZERO);
            return;
        }
        // a socket for both families costs an option and a conversion of each address more
        NioSocketChannel channel = (at == null ? to.address() : at.getAddress()) instanceof Inet4Address
                ? new NioSocketChannel(SelectorProvider.provider().openSocketChannel(StandardProtocolFamily.INET))
                : new NioSocketChannel();
        channel.config()
                .setSoLinger(0) // no delay is Netty's default
                .setConnectTimeoutMillis(millis(limits.connect()))
                .setRecvByteBufAllocator(BUFFERS);
        outcome.begins(channel);
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

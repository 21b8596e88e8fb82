package io.tlsfleet.scanner.connect;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.proxy.ProxyConnectException;
import io.netty.util.NetUtil;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.DatagramConversation;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.Turn;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Dials, hands the bytes to a {@link Conversation}, and resets the connection when it is over. Every call ends in a {@link
 * Talk} within its {@link Limits}, counted from the moment of dialling: waiting for the host's budget is not the peer's time.
 */
public final class Connector {
    private final Vertx vertx;
    private final NetClient client;
    private volatile AddressGate gate;
    private final HostBudgets budgets;
    private final Datagrams datagrams;
    private final boolean proxied;

    public Connector(Vertx vertx, AddressGate gate, Politeness politeness) {
        this(vertx, gate, politeness, new NetClientOptions());
    }

    /** With a source address or a proxy in the options; a proxy's own address passes the gate before this is called. */
    public Connector(Vertx vertx, AddressGate gate, Politeness politeness, NetClientOptions options) {
        this.vertx = vertx;
        this.client = vertx.createNetClient(
                new NetClientOptions(options).setSoLinger(0).setTcpNoDelay(true).setReuseAddress(true));
        this.gate = gate;
        this.budgets = new HostBudgets(vertx, politeness, System::nanoTime);
        this.datagrams = new Datagrams(source(options));
        this.proxied = options.getProxyOptions() != null;
    }

    public <R> Future<Talk<R>> talk(Destination to, Conversation<R> conversation, Limits limits) {
        Optional<String> objection = gate.objection(to.address());
        if (objection.isPresent()) {
            return Future.succeededFuture(new Talk.NotHeld<>(Reason.BLOCKED_BY_POLICY, objection.get(), Duration.ZERO));
        }
        return budgets.enter(to.address()).compose(entered -> {
            // while it waited the address may have been blocked
            Optional<String> since = gate.objection(to.address());
            Future<Talk<R>> talk = since.isPresent()
                    ? Future.succeededFuture(new Talk.NotHeld<>(Reason.BLOCKED_BY_POLICY, since.get(), Duration.ZERO))
                    : dial(to, conversation, limits);
            return talk.onComplete(over -> budgets.leave(to.address()));
        });
    }

    /** The same over UDP; no proxy of ours carries that. */
    public <R> Future<Talk<R>> talk(Destination to, DatagramConversation<R> conversation, Limits limits) {
        Optional<String> objection = gate.objection(to.address());
        if (objection.isPresent()) {
            return Future.succeededFuture(new Talk.NotHeld<>(Reason.BLOCKED_BY_POLICY, objection.get(), Duration.ZERO));
        }
        if (proxied) {
            return Future.succeededFuture(
                    new Talk.NotHeld<>(Reason.UNSUPPORTED, "no UDP through a proxy", Duration.ZERO));
        }
        return budgets.enter(to.address()).compose(entered -> {
            Promise<Talk<R>> done = Promise.promise();
            Thread.startVirtualThread(() -> {
                try {
                    done.complete(datagrams.talk(to, conversation, limits));
                } catch (RuntimeException e) {
                    done.fail(e);
                }
            });
            return done.future().onComplete(talk -> budgets.leave(to.address()));
        });
    }

    private static @Nullable InetAddress source(NetClientOptions options) {
        String address = options.getLocalAddress();
        return address == null ? null : NetUtil.createInetAddressFromIpAddressString(address);
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

    /**
     * On the event loop from the first step: elsewhere the peer's first words, or its end, may come before anyone listens, and
     * are lost.
     */
    private <R> Future<Talk<R>> dial(Destination to, Conversation<R> conversation, Limits limits) {
        Promise<Talk<R>> talk = Promise.promise();
        vertx.runOnContext(v -> dialHere(to, conversation, limits).onComplete(talk));
        return talk.future();
    }

    private <R> Future<Talk<R>> dialHere(Destination to, Conversation<R> conversation, Limits limits) {
        long start = System.nanoTime();
        ConnectOptions options = new ConnectOptions()
                .setRemoteAddress(SocketAddress.inetSocketAddress(to.socketAddress()))
                .setTimeout((int) Math.max(1, limits.connect().toMillis()));
        return client.connect(options)
                .compose(socket -> {
                    Line<R> line = new Line<>(socket, conversation, limits, start);
                    line.begin();
                    return line.done.future();
                })
                .recover(failure ->
                        Future.succeededFuture(notHeld(to, failure, Duration.ofNanos(System.nanoTime() - start))));
    }

    private <R> Talk<R> notHeld(Destination to, Throwable failure, Duration after) {
        String message = String.valueOf(failure.getMessage());
        Reason reason;
        if (failure instanceof ProxyConnectException && !message.contains("timeout")) {
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
        String detail = "TCP to " + to + (proxied ? " through the proxy" : "") + ": "
                + reason.word().replace('-', ' ')
                + (proxied || reason == Reason.INTERNAL ? " (" + message + ")" : "");
        return new Talk.NotHeld<>(reason, detail, after);
    }

    /** One connection's bookkeeping; everything in it happens on its event loop. */
    private final class Line<R> {
        private final NetSocket socket;
        private final Conversation<R> conversation;
        private final Limits limits;
        private final long start;
        private final long connected = System.nanoTime();
        private final Promise<Talk<R>> done = Promise.promise();
        private long sent;
        private long received;
        private boolean ended;
        private boolean wasReset;
        private long totalTimer = -1;
        private long silenceTimer = -1;

        Line(NetSocket socket, Conversation<R> conversation, Limits limits, long start) {
            this.socket = socket;
            this.conversation = conversation;
            this.limits = limits;
            this.start = start;
        }

        void begin() {
            socket.exceptionHandler(e -> wasReset = true);
            socket.closeHandler(v -> end(wasReset ? Ending.RESET : Ending.CLOSED));
            socket.handler(this::receive);
            long left = limits.total().toMillis() - (connected - start) / 1_000_000;
            totalTimer =
                    vertx.setTimer(Math.max(1, left), id -> end(received == 0 ? Ending.READ_TIMEOUT : Ending.DEADLINE));
            send(conversation.opening());
            waitForPeer();
        }

        private void receive(Buffer buffer) {
            if (ended) {
                return;
            }
            received += buffer.length();
            if (received > limits.maxBytes()) {
                end(Ending.TOO_MUCH);
                return;
            }
            act(conversation.receive(buffer.getBytes()));
        }

        private void act(Turn turn) {
            send(turn.send());
            if (turn.finished()) {
                end(Ending.FINISHED);
            } else {
                waitForPeer();
            }
        }

        private void send(byte[] bytes) {
            if (bytes.length > 0) {
                sent += bytes.length;
                socket.write(Buffer.buffer(bytes));
            }
        }

        /** One timer for the silence that the conversation or the limits bear; none where the total comes first. */
        private void waitForPeer() {
            cancel(silenceTimer);
            silenceTimer = -1;
            Optional<Duration> patience = conversation.patience();
            if (patience.isPresent() && patience.get().compareTo(limits.read()) < 0) {
                silenceTimer = vertx.setTimer(Math.max(1, patience.get().toMillis()), id -> {
                    if (!ended) {
                        act(conversation.quiet());
                    }
                });
            } else if (limits.read().compareTo(limits.total()) < 0) {
                silenceTimer = vertx.setTimer(Math.max(1, limits.read().toMillis()), id -> end(Ending.READ_TIMEOUT));
            }
        }

        private void end(Ending how) {
            if (ended) {
                return;
            }
            ended = true;
            cancel(totalTimer);
            cancel(silenceTimer);
            long now = System.nanoTime();
            socket.close();
            done.complete(new Talk.Held<>(
                    conversation.end(how),
                    how,
                    Duration.ofNanos(connected - start),
                    Duration.ofNanos(now - start),
                    sent,
                    received));
        }

        private void cancel(long timer) {
            if (timer >= 0) {
                vertx.cancelTimer(timer);
            }
        }
    }
}

package io.tlsfleet.scanner.connect;

import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.tls.exchange.DatagramConversation;
import io.tlsfleet.tls.exchange.Ending;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A talk over UDP, on a virtual thread that waits: such a talk is rare and short, and the socket is connected, so that the
 * kernel tells of a port that nobody listens on (ICMP), which an event loop's unconnected socket would not hear of.
 */
final class Datagrams {
    private static final int MAX_DATAGRAM = 65_535;

    private final @Nullable InetAddress source;

    Datagrams(@Nullable InetAddress source) {
        this.source = source;
    }

    <R> Talk<R> talk(Destination to, DatagramConversation<R> conversation, Limits limits) {
        long start = System.nanoTime();
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(source, 0))) {
            socket.connect(to.socketAddress());
            return converse(socket, conversation, limits, start);
        } catch (PortUnreachableException e) {
            return notHeld(Reason.CONNECT_REFUSED, to, start);
        } catch (NoRouteToHostException | BindException e) {
            return notHeld(Reason.NO_ROUTE, to, start);
        } catch (SocketException e) {
            boolean route = String.valueOf(e.getMessage()).contains("unreachable");
            return notHeld(route ? Reason.NO_ROUTE : Reason.INTERNAL, to, start);
        } catch (IOException e) {
            return notHeld(Reason.INTERNAL, to, start);
        }
    }

    private static <R> Talk<R> converse(
            DatagramSocket socket, DatagramConversation<R> conversation, Limits limits, long start) throws IOException {
        long end = start + limits.total().toNanos();
        byte[] buffer = new byte[MAX_DATAGRAM];
        long received = 0;
        long sent = 0;
        DatagramConversation.Step step = conversation.opening();
        boolean quiet = true;
        Ending ending = Ending.READ_TIMEOUT;
        while (true) {
            for (byte[] datagram : step.send()) {
                socket.send(new DatagramPacket(datagram, datagram.length));
                sent += datagram.length;
            }
            Duration patience = conversation.patience().orElse(Duration.ZERO);
            if (step.finished()) {
                ending = quiet ? Ending.READ_TIMEOUT : Ending.FINISHED;
                break;
            }
            long wait = Math.min(patience.toNanos(), end - System.nanoTime());
            if (wait <= 0) {
                ending = received > 0 ? Ending.DEADLINE : Ending.READ_TIMEOUT;
                break;
            }
            if (received > limits.maxBytes()) {
                ending = Ending.TOO_MUCH;
                break;
            }
            socket.setSoTimeout((int) Math.max(1, wait / 1_000_000));
            DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
            try {
                socket.receive(packet);
                received += packet.getLength();
                quiet = false;
                step = conversation.receive(Arrays.copyOf(buffer, packet.getLength()));
            } catch (SocketTimeoutException e) {
                quiet = true;
                step = conversation.quiet();
            }
        }
        return new Talk.Held<>(
                conversation.end(ending),
                ending,
                Duration.ZERO,
                Duration.ofNanos(System.nanoTime() - start),
                sent,
                received);
    }

    private static <R> Talk<R> notHeld(Reason reason, Destination to, long start) {
        return new Talk.NotHeld<>(
                reason,
                "UDP to " + to + ": " + reason.word().replace('-', ' '),
                Duration.ofNanos(System.nanoTime() - start));
    }
}

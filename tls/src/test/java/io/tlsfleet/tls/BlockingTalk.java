package io.tlsfleet.tls;

import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.Turn;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Arrays;

/** Gives a conversation a blocking socket on loopback: tests against real servers need no event loop. */
public final class BlockingTalk {
    private static final int READ_TIMEOUT_MILLIS = 5000;
    private static final int CHUNK = 16 * 1024;

    private BlockingTalk() {}

    public static <R> R run(int port, Conversation<R> conversation) {
        return run(port, conversation, CHUNK);
    }

    /** Reads at most {@code chunk} bytes at a time. */
    public static <R> R run(int port, Conversation<R> conversation, int chunk) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), READ_TIMEOUT_MILLIS);
            socket.setTcpNoDelay(true);
            return conversation.end(talk(socket, conversation, chunk));
        } catch (IOException e) {
            throw new UncheckedIOException("loopback:" + port, e);
        }
    }

    private static Ending talk(Socket socket, Conversation<?> conversation, int chunk) {
        byte[] buffer = new byte[chunk];
        try {
            InputStream in = socket.getInputStream();
            socket.getOutputStream().write(conversation.opening());
            while (true) {
                boolean patient = conversation.patience().isPresent();
                socket.setSoTimeout(
                        patient
                                ? Math.max(
                                        1, (int) conversation.patience().get().toMillis())
                                : READ_TIMEOUT_MILLIS);
                Turn turn;
                try {
                    int n = in.read(buffer);
                    if (n < 0) {
                        return Ending.CLOSED;
                    }
                    turn = conversation.receive(Arrays.copyOf(buffer, n));
                } catch (SocketTimeoutException e) {
                    if (!patient) {
                        return Ending.READ_TIMEOUT;
                    }
                    turn = conversation.quiet();
                }
                socket.getOutputStream().write(turn.send());
                if (turn.finished()) {
                    return Ending.FINISHED;
                }
            }
        } catch (SocketException e) {
            return Ending.RESET;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package io.tlsfleet.scanner.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.tlsfleet.fleet.target.AddressGate;
import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.Turn;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that speaks first, at once, and hangs up, asked as fast as politeness allows: nothing of it is lost. */
@Timeout(120)
class FirstWordsTest {
    private static final int THREADS = 2;
    private static final int TALKS = 400;

    @Test
    void hearsWhatIsSaidAtOnce() throws Exception {
        EventLoopGroup loops = EventLoops.start();
        try (ServerSocket socket = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
                ExecutorService callers = Executors.newFixedThreadPool(THREADS)) {
            Thread.ofPlatform().daemon().start(() -> greet(socket));
            Connector connector =
                    new Connector(loops, AddressGate.local(), new Politeness(THREADS, 1000, 1000, 0), Route.DIRECT);
            Destination to = new Destination(InetAddress.getLoopbackAddress(), socket.getLocalPort());
            Limits limits = Limits.of(Duration.ofSeconds(20), Duration.ofSeconds(20));
            Callable<List<Integer>> caller = () -> {
                List<Integer> heard = new ArrayList<>();
                for (int i = 0; i < TALKS; i++) {
                    Talk<Integer> talk =
                            connector.talk(to, new Listening(), limits).get();
                    heard.add(talk instanceof Talk.Held<Integer> held ? held.result() : -1);
                }
                return heard;
            };
            List<Future<List<Integer>>> all = callers.invokeAll(Collections.nCopies(THREADS, caller));
            for (Future<List<Integer>> heard : all) {
                assertThat(heard.get()).hasSize(TALKS).containsOnly(5);
            }
        } finally {
            EventLoops.stop(loops);
        }
    }

    private static void greet(ServerSocket socket) {
        while (!socket.isClosed()) {
            try (Socket client = socket.accept()) {
                client.getOutputStream().write(new byte[] {'4', '2', '1', '\r', '\n'});
            } catch (IOException e) {
                // The test is over, or this client is.
            }
        }
    }

    /** How many bytes came before the end. */
    private static final class Listening implements Conversation<Integer> {
        private int heard;

        @Override
        public byte[] opening() {
            return new byte[0];
        }

        @Override
        public Turn receive(byte[] chunk) {
            heard += chunk.length;
            return Turn.WAIT;
        }

        @Override
        public Integer end(Ending how) {
            return how == Ending.CLOSED ? heard : -2;
        }
    }
}

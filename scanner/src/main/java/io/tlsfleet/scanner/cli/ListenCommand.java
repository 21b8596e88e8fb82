package io.tlsfleet.scanner.cli;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.fleet.target.Escaped;
import io.tlsfleet.tls.fingerprint.ClientFingerprint;
import io.tlsfleet.tls.fingerprint.Fingerprinter;
import io.tlsfleet.tls.fingerprint.KnownClients;
import io.tlsfleet.tls.fingerprint.Transport;
import io.tlsfleet.tls.record.HandshakeMessage;
import io.tlsfleet.tls.record.HandshakeReader;
import io.tlsfleet.tls.record.RecordReader;
import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code tlsfleet listen}: point a client here and see what it offers. Its hello is read, named and refused with
 * handshake_failure (RFC 8446 section 6.2); where it came from is not kept.
 */
@Command(
        name = "listen",
        description = "Fingerprints of the clients that connect to it: each hello is read, printed and refused.")
public final class ListenCommand implements Callable<Integer> {
    private static final int DONE = 0;
    private static final int MOST_BYTES = 1 << 17;
    private static final int MOST_AT_ONCE = 256;
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final byte[] REFUSAL = {TlsRecord.ALERT, 3, 3, 0, 2, 2, 40};

    @Option(names = "--bind", paramLabel = "ADDRESS", description = "default: ${DEFAULT-VALUE}")
    private String bind = "127.0.0.1";

    @Option(names = "--port", paramLabel = "PORT", description = "default: ${DEFAULT-VALUE}; 0 is any that is free")
    private int port = 8443;

    @Option(names = "--count", paramLabel = "N", description = "ends after so many hellos")
    private @Nullable Integer count;

    @Option(
            names = "--format",
            paramLabel = "text|json|ndjson",
            description =
                    "for a person or for a program (default: text on a terminal, else ndjson); whatif --clients takes"
                            + " ndjson")
    private @Nullable String format;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final ObjectMapper json =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
    private final Fingerprinter fingerprinter = new Fingerprinter();
    private final KnownClients known = KnownClients.shipped();
    private final List<ObjectNode> all = new ArrayList<>();
    private ListFormat written = ListFormat.NDJSON;
    private int heard;

    @Override
    public Integer call() throws IOException {
        try {
            written = ListFormat.of(format);
        } catch (IllegalArgumentException e) {
            throw usage(String.valueOf(e.getMessage()));
        }
        if (count != null && count < 1) {
            throw usage("--count " + count + ": want 1 or more");
        }
        if (written == ListFormat.JSON && count == null) {
            throw usage("--format json goes with --count N: an array needs an end");
        }
        if (port < 0 || port > 65_535) {
            throw usage("--port " + port + " is out of range 0 to 65535");
        }
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            try {
                server.bind(new InetSocketAddress(bind, port));
            } catch (IOException | IllegalArgumentException e) {
                throw usage("--bind " + bind + " --port " + port + ": cannot listen there (" + e.getMessage() + ")");
            }
            err().println("tlsfleet listen: at " + bind + " port "
                    + ((InetSocketAddress) server.getLocalAddress()).getPort());
            err().flush();
            take(server);
        }
        if (written == ListFormat.JSON) {
            out().println(json.writerWithDefaultPrettyPrinter().writeValueAsString(all));
            out().flush();
        }
        return DONE;
    }

    private void take(ServerSocketChannel server) throws IOException {
        Semaphore room = new Semaphore(MOST_AT_ONCE);
        try (ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().factory())) {
            while (!enough()) {
                SocketChannel client = server.accept();
                if (!room.tryAcquire()) {
                    client.close();
                    continue;
                }
                var late = clock.schedule(() -> shut(client), PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
                Thread.ofVirtual().start(() -> {
                    try (client) {
                        hello(client).ifPresent(message -> say(message, server));
                        client.write(ByteBuffer.wrap(REFUSAL));
                    } catch (IOException e) {
                        // gone, or slower than anybody waits
                    } finally {
                        late.cancel(false);
                        room.release();
                    }
                });
            }
        } catch (java.nio.channels.ClosedChannelException e) {
            if (!enough()) {
                throw e;
            }
        }
    }

    /** Empty where what came is no ClientHello. */
    private static Optional<HandshakeMessage> hello(SocketChannel client) throws IOException {
        RecordReader records = new RecordReader();
        HandshakeReader messages = new HandshakeReader();
        ByteBuffer bytes = ByteBuffer.allocate(1 << 14);
        try {
            for (int whole = 0; whole < MOST_BYTES; ) {
                int read = client.read(bytes.clear());
                if (read < 0) {
                    return Optional.empty();
                }
                whole += read;
                for (TlsRecord record : records.feed(Arrays.copyOf(bytes.array(), read))) {
                    if (record.type() != TlsRecord.HANDSHAKE) {
                        return Optional.empty();
                    }
                    for (HandshakeMessage message : messages.feed(record.fragment())) {
                        return message.type() == HandshakeMessage.CLIENT_HELLO
                                ? Optional.of(message)
                                : Optional.empty();
                    }
                }
            }
            return Optional.empty();
        } catch (MalformedMessage e) {
            return Optional.empty();
        }
    }

    private synchronized void say(HandshakeMessage message, ServerSocketChannel server) {
        if (enough()) {
            return;
        }
        ObjectNode line = json.createObjectNode();
        try {
            ClientFingerprint print = fingerprinter.client(message.body(), Transport.TCP);
            line.put("id", heard + 1).put("kind", "client").put("transport", Transport.TCP.word());
            FingerprintCommand.client(line, print);
            List<String> names = known.named(print.ja4());
            names.forEach(line.withArray("clients")::add);
            line.put("hello", HexFormat.of().formatHex(message.encode()));
            heard++;
            switch (written) {
                case NDJSON -> out().println(line);
                case JSON -> all.add(line);
                case TEXT -> out().println(text(line, names));
            }
            out().flush();
        } catch (MalformedMessage e) {
            err().println("tlsfleet listen: no hello that can be read: "
                    + Escaped.line(String.valueOf(e.getMessage())));
            err().flush();
        }
        if (enough()) {
            shut(server);
        }
    }

    private static String text(ObjectNode line, List<String> names) {
        return Escaped.line("%-4s %s  %s  %s%s%s"
                .formatted(
                        line.path("id").asText(),
                        line.path("ja4").asText(),
                        line.path("ja3").asText(),
                        line.path("version").asText(),
                        line.has("sni") ? "  " + line.path("sni").asText() : "",
                        names.isEmpty() ? "" : "  (" + names.getFirst() + ")"));
    }

    private synchronized boolean enough() {
        return count != null && heard >= count;
    }

    private static void shut(java.nio.channels.Channel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // closed is closed
        }
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}

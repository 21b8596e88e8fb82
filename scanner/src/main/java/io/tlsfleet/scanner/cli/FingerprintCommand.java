package io.tlsfleet.scanner.cli;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.fleet.target.FileFault;
import io.tlsfleet.scanner.capture.CaptureFile;
import io.tlsfleet.scanner.capture.CaptureHellos;
import io.tlsfleet.scanner.capture.SeenHello;
import io.tlsfleet.tls.fingerprint.ClientFingerprint;
import io.tlsfleet.tls.fingerprint.Fingerprinter;
import io.tlsfleet.tls.fingerprint.Ja4Plus;
import io.tlsfleet.tls.fingerprint.ServerFingerprint;
import io.tlsfleet.tls.fingerprint.Transport;
import io.tlsfleet.tls.record.HandshakeMessage;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tlsfleet fingerprint}: hellos of captures and NDJSON lines in, one line of fingerprints for each out. */
@Command(
        name = "fingerprint",
        description =
                "JA3, JA3S and JA4 of the hellos in pcap, pcapng and NDJSON files, gzipped or not (- is standard input).")
public final class FingerprintCommand implements Callable<Integer> {
    private static final int DONE = 0;
    private static final int BAD_INPUT = 2;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "captures or NDJSON; - is standard input")
    private List<String> files = new ArrayList<>();

    @Option(
            names = "--fingerprints",
            paramLabel = "ja4plus",
            description = "adds JA4S and JA4X where the plugin is there")
    private @Nullable String extra;

    @Spec
    private @Nullable CommandSpec spec;

    /** Escapes what is not ASCII: a hostile server name must not write on somebody's terminal. */
    private final ObjectMapper json =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private final Fingerprinter fingerprinter = new Fingerprinter();
    private @Nullable Ja4Plus plus;
    private boolean failed;
    /** What was printed and said. */
    private int lines;

    @Override
    public Integer call() {
        try {
            plus = Plugins.extras(extra).ja4Plus();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec().commandLine(), String.valueOf(e.getMessage()), e);
        }
        for (String file : files) {
            try (InputStream in = Inputs.open(file)) {
                read(file, in);
            } catch (IOException | InvalidPathException e) {
                say(file + ": " + FileFault.of(e));
                failed = true;
            }
        }
        out().flush();
        return failed ? BAD_INPUT : DONE;
    }

    private void read(String file, InputStream in) throws IOException {
        in.mark(4);
        byte[] start = in.readNBytes(4);
        in.reset();
        if (start.length == 0) {
            say(file + ": is empty");
        } else if (CaptureFile.isCapture(start)) {
            int before = lines;
            CaptureHellos.read(in, hello -> capture(file, hello), left -> say(file + ": " + left));
            if (lines == before) {
                say(file + ": no hello of TLS, QUIC or DTLS was found in it");
            }
        } else {
            failed |=
                    !HelloLines.read(file, in, this::line, spec().commandLine().getErr());
        }
    }

    private void capture(String file, SeenHello hello) {
        ObjectNode line = json.createObjectNode();
        line.put("file", file);
        line.put("frame", hello.frame());
        try {
            describe(line, hello.client(), hello.transport(), hello.body(), hello.certificates());
        } catch (MalformedMessage e) {
            line.put("error", e.getMessage());
        }
        print(line);
    }

    private void line(JsonNode wanted) throws MalformedMessage {
        Transport transport = Transport.named(wanted.path("transport").asText("tcp"));
        HandshakeMessage message = HelloHex.read(wanted);
        ObjectNode line = json.createObjectNode();
        line.set("id", wanted.path("id"));
        if (line.get("id").isMissingNode()) {
            line.putNull("id");
        }
        describe(line, message.type() == HandshakeMessage.CLIENT_HELLO, transport, message.body(), List.of());
        print(line);
    }

    private void describe(ObjectNode line, boolean client, Transport transport, byte[] body, List<byte[]> chain)
            throws MalformedMessage {
        line.put("kind", client ? "client" : "server");
        line.put("transport", transport.word());
        if (client) {
            client(line, fingerprinter.client(body, transport));
        } else {
            ServerFingerprint print = fingerprinter.server(body);
            line.put("ja3s", print.ja3s()).put("ja3sText", print.ja3sText());
            if (plus != null) {
                line.put("ja4s", plus.ja4s(body, transport).hash());
                for (byte[] certificate : chain) {
                    line.withArray("ja4x").add(plus.ja4x(certificate));
                }
            }
            version(line, print.alpn(), print.version());
        }
    }

    static void client(ObjectNode line, ClientFingerprint print) {
        line.put("ja3", print.ja3()).put("ja3Text", print.ja3Text());
        line.put("ja4", print.ja4()).put("ja4Raw", print.ja4Raw());
        if (print.serverName() != null) {
            line.put("sni", print.serverName());
        }
        version(line, print.alpn(), print.version());
    }

    private static void version(ObjectNode line, @Nullable String alpn, int version) {
        if (alpn != null) {
            line.put("alpn", alpn);
        }
        line.put("version", label(version));
    }

    private static String label(int version) {
        return switch (version) {
            case 0xFEFF -> "DTLSv1.0";
            case 0xFEFD -> "DTLSv1.2";
            case 0xFEFC -> "DTLSv1.3";
            default -> new ProtocolVersion(version).label();
        };
    }

    private void print(ObjectNode line) {
        lines++;
        out().println(line);
    }

    private void say(String message) {
        lines++;
        HelloLines.say(spec().commandLine().getErr(), message);
    }

    private PrintWriter out() {
        return spec().commandLine().getOut();
    }

    private CommandSpec spec() {
        if (spec == null) {
            throw new ParameterException(new picocli.CommandLine(this), "not run by picocli");
        }
        return spec;
    }
}

package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.scanner.probe.deep.Wire.Heard;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.keys.Tls12Handshake;
import io.tlsfleet.tls.keys.Tls12Options;
import io.tlsfleet.tls.keys.Tls12Result;
import io.tlsfleet.tls.keys.Tls13Handshake;
import io.tlsfleet.tls.keys.Tls13Options;
import io.tlsfleet.tls.keys.Tls13Result;
import io.tlsfleet.tls.registry.ProtocolVersion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * GET of {@code /} over a handshake of our own, without credentials: what the answer's head and page say.
 */
final class Page {
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private Page() {}

    static void ask(Ground ground, Wire wire, Found found) {
        if (ground.starttls() != null) {
            return;
        }
        String name = ground.serverName() != null ? ground.serverName() : ground.host();
        byte[] request = ("GET / HTTP/1.1\r\nHost: " + name
                        + "\r\nUser-Agent: tlsfleet\r\nAccept: */*\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        Optional<HelloShape> modern = ground.tls13("http/1.1");
        byte[] answer;
        if (modern.isPresent()) {
            Tls13Options options = Tls13Options.PLAIN.requesting(request).waiting(PATIENCE);
            Heard<Tls13Result> heard = wire.say(new Tls13Handshake(modern.get().hello(), ground.shares(), options));
            if (!(heard instanceof Heard.Told<Tls13Result>(Tls13Result result, Duration connect))) {
                return;
            }
            found.heard(result, connect);
            answer = result.applicationData();
        } else {
            ProtocolVersion version = ground.newestOlder().orElse(null);
            Optional<HelloShape> older = version == null ? Optional.empty() : ground.olderToFinish(version);
            if (older.isEmpty()) {
                return;
            }
            Tls12Options options =
                    Tls12Options.PLAIN.then(Tls12Options.After.request(request)).waiting(PATIENCE);
            HelloShape hello = older.get().with(Extensions.alpn(List.of("http/1.1")));
            Heard<Tls12Result> heard = wire.say(new Tls12Handshake(hello.hello(), ground.shares(), options));
            if (!(heard instanceof Heard.Told<Tls12Result>(Tls12Result result, Duration connect))) {
                return;
            }
            found.heard(result, connect);
            answer = result.applicationData();
        }
        Optional<HttpReading> page = HttpReading.of(answer);
        if (page.isPresent()) {
            found.http = page.get().http(ground.clock().instant());
        }
    }
}

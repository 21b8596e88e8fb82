package io.tlsfleet.scanner.probe.deep;

import io.tlsfleet.fleet.observation.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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
        byte[] request = ("GET / HTTP/1.1\r\nHost: " + ground.authority()
                        + "\r\nUser-Agent: tlsfleet\r\nAccept: */*\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        Inquiry.Answer answer = Inquiry.ask(ground, wire, found, request, PATIENCE, "http/1.1");
        if (answer.why() != null) {
            found.unknown("/http", answer.why());
            return;
        }
        Optional<HttpReading> page = HttpReading.of(answer.bytes(), answer.ended());
        if (page.isPresent()) {
            found.http = page.get().http(ground.clock().instant());
            if (page.get().page() == null) {
                found.unknown("/http/mixedContent", Reason.UNSUPPORTED);
            }
        } else if (HttpReading.isHttp(answer.bytes())) {
            found.unknown("/http", Reason.MALFORMED);
        }
    }
}

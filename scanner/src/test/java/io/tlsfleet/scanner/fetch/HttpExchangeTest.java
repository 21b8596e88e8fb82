package io.tlsfleet.scanner.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.Turn;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class HttpExchangeTest {
    /** One large read can pass the limit of the answer and that of the connection at once. */
    @Test
    void whatIsCutOffForItsSizeSaidNoLength() {
        HttpExchange exchange = new HttpExchange("crl.example", "/huge", null, "", 1 << 20);
        byte[] head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        assertThat(exchange.receive(head)).isEqualTo(Turn.WAIT);
        assertThat(exchange.end(Ending.TOO_MUCH).failure()).endsWith(HttpExchange.WITHOUT_LENGTH);
    }
}

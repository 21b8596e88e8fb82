package io.tlsfleet.scanner.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.tls.record.HandshakeMessage;
import io.tlsfleet.tls.record.HandshakeReader;
import io.tlsfleet.tls.record.RecordReader;
import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** The member {@code hello} of an NDJSON line: a handshake message in hex, or the records around it. */
final class HelloHex {
    private HelloHex() {}

    static HandshakeMessage read(JsonNode line) throws MalformedMessage {
        if (!line.path("hello").isTextual()) {
            throw new IllegalArgumentException("has no \"hello\" in hex");
        }
        byte[] bytes = HexFormat.of().parseHex(line.get("hello").asText().strip());
        HandshakeReader messages = new HandshakeReader();
        List<HandshakeMessage> whole = new ArrayList<>();
        if (bytes.length > 0 && bytes[0] == TlsRecord.HANDSHAKE) {
            for (TlsRecord record : new RecordReader().feed(bytes)) {
                if (record.type() == TlsRecord.HANDSHAKE) {
                    whole.addAll(messages.feed(record.fragment()));
                }
            }
        } else {
            whole.addAll(messages.feed(bytes));
        }
        if (whole.isEmpty()) {
            throw new MalformedMessage("hello: ends within the message, after " + bytes.length + " bytes");
        }
        int type = whole.getFirst().type();
        if (type != HandshakeMessage.CLIENT_HELLO && type != HandshakeMessage.SERVER_HELLO) {
            throw new MalformedMessage("hello: handshake type " + type + " is neither ClientHello nor ServerHello");
        }
        return whole.getFirst();
    }
}

package io.tlsfleet.tls.exchange;

import io.tlsfleet.tls.handshake.ClientHello;
import io.tlsfleet.tls.handshake.ServerMessage;
import io.tlsfleet.tls.record.HandshakeMessage;
import io.tlsfleet.tls.record.HandshakeReader;
import io.tlsfleet.tls.record.RecordReader;
import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.registry.AlertDescription;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sends one ClientHello and reads what can be read without keys: to TLS 1.2 the flight up to ServerHelloDone, in TLS
 * 1.3 the ServerHello or HelloRetryRequest. A warning alert is noted and read past, at most four times.
 */
public final class HelloExchange implements Conversation<ServerFlight> {
    private static final int MAX_WARNINGS = 4;
    private static final int MAX_IDLE_RECORDS = 16;

    private final byte[] opening;
    private final RecordReader records = new RecordReader();
    private final HandshakeReader handshake = new HandshakeReader();
    private final List<ServerMessage> messages = new ArrayList<>();
    private final ByteArrayOutputStream raw = new ByteArrayOutputStream();
    private @Nullable ProtocolVersion version;
    private @Nullable String unintelligible;
    private int warnings;
    private int idleRecords;

    public HelloExchange(ClientHello hello) {
        this(new TlsRecord(
                        TlsRecord.HANDSHAKE,
                        recordVersion(hello),
                        hello.encode().encode())
                .encode());
    }

    /** For hellos in records of a special shape. */
    public HelloExchange(byte[] opening) {
        this.opening = opening;
    }

    @Override
    public byte[] opening() {
        return opening;
    }

    @Override
    public Turn receive(byte[] chunk) {
        raw.writeBytes(chunk);
        try {
            records.add(chunk);
            for (Optional<TlsRecord> record = records.next(); record.isPresent(); record = records.next()) {
                if (take(record.get())) {
                    return Turn.FINISHED;
                }
            }
            return Turn.WAIT;
        } catch (MalformedMessage e) {
            unintelligible = e.getMessage();
            return Turn.FINISHED;
        }
    }

    @Override
    public ServerFlight end(Ending how) {
        return new ServerFlight(List.copyOf(messages), how, unintelligible, raw.toByteArray());
    }

    private boolean take(TlsRecord record) throws MalformedMessage {
        return switch (record.type()) {
            case TlsRecord.HANDSHAKE -> {
                List<HandshakeMessage> whole = handshake.feed(record.fragment());
                if (whole.isEmpty() && record.fragment().length == 0 && ++idleRecords > MAX_IDLE_RECORDS) {
                    throw new MalformedMessage("record: more than " + MAX_IDLE_RECORDS + " empty ones");
                }
                boolean finished = false;
                for (HandshakeMessage message : whole) {
                    finished |= take(message);
                }
                yield finished;
            }
            case TlsRecord.ALERT -> {
                ByteReader reader = ByteReader.of(record.fragment());
                ServerMessage.Alert alert = new ServerMessage.Alert(
                        reader.u8("alert level"), new AlertDescription(reader.u8("alert description")));
                messages.add(alert);
                yield !alert.isWarning() || alert.description().code() == 0 || ++warnings >= MAX_WARNINGS;
            }
            case TlsRecord.CHANGE_CIPHER_SPEC -> {
                if (++idleRecords > MAX_IDLE_RECORDS) {
                    throw new MalformedMessage("record: more than " + MAX_IDLE_RECORDS + " change_cipher_spec");
                }
                yield false;
            }
            default -> throw new MalformedMessage("record: content type " + record.type() + " before any key");
        };
    }

    private boolean take(HandshakeMessage message) throws MalformedMessage {
        byte[] body = message.body();
        switch (message.type()) {
            case HandshakeMessage.SERVER_HELLO -> {
                ServerMessage.ServerHello hello = ServerMessage.ServerHello.decode(body);
                messages.add(hello);
                version = hello.version();
                return version.compareTo(ProtocolVersion.TLS_1_3) >= 0;
            }
            case HandshakeMessage.CERTIFICATE -> messages.add(ServerMessage.Certificate.decodeTls12(body));
            case HandshakeMessage.CERTIFICATE_STATUS -> messages.add(ServerMessage.CertificateStatus.decode(body));
            case HandshakeMessage.SERVER_KEY_EXCHANGE -> messages.add(new ServerMessage.ServerKeyExchange(body));
            case HandshakeMessage.CERTIFICATE_REQUEST ->
                messages.add(ServerMessage.CertificateRequest.decodeTls12(
                        body, version != null && version.compareTo(ProtocolVersion.TLS_1_2) >= 0));
            case HandshakeMessage.SERVER_HELLO_DONE -> {
                messages.add(new ServerMessage.ServerHelloDone());
                return true;
            }
            case HandshakeMessage.HELLO_REQUEST -> messages.add(new ServerMessage.HelloRequest());
            default -> messages.add(new ServerMessage.Other(message.type(), body));
        }
        return false;
    }

    /** TLS 1.0 on the outside for anything above SSL 3.0 (RFC 8446 section 5.1). */
    private static int recordVersion(ClientHello hello) {
        return Math.min(hello.legacyVersion().code(), ProtocolVersion.TLS_1_0.code());
    }
}

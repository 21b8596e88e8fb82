package io.tlsfleet.tls.sslv2;

import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.Turn;
import io.tlsfleet.tls.record.TlsRecord;
import io.tlsfleet.tls.registry.AlertDescription;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Sends an SSL 2.0 CLIENT-HELLO and reads one answer, of SSL 2.0 or of a later version. */
public final class Sslv2Exchange implements Conversation<Sslv2Answer> {
    private static final int MAX_ANSWER = 0x7FFF + 3;
    private static final int SERVER_HELLO = 4;
    private static final int ERROR = 0;
    private static final int ERROR_RECORD = 5;

    private final Sslv2ClientHello hello;
    private byte[] received = new byte[0];
    private @Nullable Sslv2Answer answer;

    public Sslv2Exchange(Sslv2ClientHello hello) {
        this.hello = hello;
    }

    @Override
    public byte[] opening() {
        return hello.encode();
    }

    @Override
    public Turn receive(byte[] chunk) {
        int room = Math.min(chunk.length, MAX_ANSWER - received.length);
        byte[] all = Arrays.copyOf(received, received.length + room);
        System.arraycopy(chunk, 0, all, received.length, room);
        received = all;
        try {
            answer = read(received).orElse(null);
        } catch (MalformedMessage e) {
            answer = new Sslv2Answer.Unintelligible(String.valueOf(e.getMessage()));
        }
        return answer == null && received.length < MAX_ANSWER ? Turn.WAIT : Turn.FINISHED;
    }

    @Override
    public Sslv2Answer end(Ending how) {
        return answer != null ? answer : new Sslv2Answer.None(how, received.length);
    }

    /** Whether this is SSL 2.0's own error and nothing else: how a server that knows no other version refuses a hello of TLS. */
    public static boolean isError(byte[] bytes) {
        try {
            return bytes.length == ERROR_RECORD && read(bytes).orElse(null) instanceof Sslv2Answer.Sslv2Error;
        } catch (MalformedMessage e) {
            return false;
        }
    }

    /** Empty: more bytes are needed. */
    static Optional<Sslv2Answer> read(byte[] bytes) throws MalformedMessage {
        if (bytes.length == 0) {
            return Optional.empty();
        }
        int first = bytes[0] & 0xFF;
        if (first == TlsRecord.ALERT) {
            return alert(bytes);
        }
        if (first >= TlsRecord.CHANGE_CIPHER_SPEC
                && first <= TlsRecord.APPLICATION_DATA
                && bytes.length > 1
                && bytes[1] == 3) {
            throw new MalformedMessage("answer: a TLS record of type " + first + " to an SSL 2.0 hello");
        }
        boolean padded = (first & 0x80) == 0;
        int header = padded ? 3 : 2;
        if (bytes.length < header) {
            return Optional.empty();
        }
        int length = (first & (padded ? 0x3F : 0x7F)) << 8 | bytes[1] & 0xFF;
        int padding = padded ? bytes[2] & 0xFF : 0;
        if (length - padding < 1) {
            throw new MalformedMessage("record: " + length + " bytes with " + padding + " of padding");
        }
        if (bytes.length > header) {
            int type = bytes[header] & 0xFF;
            if (type != SERVER_HELLO && type != ERROR) {
                throw new MalformedMessage("answer: message type " + type);
            }
        }
        if (bytes.length < header + length) {
            return Optional.empty();
        }
        return Optional.of(message(ByteReader.of(bytes, header, length - padding)));
    }

    private static Sslv2Answer message(ByteReader reader) throws MalformedMessage {
        if (reader.u8("message type") == ERROR) {
            int code = reader.u16("error code");
            reader.end("error");
            return new Sslv2Answer.Sslv2Error(code);
        }
        reader.u8("session_id_hit");
        int certificateType = reader.u8("certificate_type");
        int version = reader.u16("server_version");
        if (version != 0x0002) {
            throw new MalformedMessage("server_version: 0x%04X".formatted(version));
        }
        int certificateLength = reader.u16("certificate_length");
        int ciphersLength = reader.u16("cipher_specs_length");
        int connectionIdLength = reader.u16("connection_id_length");
        byte[] certificate = reader.take(certificateLength, "certificate");
        ByteReader kinds = reader.sub(ciphersLength, "cipher_specs");
        List<CipherSuite> ciphers = new java.util.ArrayList<>();
        while (!kinds.isEmpty()) {
            ciphers.add(new CipherSuite(kinds.u24("cipher_kind")));
        }
        reader.take(connectionIdLength, "connection_id");
        reader.end("server_hello");
        return new Sslv2Answer.ServerHello(version, certificateType, certificate, List.copyOf(ciphers));
    }

    private static Optional<Sslv2Answer> alert(byte[] bytes) throws MalformedMessage {
        // s2n writes the version that it was asked for into its record
        boolean versionIsOurs = bytes.length > 1 && bytes[1] == 0 && (bytes.length == 2 || bytes[2] == 2);
        if (bytes.length > 1 && bytes[1] != 3 && !versionIsOurs) {
            throw new MalformedMessage("answer: begins like an alert and is none");
        }
        if (bytes.length < 7) {
            return Optional.empty();
        }
        ByteReader reader = ByteReader.of(bytes, 3, bytes.length - 3);
        if (reader.u16("alert length") != 2) {
            throw new MalformedMessage("alert: not two bytes long");
        }
        return Optional.of(new Sslv2Answer.TlsAlert(
                reader.u8("alert level"), new AlertDescription(reader.u8("alert description"))));
    }
}

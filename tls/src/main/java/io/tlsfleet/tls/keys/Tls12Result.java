package io.tlsfleet.tls.keys;

import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.handshake.ServerMessage;
import io.tlsfleet.tls.record.HandshakeMessage;
import io.tlsfleet.tls.record.TlsRecord;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a handshake below TLS 1.3 brought to light. {@code messages} holds all that were read up to the server's Finished,
 * alerts among them; {@code after} the records behind it, in the clear.
 */
public record Tls12Result(
        Step reached,
        List<ServerMessage> messages,
        List<TlsRecord> after,
        @Nullable Tls12Session session,
        boolean resumed,
        @Nullable Long handshakeNanos,
        Ending ending,
        @Nullable String unintelligible,
        @Nullable String unsupported) {

    /** Each with all before it. */
    public enum Step {
        NOTHING,
        SERVER_HELLO,
        /** The server's flight is whole, and our key exchange and Finished are sent. */
        ANSWERED,
        /** The server's Finished is right. */
        FINISHED
    }

    public boolean finished() {
        return reached == Step.FINISHED;
    }

    public Optional<ServerMessage.ServerHello> serverHello() {
        return first(ServerMessage.ServerHello.class);
    }

    /** The first fatal alert, before or after Finished. */
    public Optional<ServerMessage.Alert> alert() {
        return alerts().stream().filter(a -> !a.isWarning()).findFirst();
    }

    /** Every alert in order. */
    public List<ServerMessage.Alert> alerts() {
        return java.util.stream.Stream.concat(
                        messages.stream()
                                .filter(ServerMessage.Alert.class::isInstance)
                                .map(ServerMessage.Alert.class::cast),
                        after.stream()
                                .filter(r -> r.type() == TlsRecord.ALERT && r.fragment().length == 2)
                                .map(r -> new ServerMessage.Alert(
                                        r.fragment()[0] & 0xFF,
                                        new io.tlsfleet.tls.registry.AlertDescription(r.fragment()[1] & 0xFF))))
                .toList();
    }

    public boolean askedForCertificate() {
        return first(ServerMessage.CertificateRequest.class).isPresent();
    }

    /** After Finished the server asked for another handshake: for a stronger suite, or for a certificate. */
    public boolean askedToRenegotiate() {
        return after.stream().anyMatch(Tls12Result::isHelloRequest);
    }

    static boolean isHelloRequest(TlsRecord record) {
        return record.type() == TlsRecord.HANDSHAKE
                && record.fragment().length > 0
                && record.fragment()[0] == HandshakeMessage.HELLO_REQUEST;
    }

    public byte[] applicationData() {
        java.io.ByteArrayOutputStream data = new java.io.ByteArrayOutputStream();
        after.stream().filter(r -> r.type() == TlsRecord.APPLICATION_DATA).forEach(r -> data.writeBytes(r.fragment()));
        return data.toByteArray();
    }

    public <M extends ServerMessage> Optional<M> first(Class<M> kind) {
        return messages.stream().filter(kind::isInstance).map(kind::cast).findFirst();
    }
}

package io.tlsfleet.tls.keys;

import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.handshake.ServerMessage;
import io.tlsfleet.tls.registry.AlertDescription;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a TLS 1.3 handshake brought to light: how far it came, and every message in order and in the clear, alerts
 * among them. {@code unintelligible} says which of the server's bytes made no sense, {@code unsupported} what we could not do
 * ourselves. {@code handshakeNanos} is from our hello to our Finished.
 */
public record Tls13Result(
        Step reached,
        List<ServerMessage> messages,
        List<SessionTicket> tickets,
        boolean resumed,
        byte[] applicationData,
        @Nullable Long handshakeNanos,
        Ending ending,
        @Nullable String unintelligible,
        @Nullable String unsupported) {

    /** Each with all before it; a resumed handshake passes over the certificate. */
    public enum Step {
        NOTHING,
        /** A HelloRetryRequest was answered. */
        RETRIED,
        /** The server chose an older version; its flight stands in the messages as far as it came. */
        OLDER_VERSION,
        SERVER_HELLO,
        ENCRYPTED_EXTENSIONS,
        CERTIFICATE,
        CERTIFICATE_VERIFY,
        /** The server's Finished is right and ours is sent. */
        FINISHED,
        /**
         * Something other than a fatal alert came under the application keys: our Finished was taken. Where the server has asked for
         * a certificate, close_notify alone is not that.
         */
        CONFIRMED
    }

    private static final AlertDescription CERTIFICATE_REQUIRED = AlertDescription.named("certificate_required");

    public boolean finished() {
        return reached.compareTo(Step.FINISHED) >= 0;
    }

    /** The answer that is no HelloRetryRequest. */
    public Optional<ServerMessage.ServerHello> serverHello() {
        return all(ServerMessage.ServerHello.class).stream()
                .filter(h -> !h.isHelloRetryRequest())
                .findFirst();
    }

    public Optional<ServerMessage.ServerHello> retryRequest() {
        return all(ServerMessage.ServerHello.class).stream()
                .filter(ServerMessage.ServerHello::isHelloRetryRequest)
                .findFirst();
    }

    /** The first fatal alert; in TLS 1.3 all are fatal but close_notify and user_canceled, whatever their level says. */
    public Optional<ServerMessage.Alert> alert() {
        return all(ServerMessage.Alert.class).stream()
                .filter(a -> Tls13Handshake.isFatal(a, reached))
                .findFirst();
    }

    public boolean askedForCertificate() {
        return first(ServerMessage.CertificateRequest.class).isPresent();
    }

    /**
     * A fatal alert after our Finished, which is where TLS 1.3 refuses a client without a certificate; what a server may have sent
     * before it had read that Finished does not stand against the alert that says so.
     */
    public boolean refusedAfterFinished() {
        return alert().filter(alert -> reached == Step.FINISHED
                        || reached == Step.CONFIRMED && alert.description().equals(CERTIFICATE_REQUIRED))
                .isPresent();
    }

    public boolean earlyDataAccepted() {
        return first(ServerMessage.EncryptedExtensions.class)
                .flatMap(e -> e.extension(Extensions.EARLY_DATA))
                .isPresent();
    }

    /**
     * The groups that the server says it has, in its order (RFC 8446 section 4.2.7); OpenSSL says so where the client's share was not
     * of its favourite. None where it said nothing, or nothing that can be read.
     */
    public List<NamedGroup> statedGroups() {
        byte[] data = first(ServerMessage.EncryptedExtensions.class)
                .flatMap(e -> e.extension(Extensions.SUPPORTED_GROUPS))
                .orElse(new byte[] {0, 0});
        try {
            return ByteReader.of(data).sub16("supported_groups").u16List("supported_groups").stream()
                    .map(NamedGroup::new)
                    .distinct()
                    .toList();
        } catch (MalformedMessage e) {
            return List.of();
        }
    }

    public <M extends ServerMessage> Optional<M> first(Class<M> kind) {
        return messages.stream().filter(kind::isInstance).map(kind::cast).findFirst();
    }

    public <M extends ServerMessage> List<M> all(Class<M> kind) {
        return messages.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}

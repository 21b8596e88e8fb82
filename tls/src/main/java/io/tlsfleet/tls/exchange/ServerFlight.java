package io.tlsfleet.tls.exchange;

import io.tlsfleet.tls.handshake.ServerMessage;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The server's answer to one hello: every message that could be read, in order, how the connection ended, and, when
 * the bytes ceased to make sense, which part did ({@code unintelligible}). {@code raw} is what came, for evidence.
 */
public record ServerFlight(
        List<ServerMessage> messages,
        Ending ending,
        @Nullable String unintelligible,
        byte[] raw) {

    public Optional<ServerMessage.ServerHello> serverHello() {
        return first(ServerMessage.ServerHello.class);
    }

    public Optional<ServerMessage.Certificate> certificate() {
        return first(ServerMessage.Certificate.class);
    }

    /** The first fatal alert, else the first of any level. */
    public Optional<ServerMessage.Alert> alert() {
        for (ServerMessage message : messages) {
            if (message instanceof ServerMessage.Alert alert && !alert.isWarning()) {
                return Optional.of(alert);
            }
        }
        return first(ServerMessage.Alert.class);
    }

    public boolean isComplete() {
        return first(ServerMessage.ServerHelloDone.class).isPresent();
    }

    public <M extends ServerMessage> Optional<M> first(Class<M> kind) {
        for (ServerMessage message : messages) {
            if (kind.isInstance(message)) {
                return Optional.of(kind.cast(message));
            }
        }
        return Optional.empty();
    }
}

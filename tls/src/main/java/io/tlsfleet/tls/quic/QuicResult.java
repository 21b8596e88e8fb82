package io.tlsfleet.tls.quic;

import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.handshake.ServerMessage;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a QUIC handshake brought to light. {@code otherVersions} is what a Version Negotiation offered instead of ours;
 * {@code closeCode} the error a server hung up with, 0x100 + alert for TLS's own.
 */
public record QuicResult(
        Step reached,
        List<ServerMessage> messages,
        List<Integer> otherVersions,
        Optional<Long> closeCode,
        boolean retried,
        Ending ending,
        @Nullable String unintelligible,
        @Nullable String unsupported) {

    /** Each with all before it. */
    public enum Step {
        SILENCE,
        /** A packet that answers ours: a Version Negotiation, a Retry, an Initial. */
        ANSWERED,
        SERVER_HELLO,
        /** The server's Finished is right. */
        FINISHED
    }

    public boolean finished() {
        return reached == Step.FINISHED;
    }

    public <M extends ServerMessage> Optional<M> first(Class<M> kind) {
        return messages.stream().filter(kind::isInstance).map(kind::cast).findFirst();
    }
}

package io.tlsfleet.scanner.starttls;

import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.nio.charset.StandardCharsets;

/** Another's dialogue, with something more in the segment that asks for TLS. */
final class InjectingDialogue implements Dialogue {
    private final Dialogue inner;
    private final byte[] injected;

    InjectingDialogue(Dialogue inner, byte[] injected) {
        this.inner = inner;
        this.injected = injected;
    }

    @Override
    public byte[] opening() {
        return inner.opening();
    }

    @Override
    public Move next(Incoming in) throws MalformedMessage {
        Move move = inner.next(in);
        return move instanceof Move.Say(byte[] bytes) && asksForTls(bytes)
                ? new Move.Say(new ByteWriter().raw(bytes).raw(injected).toBytes())
                : move;
    }

    private static boolean asksForTls(byte[] said) {
        String text = new String(said, StandardCharsets.US_ASCII);
        return text.contains("STARTTLS") || text.startsWith("STLS") || text.startsWith("AUTH TLS");
    }
}

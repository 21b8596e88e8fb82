package io.tlsfleet.tls.quic;

import io.tlsfleet.tls.exchange.DatagramConversation;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Asks for the versions of a server by naming one that is reserved for this (RFC 9000 sections 6.3 and 15): it answers with all it
 * has. The rest looks like an Initial packet, with no token, because quiche reads that before it minds the version. Empty when
 * it did not answer.
 */
public final class VersionQuestion implements DatagramConversation<Optional<List<Integer>>> {
    private static final int RESERVED = 0x1A2A3A4A;
    private static final int DATAGRAM = 1200;
    private static final int TRIES = 3;
    private static final Duration PATIENCE = Duration.ofMillis(500);

    private final byte[] destinationId = new byte[8];
    private final byte[] sourceId = new byte[8];
    private final byte[] datagram;
    private Optional<List<Integer>> versions = Optional.empty();
    private int tries = 1;

    public VersionQuestion(RandomGenerator random) {
        random.nextBytes(destinationId);
        random.nextBytes(sourceId);
        byte[] filling = new byte[DATAGRAM - 1 - 4 - 2 - destinationId.length - sourceId.length - 1 - 2];
        random.nextBytes(filling);
        datagram = ByteWriter.write(w -> {
            w.u8(0xC0).u32(RESERVED).vec8(destinationId).vec8(sourceId);
            w.u8(0);
            InitialPacket.varint(w, filling.length);
            w.raw(filling);
        });
    }

    @Override
    public Step opening() {
        return new Step(List.of(datagram), false);
    }

    @Override
    public Step receive(byte[] answer) {
        try {
            Optional<LongPacket> packet = LongPacket.read(answer, 0);
            if (packet.isPresent()
                    && packet.get().kind() == LongPacket.Kind.VERSION_NEGOTIATION
                    && Arrays.equals(packet.get().destinationId(), sourceId)
                    && Arrays.equals(packet.get().sourceId(), destinationId)) {
                versions =
                        Optional.of(packet.get().versions().stream().distinct().toList());
            }
        } catch (MalformedMessage e) {
            // Whoever sent this may still send the answer.
            return new Step(List.of(), false);
        }
        return new Step(List.of(), versions.isPresent());
    }

    @Override
    public Optional<Duration> patience() {
        return versions.isPresent() ? Optional.empty() : Optional.of(PATIENCE);
    }

    @Override
    public Step quiet() {
        return ++tries > TRIES ? new Step(List.of(), true) : opening();
    }

    @Override
    public Optional<List<Integer>> end(Ending how) {
        return versions;
    }
}

package io.tlsfleet.tls.quic;

import io.tlsfleet.tls.keys.Aead;
import io.tlsfleet.tls.wire.ByteWriter;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;

/** The integrity tag of a Retry packet (RFC 9001 section 5.8, RFC 9369 section 3.3.3). */
final class Retry {
    private static final Map<QuicVersion, String[]> SECRETS = Map.of(
            QuicVersion.V1, new String[] {"be0c690b9f66575a1d766b54e368c84e", "461599d35d632bf2239825bb"},
            QuicVersion.V2, new String[] {"8fb4b01b56ac48e260fbcbcead7ccc92", "d86969bc2d7c6d9990efb04a"},
            QuicVersion.DRAFT_29, new String[] {"ccce187ed09a09d05728155a6cb96be1", "e54930f97f2136f0530a8c1c"});

    private Retry() {}

    /** Whether the datagram, a Retry packet, answers an Initial that was sent to {@code originalDestinationId}. */
    static boolean isGenuine(QuicVersion version, byte[] datagram, byte[] originalDestinationId) {
        String[] secrets = SECRETS.get(version);
        if (secrets == null || datagram.length < LongPacket.TAG) {
            return false;
        }
        int end = datagram.length - LongPacket.TAG;
        byte[] pseudo = ByteWriter.write(w -> w.vec8(originalDestinationId).raw(Arrays.copyOf(datagram, end)));
        HexFormat hex = HexFormat.of();
        byte[] tag = new Aead(Aead.Algorithm.AES_128_GCM, hex.parseHex(secrets[0]))
                .seal(hex.parseHex(secrets[1]), pseudo, new byte[0]);
        return MessageDigest.isEqual(tag, Arrays.copyOfRange(datagram, end, datagram.length));
    }
}

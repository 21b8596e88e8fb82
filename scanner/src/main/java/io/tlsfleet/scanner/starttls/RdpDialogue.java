package io.tlsfleet.scanner.starttls;

import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.MalformedMessage;

/** RDP: an X.224 connection request with a negotiation request for TLS ([MS-RDPBCGR] 2.2.1.1 and 2.2.1.2). */
final class RdpDialogue implements Dialogue {
    private static final int TPKT_HEADER = 4;
    private static final int MAX_PACKET = 1024;
    private static final int CONNECTION_CONFIRM = 0xD0;
    private static final int NEGOTIATION_RESPONSE = 2;
    private static final int NEGOTIATION_FAILURE = 3;

    @Override
    public byte[] opening() {
        // TLS or CredSSP, which begins with TLS too.
        return new byte[] {3, 0, 0, 19, 14, (byte) 0xE0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 3, 0, 0, 0};
    }

    @Override
    public Move next(Incoming in) throws MalformedMessage {
        if (in.size() > 0 && in.at(0) != 3) {
            throw new MalformedMessage("starttls: no TPKT packet");
        }
        if (in.size() < TPKT_HEADER) {
            return Move.WAIT;
        }
        int length = in.at(2) << 8 | in.at(3);
        if (length < TPKT_HEADER + 7 || length > MAX_PACKET) {
            throw new MalformedMessage("starttls: a TPKT packet of " + length + " bytes");
        }
        if (in.size() < length) {
            return Move.WAIT;
        }
        ByteReader packet = ByteReader.of(in.take(length));
        packet.take(TPKT_HEADER + 1, "TPKT");
        int kind = packet.u8("X.224 type");
        if ((kind & 0xF0) != CONNECTION_CONFIRM) {
            throw new MalformedMessage("starttls: X.224 type 0x%02X".formatted(kind));
        }
        packet.take(5, "X.224 references");
        if (packet.isEmpty()) {
            return new Move.No("RDP's own security only");
        }
        int type = packet.u8("negotiation type");
        packet.take(3, "negotiation flags and length");
        int value = packet.u8("negotiation value");
        return switch (type) {
            case NEGOTIATION_RESPONSE ->
                value == 0 ? new Move.No("RDP's own security chosen") : new Move.Ready(new byte[0]);
            case NEGOTIATION_FAILURE -> new Move.No("RDP negotiation failure " + value);
            default -> throw new MalformedMessage("starttls: RDP negotiation type " + type);
        };
    }
}

package io.tlsfleet.tls.quic;

import java.security.GeneralSecurityException;

/** One direction's keys of one encryption level (RFC 9001 section 5): payload and header are protected apart. */
interface PacketProtection {
    /** Opens a payload with its tag; throws when it is not ours or was changed. */
    byte[] open(long packetNumber, byte[] header, byte[] sealed) throws GeneralSecurityException;

    byte[] seal(long packetNumber, byte[] header, byte[] payload);

    /** Five bytes of mask for a sample of sixteen (RFC 9001 section 5.4). */
    byte[] mask(byte[] sample);
}

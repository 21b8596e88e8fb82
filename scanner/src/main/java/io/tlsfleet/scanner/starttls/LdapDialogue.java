package io.tlsfleet.scanner.starttls;

import io.tlsfleet.tls.wire.ByteReader;
import io.tlsfleet.tls.wire.ByteWriter;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.nio.charset.StandardCharsets;

/** RFC 4511 section 4.14: an extended request, message 1, and its response. */
final class LdapDialogue implements Dialogue {
    private static final byte[] OID = "1.3.6.1.4.1.1466.20037".getBytes(StandardCharsets.US_ASCII);
    private static final int SEQUENCE = 0x30;
    private static final int EXTENDED_REQUEST = 0x77;
    private static final int EXTENDED_RESPONSE = 0x78;
    private static final int BUSY = 51;
    private static final int MAX_MESSAGE = 16 * 1024;

    @Override
    public byte[] opening() {
        byte[] name = new ByteWriter().u8(0x80).vec8(OID).toBytes();
        byte[] request = new ByteWriter()
                .raw(new byte[] {2, 1, 1})
                .u8(EXTENDED_REQUEST)
                .vec8(name)
                .toBytes();
        return new ByteWriter().u8(SEQUENCE).vec8(request).toBytes();
    }

    @Override
    public Move next(Incoming in) throws MalformedMessage {
        if (in.size() == 0) {
            return Move.WAIT;
        }
        if (in.at(0) != SEQUENCE) {
            throw new MalformedMessage("starttls: no LDAP message");
        }
        if (in.size() < 2) {
            return Move.WAIT;
        }
        int lengthBytes = in.at(1) < 0x80 ? 0 : in.at(1) & 0x7F;
        if (lengthBytes > 4) {
            throw new MalformedMessage("starttls: an LDAP message without a usable length");
        }
        if (in.size() < 2 + lengthBytes) {
            return Move.WAIT;
        }
        long length = lengthBytes == 0 ? in.at(1) : 0;
        for (int i = 0; i < lengthBytes; i++) {
            length = length << 8 | in.at(2 + i);
        }
        if (length > MAX_MESSAGE) {
            throw new MalformedMessage("starttls: an LDAP message of " + length + " bytes");
        }
        if (in.size() < 2 + lengthBytes + length) {
            return Move.WAIT;
        }
        in.take(2 + lengthBytes);
        return read(ByteReader.of(in.take((int) length)));
    }

    private static Move read(ByteReader message) throws MalformedMessage {
        value(message, 0x02);
        ByteReader response = value(message, EXTENDED_RESPONSE);
        byte[] result = value(response, 0x0A).rest();
        if (result.length == 1 && result[0] == 0) {
            return new Move.Ready(new byte[0]);
        }
        value(response, 0x04);
        boolean busy = result.length == 1 && result[0] == BUSY;
        String text = new String(value(response, 0x04).rest(), StandardCharsets.ISO_8859_1);
        String said = "LDAP result " + (result.length == 1 ? result[0] & 0xFF : "?") + " " + text;
        return busy ? new Move.Later(said) : new Move.No(said);
    }

    private static ByteReader value(ByteReader reader, int tag) throws MalformedMessage {
        int found = reader.u8("LDAP tag");
        if (found != tag) {
            throw new MalformedMessage("starttls: LDAP tag 0x%02X where 0x%02X is due".formatted(found, tag));
        }
        int length = reader.u8("LDAP length");
        if (length == 0x81) {
            length = reader.u8("LDAP length");
        } else if (length == 0x82) {
            length = reader.u16("LDAP length");
        } else if (length == 0x84) {
            length = (int) Math.min(reader.u32("LDAP length"), Integer.MAX_VALUE);
        } else if (length > 0x7F) {
            throw new MalformedMessage("starttls: an LDAP length of " + length);
        }
        return reader.sub(length, "LDAP value");
    }
}

package io.tlsfleet.tls.x509.der;

import io.tlsfleet.tls.wire.MalformedMessage;
import org.jspecify.annotations.Nullable;

/** Walks the elements of a slice one after another. */
public final class DerReader {
    private final byte[] bytes;
    private final int end;
    private final boolean lenient;
    private int at;

    DerReader(byte[] bytes, int from, int end, boolean lenient) {
        this.lenient = lenient;
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    public boolean isEmpty() {
        return at == end;
    }

    public int remaining() {
        return end - at;
    }

    public Der next(String part) throws MalformedMessage {
        int start = at;
        int tag = octet(part);
        if ((tag & 0x1F) == 0x1F) {
            int octets = 0;
            int octet;
            do {
                octet = octet(part);
                tag = tag << 8 | octet;
                if (++octets > 2) {
                    throw new MalformedMessage(part + ": tag number is too large");
                }
            } while ((octet & 0x80) != 0);
        }
        int length = octet(part);
        boolean minimal = true;
        if (length > 0x7F) {
            int octets = length & 0x7F;
            if (octets == 0) {
                throw new MalformedMessage(part + ": indefinite length at offset " + start);
            }
            if (octets > 4) {
                throw new MalformedMessage(part + ": length of " + octets + " octets at offset " + start);
            }
            long wide = 0;
            for (int i = 0; i < octets; i++) {
                wide = wide << 8 | octet(part);
            }
            minimal = wide > 0x7F && wide >> 8 * (octets - 1) != 0;
            length = (int) Math.min(wide, Integer.MAX_VALUE);
        }
        if (length > end - at) {
            if (lenient && ((tag & 0x20) != 0 || tag == Der.OCTET_STRING)) {
                length = end - at;
            } else {
                throw new MalformedMessage(
                        part + ": wants " + length + " bytes at offset " + at + ", has " + (end - at));
            }
        }
        int from = at;
        at += length;
        return new Der(bytes, tag, start, from, at, minimal, lenient);
    }

    public Der next(int tag, String part) throws MalformedMessage {
        return next(part).expect(tag, part);
    }

    /** The next element if it has this tag, else null and nothing is taken. */
    public @Nullable Der optional(int tag, String part) throws MalformedMessage {
        return at < end && (bytes[at] & 0xFF) == tag ? next(part) : null;
    }

    public boolean nextIs(int tag) {
        return at < end && (bytes[at] & 0xFF) == tag;
    }

    public void end(String part) throws MalformedMessage {
        if (!isEmpty()) {
            throw new MalformedMessage(part + ": " + remaining() + " bytes too many at offset " + at);
        }
    }

    private int octet(String part) throws MalformedMessage {
        if (at == end) {
            throw new MalformedMessage(part + ": ends at offset " + at);
        }
        return bytes[at++] & 0xFF;
    }
}

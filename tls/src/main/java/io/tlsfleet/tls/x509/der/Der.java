package io.tlsfleet.tls.x509.der;

import io.tlsfleet.tls.wire.MalformedMessage;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One element: an identifier and a slice of an array that is shared by all elements of the same encoding. */
public final class Der {
    public static final int BOOLEAN = 0x01;
    public static final int INTEGER = 0x02;
    public static final int BIT_STRING = 0x03;
    public static final int OCTET_STRING = 0x04;
    public static final int NULL = 0x05;
    public static final int OID = 0x06;
    public static final int ENUMERATED = 0x0A;
    public static final int UTF8_STRING = 0x0C;
    public static final int PRINTABLE_STRING = 0x13;
    public static final int TELETEX_STRING = 0x14;
    public static final int IA5_STRING = 0x16;
    public static final int UTC_TIME = 0x17;
    public static final int GENERALIZED_TIME = 0x18;
    public static final int VISIBLE_STRING = 0x1A;
    public static final int UNIVERSAL_STRING = 0x1C;
    public static final int BMP_STRING = 0x1E;
    public static final int SEQUENCE = 0x30;
    public static final int SET = 0x31;

    private static final int MAX_OID_ARCS = 64;

    private final byte[] bytes;
    private final int tag;
    private final int start;
    private final int from;
    private final int end;
    private final boolean minimal;
    private final boolean lenient;

    Der(byte[] bytes, int tag, int start, int from, int end, boolean minimal, boolean lenient) {
        this.bytes = bytes;
        this.tag = tag;
        this.start = start;
        this.from = from;
        this.end = end;
        this.minimal = minimal;
        this.lenient = lenient;
    }

    /** The one element that fills the array. */
    public static Der of(byte[] bytes) throws MalformedMessage {
        DerReader reader = new DerReader(bytes, 0, bytes.length, false);
        Der element = reader.next("element");
        reader.end("element");
        return element;
    }

    /** The element at the front of the array, whatever follows. */
    public static Der front(byte[] bytes) throws MalformedMessage {
        return new DerReader(bytes, 0, bytes.length, false).next("element");
    }

    /** The same of bytes that were cut: what has others inside may end early, here and further in. */
    public static Der cut(byte[] bytes) throws MalformedMessage {
        return new DerReader(bytes, 0, bytes.length, true).next("element");
    }

    /** Context-specific tag, constructed. */
    public static int explicit(int number) {
        return 0xA0 | number;
    }

    /** Context-specific tag, primitive. */
    public static int implicit(int number) {
        return 0x80 | number;
    }

    /** The identifier octet; tags with a number above 30 have all their octets here, the first one topmost. */
    public int tag() {
        return tag;
    }

    public boolean is(int expected) {
        return tag == expected;
    }

    /** Whether the length is written as DER demands. */
    public boolean minimalLength() {
        return minimal;
    }

    public int length() {
        return end - from;
    }

    /** Header and content. */
    public byte[] encoded() {
        return Arrays.copyOfRange(bytes, start, end);
    }

    public byte[] content() {
        return Arrays.copyOfRange(bytes, from, end);
    }

    /** Bytes of this and all that was read with it, from the start of this element on. */
    public int size() {
        return end - start;
    }

    /** Looks into the content, as a constructed element or an OCTET STRING that wraps others. */
    public DerReader reader() {
        return new DerReader(bytes, from, end, lenient);
    }

    public Der expect(int expected, String part) throws MalformedMessage {
        if (tag != expected) {
            throw new MalformedMessage("%s: tag 0x%02X where 0x%02X belongs".formatted(part, tag, expected));
        }
        return this;
    }

    public List<Der> children(String part, int most) throws MalformedMessage {
        List<Der> children = new ArrayList<>();
        DerReader reader = reader();
        while (!reader.isEmpty()) {
            if (children.size() == most) {
                throw new MalformedMessage(part + ": more than " + most + " elements");
            }
            children.add(reader.next(part));
        }
        return children;
    }

    public BigInteger integer(String part) throws MalformedMessage {
        if (end == from) {
            throw new MalformedMessage(part + ": empty INTEGER");
        }
        return new BigInteger(bytes, from, end - from);
    }

    /** Whether an INTEGER is written in the fewest octets. */
    public boolean minimalInteger() {
        return end - from > 0
                && (end - from == 1
                        || !(bytes[from] == 0 && bytes[from + 1] >= 0 || bytes[from] == -1 && bytes[from + 1] < 0));
    }

    public int smallInteger(String part) throws MalformedMessage {
        if (end - from < 1 || end - from > 4) {
            throw new MalformedMessage(part + ": INTEGER of " + (end - from) + " octets");
        }
        return integer(part).intValueExact();
    }

    public boolean bool(String part) throws MalformedMessage {
        if (end - from != 1) {
            throw new MalformedMessage(part + ": BOOLEAN of " + (end - from) + " octets");
        }
        return bytes[from] != 0;
    }

    /** DER knows FALSE as 00 and TRUE as FF. */
    public boolean minimalBool() {
        return end - from == 1 && (bytes[from] == 0 || bytes[from] == (byte) 0xFF);
    }

    /** The octets of a BIT STRING without unused bits. */
    public byte[] bitString(String part) throws MalformedMessage {
        if (end - from < 1 || bytes[from] != 0) {
            throw new MalformedMessage(part + ": BIT STRING is empty or has unused bits");
        }
        return Arrays.copyOfRange(bytes, from + 1, end);
    }

    /** Bits as a mask, bit 0 of ASN.1 lowest; at most 32 are looked at. */
    public int namedBits(String part) throws MalformedMessage {
        int octets = end - from - 1;
        int unused = octets < 0 ? -1 : bytes[from];
        if (octets < 0 || unused < 0 || unused > 7 || octets == 0 && unused > 0) {
            throw new MalformedMessage(part + ": BIT STRING is malformed");
        }
        if (octets > 0 && (bytes[end - 1] & (1 << unused) - 1) != 0) {
            throw new MalformedMessage(part + ": BIT STRING has unused bits that are set");
        }
        int mask = 0;
        for (int bit = 0; bit < Math.min(32, octets * 8 - unused); bit++) {
            if ((bytes[from + 1 + bit / 8] & 0x80 >> bit % 8) != 0) {
                mask |= 1 << bit;
            }
        }
        return mask;
    }

    /** A list of named bits ends with a bit that is set (X.690 section 11.2.2). */
    public boolean minimalBits() {
        int octets = end - from - 1;
        return octets == 0 || octets > 0 && (bytes[end - 1] & 1 << bytes[from]) != 0;
    }

    /** Dotted decimal. */
    public String oid(String part) throws MalformedMessage {
        if (end == from || (bytes[end - 1] & 0x80) != 0) {
            throw new MalformedMessage(part + ": OBJECT IDENTIFIER is cut");
        }
        StringBuilder text = new StringBuilder();
        long arc = 0;
        int arcs = 0;
        for (int i = from; i < end; i++) {
            if (arc > Long.MAX_VALUE >> 7) {
                throw new MalformedMessage(part + ": OBJECT IDENTIFIER arc is too large");
            }
            arc = arc << 7 | bytes[i] & 0x7F;
            if ((bytes[i] & 0x80) == 0) {
                if (arcs++ == MAX_OID_ARCS) {
                    throw new MalformedMessage(part + ": OBJECT IDENTIFIER has too many arcs");
                }
                if (text.isEmpty()) {
                    long first = Math.min(arc / 40, 2);
                    text.append(first).append('.').append(arc - first * 40);
                } else {
                    text.append('.').append(arc);
                }
                arc = 0;
            }
        }
        return text.toString();
    }
}

package io.tlsfleet.tls.x509.der;

import java.io.ByteArrayOutputStream;
import java.util.List;

/** The few elements that we write ourselves: requests, and certificates taken apart and put together again. */
public final class DerWriter {
    private DerWriter() {}

    public static byte[] element(int tag, byte[]... parts) {
        return element(tag, List.of(parts));
    }

    public static byte[] element(int tag, List<byte[]> parts) {
        int length = parts.stream().mapToInt(part -> part.length).sum();
        ByteArrayOutputStream out = new ByteArrayOutputStream(length + 5);
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else {
            int octets = (Integer.SIZE - Integer.numberOfLeadingZeros(length) + 7) / 8;
            out.write(0x80 | octets);
            for (int i = octets - 1; i >= 0; i--) {
                out.write(length >>> 8 * i);
            }
        }
        parts.forEach(out::writeBytes);
        return out.toByteArray();
    }

    public static byte[] sequence(byte[]... parts) {
        return element(Der.SEQUENCE, parts);
    }

    /** {@code dotted} is one of ours, with arcs below 2^31. */
    public static byte[] oid(String dotted) {
        String[] arcs = dotted.split("\\.", -1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        base128(out, Integer.parseInt(arcs[0]) * 40 + Integer.parseInt(arcs[1]));
        for (int i = 2; i < arcs.length; i++) {
            base128(out, Integer.parseInt(arcs[i]));
        }
        return element(Der.OID, out.toByteArray());
    }

    private static void base128(ByteArrayOutputStream out, int arc) {
        int shift = 28;
        while (shift > 0 && arc >>> shift == 0) {
            shift -= 7;
        }
        for (; shift > 0; shift -= 7) {
            out.write(0x80 | arc >>> shift & 0x7F);
        }
        out.write(arc & 0x7F);
    }
}

package io.tlsfleet.scanner.capture;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a packet carries above IP: TCP or UDP between two sockets. Link layers: Ethernet with VLAN tags, LLC, PPPoE and
 * MPLS, Linux cooked 1 and 2, raw IP, BSD loopback and ENC, PPP, Cisco HDLC, Linux NFLOG, 802.11 in clear with and
 * without radiotap. IPv4 and IPv6, also one in the other; fragments but the first are left out.
 */
record Segment(boolean tcp, String source, String destination, long sequence, boolean syn, byte[] payload) {
    private static final int IPV4 = 0x0800;
    private static final int IPV6 = 0x86DD;
    private static final int MAX_NESTING = 8;

    static @Nullable Segment of(CaptureFile.Packet packet) {
        ByteBuffer bytes = ByteBuffer.wrap(packet.bytes());
        try {
            return switch (packet.linkType()) {
                case 1 -> ethertype(bytes.getShort(12) & 0xFFFF, bytes.slice(14, bytes.capacity() - 14), 0);
                case 9, 50 -> ppp(bytes);
                case 51 -> ppp(after(bytes, 6));
                case 104 -> ethertype(bytes.getShort(2) & 0xFFFF, after(bytes, 4), 0);
                case 105 -> wireless(bytes);
                case 109 -> ip(after(bytes, 12), 0);
                case 127 -> wireless(after(bytes, Short.reverseBytes(bytes.getShort(2)) & 0xFFFF));
                case 239 -> netfilterLog(bytes);
                case 113 -> ethertype(bytes.getShort(14) & 0xFFFF, bytes.slice(16, bytes.capacity() - 16), 0);
                case 276 -> ethertype(bytes.getShort(0) & 0xFFFF, bytes.slice(20, bytes.capacity() - 20), 0);
                case 12, 14, 101, 228, 229 -> ip(bytes, 0);
                case 0, 108 -> ip(bytes.slice(4, bytes.capacity() - 4), 0);
                default -> null;
            };
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            return null; // cut short by the snapshot length, or no such packet at all
        }
    }

    private static @Nullable Segment ethertype(int type, ByteBuffer bytes, int depth) {
        if (depth > MAX_NESTING) {
            return null;
        }
        return switch (type) {
            case IPV4, IPV6 -> ip(bytes, depth);
            case 0x8100, 0x88A8, 0x9100 -> ethertype(bytes.getShort(2) & 0xFFFF, after(bytes, 4), depth + 1);
            case 0x8864 -> ppp(after(bytes, 6));
            case 0x8847 ->
                (bytes.get(2) & 1) == 1 ? ip(after(bytes, 4), depth) : ethertype(type, after(bytes, 4), depth + 1);
            // a length instead of a type: LLC with a SNAP header (IEEE 802)
            default -> type <= 1500 && isSnap(bytes) ? snap(bytes, depth + 1) : null;
        };
    }

    private static boolean isSnap(ByteBuffer bytes) {
        return bytes.capacity() >= 8 && bytes.getShort(0) == (short) 0xAAAA && bytes.get(2) == 3;
    }

    private static @Nullable Segment snap(ByteBuffer bytes, int depth) {
        return ethertype(bytes.getShort(6) & 0xFFFF, after(bytes, 8), depth);
    }

    /** RFC 1661, with or without the frame of RFC 1662; the protocol may be one octet. */
    private static @Nullable Segment ppp(ByteBuffer bytes) {
        ByteBuffer frame = bytes.getShort(0) == (short) 0xFF03 ? after(bytes, 2) : bytes;
        boolean isShort = (frame.get(0) & 1) == 1;
        int protocol = isShort ? frame.get(0) & 0xFF : frame.getShort(0) & 0xFFFF;
        return protocol == 0x0021 || protocol == 0x0057 ? ip(after(frame, isShort ? 1 : 2), 0) : null;
    }

    /** Data frames that are not encrypted (IEEE 802.11 section 9.2.4). */
    private static @Nullable Segment wireless(ByteBuffer bytes) {
        int control = bytes.get(0) & 0xFF;
        int flags = bytes.get(1) & 0xFF;
        boolean hasData = (control & 0x0C) == 0x08 && (control & 0x40) == 0 && (flags & 0x40) == 0;
        int header = 24 + ((flags & 0x03) == 0x03 ? 6 : 0) + ((control & 0x80) != 0 ? 2 : 0);
        if (!hasData) {
            return null;
        }
        ByteBuffer body = after(bytes, header);
        return isSnap(body) ? snap(body, 0) : null;
    }

    /** Attributes of length, type and value in the order of the machine that wrote them; 9 is the packet. */
    private static @Nullable Segment netfilterLog(ByteBuffer bytes) {
        for (java.nio.ByteOrder order : List.of(java.nio.ByteOrder.LITTLE_ENDIAN, java.nio.ByteOrder.BIG_ENDIAN)) {
            ByteBuffer attributes = after(bytes, 4).order(order);
            int at = 0;
            while (attributes.capacity() - at >= 4) {
                int length = attributes.getShort(at) & 0xFFFF;
                if (length < 4 || length > attributes.capacity() - at) {
                    break;
                }
                if (attributes.getShort(at + 2) == 9) {
                    return ip(attributes.slice(at + 4, length - 4), 0);
                }
                at += (length + 3) & ~3;
            }
        }
        return null;
    }

    private static @Nullable Segment ip(ByteBuffer bytes, int depth) {
        if (depth > MAX_NESTING) {
            return null;
        }
        int version = bytes.get(0) >>> 4 & 0xF;
        if (version == 4) {
            int headerLength = (bytes.get(0) & 0xF) * 4;
            int total = bytes.getShort(2) & 0xFFFF;
            if ((bytes.getShort(6) & 0x1FFF) != 0) {
                return null;
            }
            // zero: the sender's card filled it in later
            int end = total == 0 ? bytes.capacity() : Math.min(total, bytes.capacity());
            return transport(
                    bytes.get(9) & 0xFF,
                    hex(bytes, 12, 4),
                    hex(bytes, 16, 4),
                    bytes.slice(headerLength, end - headerLength),
                    depth);
        }
        if (version == 6) {
            int payload = bytes.getShort(4) & 0xFFFF;
            int end = payload == 0 ? bytes.capacity() : Math.min(40 + payload, bytes.capacity());
            int next = bytes.get(6) & 0xFF;
            int at = 40;
            while (next == 0 || next == 43 || next == 60 || next == 44) {
                if (next == 44 && (bytes.getShort(at + 2) & 0xFFF8) != 0) {
                    return null;
                }
                int length = next == 44 ? 8 : 8 + (bytes.get(at + 1) & 0xFF) * 8;
                next = bytes.get(at) & 0xFF;
                at += length;
            }
            return transport(next, hex(bytes, 8, 16), hex(bytes, 24, 16), bytes.slice(at, end - at), depth);
        }
        return null;
    }

    private static @Nullable Segment transport(int protocol, String from, String to, ByteBuffer bytes, int depth) {
        return switch (protocol) {
            case 6 -> {
                int headerLength = (bytes.get(12) >>> 4 & 0xF) * 4;
                yield new Segment(
                        true,
                        socket(from, bytes.getShort(0)),
                        socket(to, bytes.getShort(2)),
                        bytes.getInt(4) & 0xFFFFFFFFL,
                        (bytes.get(13) & 0x02) != 0,
                        rest(bytes, headerLength));
            }
            case 17 ->
                new Segment(
                        false,
                        socket(from, bytes.getShort(0)),
                        socket(to, bytes.getShort(2)),
                        0,
                        false,
                        rest(bytes, 8));
            case 4, 41 -> ip(bytes, depth + 1);
            case 47 -> {
                int flags = bytes.getShort(0) & 0xFFFF;
                int length = 4
                        + ((flags & 0x8000) != 0 ? 4 : 0)
                        + ((flags & 0x2000) != 0 ? 4 : 0)
                        + ((flags & 0x1000) != 0 ? 4 : 0);
                yield ethertype(bytes.getShort(2) & 0xFFFF, after(bytes, length), depth + 1);
            }
            default -> null;
        };
    }

    private static String socket(String address, short port) {
        return address + ':' + (port & 0xFFFF);
    }

    private static String hex(ByteBuffer bytes, int at, int length) {
        byte[] address = new byte[length];
        bytes.get(at, address);
        return HexFormat.of().formatHex(address);
    }

    private static ByteBuffer after(ByteBuffer bytes, int at) {
        return bytes.slice(at, bytes.capacity() - at);
    }

    private static byte[] rest(ByteBuffer bytes, int at) {
        byte[] rest = new byte[bytes.capacity() - at];
        bytes.get(at, rest);
        return rest;
    }
}

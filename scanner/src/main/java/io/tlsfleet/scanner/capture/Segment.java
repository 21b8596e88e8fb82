package io.tlsfleet.scanner.capture;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a packet carries above IP: TCP or UDP between two sockets. Link layers: Ethernet with VLAN tags, LLC, PPPoE and
 * MPLS, Linux cooked 1 and 2, raw IP, BSD loopback, ENC and PF, PPP, Cisco HDLC, Linux NFLOG, Apple's packet tap, 802.11 in
 * clear with and without radiotap or PPI. IPv4 and IPv6, also one in the other, and in GRE, ERSPAN, VXLAN, Geneve and
 * GTP-U; fragments wait for each other.
 */
record Segment(boolean tcp, String source, String destination, long sequence, boolean syn, byte[] payload) {
    /** What stands for every frame of a link layer that is not read. */
    static final Segment UNREAD_LINK = new Segment(false, "", "", 0, false, new byte[0]);

    private static final int IPV4 = 0x0800;
    private static final int IPV6 = 0x86DD;
    private static final int MAX_NESTING = 8;
    private static final int FRAGMENT = 44;
    /** Hop-by-hop, routing, fragment, destination, mobility, HIP, shim6. */
    private static final Set<Integer> EXTENSION_HEADERS = Set.of(0, 43, FRAGMENT, 60, 135, 139, 140);

    static @Nullable Segment of(CaptureFile.Packet packet, Fragments fragments) {
        try {
            return link(packet.linkType(), ByteBuffer.wrap(packet.bytes()), 0, fragments);
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            return null; // cut short by the snapshot length, or no such packet at all
        }
    }

    private static @Nullable Segment link(int type, ByteBuffer bytes, int depth, Fragments fragments) {
        return switch (type) {
            case 1 -> ethernet(bytes, depth, fragments);
            case 9, 50 -> ppp(bytes, depth, fragments);
            case 51 -> ppp(after(bytes, 6), depth, fragments);
            case 104 -> ethertype(bytes.getShort(2) & 0xFFFF, after(bytes, 4), depth, fragments);
            case 105 -> wireless(bytes, depth, fragments);
            case 109 -> ip(after(bytes, 12), depth, fragments);
            case 127 -> wireless(after(bytes, Short.reverseBytes(bytes.getShort(2)) & 0xFFFF), depth, fragments);
            case 239 -> netfilterLog(bytes, depth, fragments);
            case 113 -> ethertype(bytes.getShort(14) & 0xFFFF, after(bytes, 16), depth, fragments);
            case 276 -> ethertype(bytes.getShort(0) & 0xFFFF, after(bytes, 20), depth, fragments);
            case 12, 14, 101, 228, 229 -> ip(bytes, depth, fragments);
            case 0, 108 -> ip(after(bytes, 4), depth, fragments);
            // BSD's packet filter: a header that tells its length, rounded up
            case 117 -> ip(after(bytes, (bytes.get(0) & 0xFF) + 3 & ~3), depth, fragments);
            // per-packet information, and Apple's packet tap: what they stand before is named in them
            case 192 -> inner(little(bytes).getInt(4), little(bytes).getShort(2) & 0xFFFF, bytes, depth, fragments);
            case 258 -> inner(little(bytes).getInt(8), little(bytes).getInt(0), bytes, depth, fragments);
            default -> UNREAD_LINK;
        };
    }

    private static @Nullable Segment inner(int type, int header, ByteBuffer bytes, int depth, Fragments fragments) {
        return depth > MAX_NESTING ? null : link(type, after(bytes, header), depth + 1, fragments);
    }

    private static ByteBuffer little(ByteBuffer bytes) {
        return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    private static @Nullable Segment ethernet(ByteBuffer bytes, int depth, Fragments fragments) {
        return ethertype(bytes.getShort(12) & 0xFFFF, after(bytes, 14), depth, fragments);
    }

    private static @Nullable Segment ethertype(int type, ByteBuffer bytes, int depth, Fragments fragments) {
        if (depth > MAX_NESTING) {
            return null;
        }
        return switch (type) {
            case IPV4, IPV6 -> ip(bytes, depth, fragments);
            case 0x8100, 0x88A8, 0x9100 -> ethertype(bytes.getShort(2) & 0xFFFF, after(bytes, 4), depth + 1, fragments);
            // a whole Ethernet frame, in GRE (RFC 7637)
            case 0x6558 -> ethernet(bytes, depth + 1, fragments);
            // ERSPAN: without a sequence number there is no header of its own (see gre)
            case 0x88BE -> ethernet(after(bytes, 8), depth + 1, fragments);
            case 0x22EB -> ethernet(after(bytes, (bytes.get(11) & 1) == 0 ? 12 : 20), depth + 1, fragments);
            case 0x880B -> ppp(bytes, depth + 1, fragments);
            case 0x8864 -> ppp(after(bytes, 6), depth + 1, fragments);
            case 0x8847, 0x8848 ->
                (bytes.get(2) & 1) == 1
                        ? underLabels(after(bytes, 4), depth + 1, fragments)
                        : ethertype(type, after(bytes, 4), depth + 1, fragments);
            // a length instead of a type: LLC with a SNAP header (IEEE 802)
            default -> type <= 1500 && isSnap(bytes) ? snap(bytes, depth + 1, fragments) : null;
        };
    }

    /** IP, or an Ethernet frame behind a control word (RFC 4448). */
    private static @Nullable Segment underLabels(ByteBuffer bytes, int depth, Fragments fragments) {
        return bytes.get(0) >>> 4 == 0 ? ethernet(after(bytes, 4), depth, fragments) : ip(bytes, depth, fragments);
    }

    private static boolean isSnap(ByteBuffer bytes) {
        return bytes.capacity() >= 8 && bytes.getShort(0) == (short) 0xAAAA && bytes.get(2) == 3;
    }

    private static @Nullable Segment snap(ByteBuffer bytes, int depth, Fragments fragments) {
        return ethertype(bytes.getShort(6) & 0xFFFF, after(bytes, 8), depth, fragments);
    }

    /** RFC 1661, with or without the frame of RFC 1662; the protocol may be one octet. */
    private static @Nullable Segment ppp(ByteBuffer bytes, int depth, Fragments fragments) {
        ByteBuffer frame = bytes.getShort(0) == (short) 0xFF03 ? after(bytes, 2) : bytes;
        boolean isShort = (frame.get(0) & 1) == 1;
        int protocol = isShort ? frame.get(0) & 0xFF : frame.getShort(0) & 0xFFFF;
        return protocol == 0x0021 || protocol == 0x0057 ? ip(after(frame, isShort ? 1 : 2), depth, fragments) : null;
    }

    /** Data frames that are not encrypted (IEEE 802.11 section 9.2.4). */
    private static @Nullable Segment wireless(ByteBuffer bytes, int depth, Fragments fragments) {
        int control = bytes.get(0) & 0xFF;
        int flags = bytes.get(1) & 0xFF;
        boolean hasData = (control & 0x0C) == 0x08 && (control & 0x40) == 0 && (flags & 0x40) == 0;
        int header = 24 + ((flags & 0x03) == 0x03 ? 6 : 0) + ((control & 0x80) != 0 ? 2 : 0);
        if (!hasData) {
            return null;
        }
        ByteBuffer body = after(bytes, header);
        return isSnap(body) ? snap(body, depth, fragments) : null;
    }

    /** Attributes of length, type and value in the order of the machine that wrote them; 9 is the packet. */
    private static @Nullable Segment netfilterLog(ByteBuffer bytes, int depth, Fragments fragments) {
        for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
            ByteBuffer attributes = after(bytes, 4).order(order);
            int at = 0;
            while (attributes.capacity() - at >= 4) {
                int length = attributes.getShort(at) & 0xFFFF;
                if (length < 4 || length > attributes.capacity() - at) {
                    break;
                }
                if (attributes.getShort(at + 2) == 9) {
                    return ip(attributes.slice(at + 4, length - 4), depth, fragments);
                }
                at += (length + 3) & ~3;
            }
        }
        return null;
    }

    private static @Nullable Segment ip(ByteBuffer bytes, int depth, Fragments fragments) {
        if (depth > MAX_NESTING) {
            return null;
        }
        int version = bytes.get(0) >>> 4 & 0xF;
        if (version == 4) {
            int headerLength = (bytes.get(0) & 0xF) * 4;
            int total = bytes.getShort(2) & 0xFFFF;
            // zero: the sender's card filled it in later
            int end = total == 0 ? bytes.capacity() : Math.min(total, bytes.capacity());
            int protocol = bytes.get(9) & 0xFF;
            String from = hex(bytes, 12, 4);
            String to = hex(bytes, 16, 4);
            ByteBuffer payload = bytes.slice(headerLength, end - headerLength);
            int place = bytes.getShort(6) & 0xFFFF;
            if ((place & 0x3FFF) != 0) {
                String datagram = from + '>' + to + ' ' + protocol + ' ' + (bytes.getShort(4) & 0xFFFF);
                payload = fragments.add(datagram, (place & 0x1FFF) * 8, (place & 0x2000) != 0, payload);
            }
            return payload == null ? null : transport(protocol, from, to, payload, depth, fragments);
        }
        return version == 6 ? ipv6(bytes, depth, fragments) : null;
    }

    /** Extension headers are read past (RFC 8200 section 4); behind a fragment header more of them may come. */
    private static @Nullable Segment ipv6(ByteBuffer bytes, int depth, Fragments fragments) {
        int length = bytes.getShort(4) & 0xFFFF;
        int end = length == 0 ? bytes.capacity() : Math.min(40 + length, bytes.capacity());
        String from = hex(bytes, 8, 16);
        String to = hex(bytes, 24, 16);
        int next = bytes.get(6) & 0xFF;
        ByteBuffer payload = bytes.slice(40, end - 40);
        while (EXTENSION_HEADERS.contains(next)) {
            int following = payload.get(0) & 0xFF;
            if (next == FRAGMENT) {
                int place = payload.getShort(2) & 0xFFFF;
                if ((place & 0xFFF9) != 0) {
                    String datagram = from + '>' + to + ' ' + payload.getInt(4);
                    payload = fragments.add(datagram, place & 0xFFF8, (place & 1) != 0, after(payload, 8));
                    if (payload == null) {
                        return null;
                    }
                } else {
                    payload = after(payload, 8);
                }
            } else {
                payload = after(payload, 8 + (payload.get(1) & 0xFF) * 8);
            }
            next = following;
        }
        return transport(next, from, to, payload, depth, fragments);
    }

    private static @Nullable Segment transport(
            int protocol, String from, String to, ByteBuffer bytes, int depth, Fragments fragments) {
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
            case 17 -> {
                Segment inner = tunnelled(bytes.getShort(2) & 0xFFFF, after(bytes, 8), depth + 1, fragments);
                yield inner != null
                        ? inner
                        : new Segment(
                                false,
                                socket(from, bytes.getShort(0)),
                                socket(to, bytes.getShort(2)),
                                0,
                                false,
                                rest(bytes, 8));
            }
            // an authentication header proves and hides nothing (RFC 4302)
            case 51 ->
                depth > MAX_NESTING
                        ? null
                        : transport(
                                bytes.get(0) & 0xFF,
                                from,
                                to,
                                after(bytes, ((bytes.get(1) & 0xFF) + 2) * 4),
                                depth + 1,
                                fragments);
            case 4, 41 -> ip(bytes, depth + 1, fragments);
            case 47 -> gre(bytes, depth + 1, fragments);
            default -> null;
        };
    }

    /** RFC 2784 and 2890; version 1 has an acknowledgement too (RFC 2637). */
    private static @Nullable Segment gre(ByteBuffer bytes, int depth, Fragments fragments) {
        int flags = bytes.getShort(0) & 0xFFFF;
        int type = bytes.getShort(2) & 0xFFFF;
        int length = 4
                + ((flags & 0x8000) != 0 ? 4 : 0)
                + ((flags & 0x2000) != 0 ? 4 : 0)
                + ((flags & 0x1000) != 0 ? 4 : 0)
                + ((flags & 0x0087) == 0x0081 ? 4 : 0);
        ByteBuffer carried = after(bytes, length);
        return type == 0x88BE && (flags & 0x1000) == 0
                ? depth > MAX_NESTING ? null : ethernet(carried, depth, fragments)
                : ethertype(type, carried, depth, fragments);
    }

    /** What VXLAN (RFC 7348), Geneve (RFC 8926) or GTP-U (3GPP TS 29.281) carry; null: it is UDP of its own. */
    private static @Nullable Segment tunnelled(int port, ByteBuffer bytes, int depth, Fragments fragments) {
        if (depth > MAX_NESTING || bytes.capacity() < 8) {
            return null;
        }
        int first = bytes.get(0) & 0xFF;
        return switch (port) {
            case 4789, 8472 ->
                (first & 0xC8) == 0x08 && bytes.get(7) == 0 ? ethernet(after(bytes, 8), depth, fragments) : null;
            case 6081 ->
                first >>> 6 == 0
                        ? ethertype(bytes.getShort(2) & 0xFFFF, after(bytes, 8 + (first & 0x3F) * 4), depth, fragments)
                        : null;
            case 2152 ->
                first >>> 4 == 3 && (bytes.get(1) & 0xFF) == 0xFF ? gtp(bytes, first & 7, depth, fragments) : null;
            default -> null;
        };
    }

    private static @Nullable Segment gtp(ByteBuffer bytes, int flags, int depth, Fragments fragments) {
        int at = flags == 0 ? 8 : 12;
        int next = (flags & 4) == 0 ? 0 : bytes.get(11);
        while (next != 0) {
            int length = (bytes.get(at) & 0xFF) * 4;
            if (length == 0) {
                return null;
            }
            next = bytes.get(at + length - 1);
            at += length;
        }
        return ip(after(bytes, at), depth, fragments);
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
        byte[] rest = new byte[bytes.capacity() - Objects.checkIndex(at, bytes.capacity() + 1)];
        bytes.get(at, rest);
        return rest;
    }
}

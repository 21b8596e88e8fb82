package io.tlsfleet.scanner.capture;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.zip.GZIPOutputStream;

/** The same traffic as another tool, another link or a worse network would have left it in a file. */
final class Recapture {
    private static final int ETHERNET = 1;
    private static final int TCP = 6;

    private Recapture() {}

    // ── files ──────────────────────────────────────────────────────────────────────────────────────────────────────

    static byte[] pcap(int magic, ByteOrder order, int linkType, List<byte[]> packets) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(words(order, magic));
        out.writeBytes(ByteBuffer.allocate(20).order(order).putInt(16, linkType).array());
        for (byte[] packet : packets) {
            out.writeBytes(words(order, 0, 0, packet.length, packet.length));
            if (magic == 0xA1B2CD34) {
                out.writeBytes(new byte[8]);
            }
            out.writeBytes(packet);
        }
        return out.toByteArray();
    }

    static byte[] pcapng(ByteOrder order, int linkType, List<byte[]> packets, Random random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(block(order, 0x0A0D0D0A, join(words(order, 0x1A2B3C4D, 1), words(order, -1, -1))));
        byte[] description =
                ByteBuffer.allocate(8).order(order).putShort((short) linkType).array();
        out.writeBytes(block(order, 1, description));
        for (byte[] packet : packets) {
            switch (random.nextInt(4)) {
                case 0 -> out.writeBytes(block(order, 3, join(words(order, packet.length), packet)));
                case 1 ->
                    out.writeBytes(block(
                            order, 2, join(new byte[4], words(order, 0, 0, packet.length, packet.length), packet)));
                default -> {
                    if (random.nextInt(5) == 0) {
                        out.writeBytes(block(order, 0xBAD, new byte[random.nextInt(50)]));
                    }
                    out.writeBytes(block(order, 6, join(words(order, 0, 0, 0, packet.length, packet.length), packet)));
                }
            }
        }
        return out.toByteArray();
    }

    static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream packed = new GZIPOutputStream(out)) {
            packed.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    // ── links ──────────────────────────────────────────────────────────────────────────────────────────────────────

    /** Tags between the addresses and the type, the outer one first. */
    static byte[] tagged(byte[] frame, int... types) {
        byte[] tags = new byte[4 * types.length];
        for (int i = 0; i < types.length; i++) {
            tags[4 * i] = (byte) (types[i] >>> 8);
            tags[4 * i + 1] = (byte) types[i];
            tags[4 * i + 3] = (byte) (i + 7);
        }
        return join(Arrays.copyOf(frame, 12), tags, Arrays.copyOfRange(frame, 12, frame.length));
    }

    static byte[] cooked(byte[] frame) {
        return join(new byte[14], Arrays.copyOfRange(frame, 12, frame.length));
    }

    static byte[] cooked2(byte[] frame) {
        return join(Arrays.copyOfRange(frame, 12, 14), new byte[18], ip(frame));
    }

    static byte[] loopback(byte[] frame) {
        return join(new byte[] {2, 0, 0, 0}, ip(frame));
    }

    static byte[] ip(byte[] frame) {
        return Arrays.copyOfRange(frame, 14, frame.length);
    }

    static boolean isIpv4(byte[] frame) {
        return frame.length > 34 && frame[12] == 8 && frame[13] == 0 && (frame[20] & 0x3F) == 0 && frame[21] == 0;
    }

    // ── the network layer ──────────────────────────────────────────────────────────────────────────────────────────

    /** The IPv4 packet of a frame in pieces, in any order. */
    static List<byte[]> fragmented(byte[] frame, int id, Random random) {
        byte[] ip = ip(frame);
        int header = (ip[0] & 0xF) * 4;
        int total = Math.min(ip.length, (ip[2] & 0xFF) << 8 | ip[3] & 0xFF);
        List<byte[]> pieces = new ArrayList<>();
        for (int at = header; at < total; ) {
            int size = Math.min(total - at, 8 * (1 + random.nextInt(30)));
            byte[] piece = join(Arrays.copyOf(frame, 14), Arrays.copyOf(ip, header), slice(ip, at, size));
            ByteBuffer bytes = ByteBuffer.wrap(piece);
            bytes.putShort(16, (short) (header + size));
            bytes.putShort(18, (short) id);
            bytes.putShort(20, (short) ((at - header) / 8 | (at + size < total ? 0x2000 : 0)));
            pieces.add(piece);
            at += size;
        }
        Collections.shuffle(pieces, random);
        return pieces;
    }

    /** IPv6 for IPv4, with headers between; {@code split}: in two fragments behind them. */
    static List<byte[]> ipv6(byte[] frame, int id, boolean split) {
        byte[] ip = ip(frame);
        int header = (ip[0] & 0xF) * 4;
        int total = Math.min(ip.length, (ip[2] & 0xFF) << 8 | ip[3] & 0xFF);
        byte[] payload = slice(ip, header, total - header);
        byte[] options = {60, 0, 1, 4, 0, 0, 0, 0, split ? 44 : ip[9], 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        if (!split) {
            return List.of(sixth(frame, ip, join(options, payload)));
        }
        int half = payload.length / 2 & ~7;
        return List.of(
                sixth(
                        frame,
                        ip,
                        join(options, piece(ip[9], half, false, id), slice(payload, half, payload.length - half))),
                sixth(frame, ip, join(options, piece(ip[9], 0, true, id), slice(payload, 0, half))));
    }

    private static byte[] piece(byte next, int offset, boolean more, int id) {
        return ByteBuffer.allocate(8)
                .put(next)
                .put((byte) 0)
                .putShort((short) (offset | (more ? 1 : 0)))
                .putInt(id)
                .array();
    }

    private static byte[] sixth(byte[] frame, byte[] ip, byte[] payload) {
        ByteBuffer header = ByteBuffer.allocate(40).putInt(0x60000000).putShort((short) payload.length);
        header.put((byte) 0).put((byte) 64);
        header.put(new byte[12]).put(ip, 12, 4).put(new byte[12]).put(ip, 16, 4);
        return join(Arrays.copyOf(frame, 12), new byte[] {(byte) 0x86, (byte) 0xDD}, header.array(), payload);
    }

    // ── the transport layer ────────────────────────────────────────────────────────────────────────────────────────

    /** Segments that change places with their neighbours, come twice, and come again with other bytes in them. */
    static List<byte[]> disordered(List<byte[]> frames, Random random) {
        List<byte[]> all = new ArrayList<>();
        for (byte[] frame : frames) {
            all.add(frame);
            if (isTcpData(frame)) {
                switch (random.nextInt(4)) {
                    case 0 -> all.add(frame);
                    case 1 -> {
                        byte[] forged = frame.clone();
                        for (int i = dataAt(frame); i < forged.length; i++) {
                            forged[i] ^= 0x5A;
                        }
                        all.add(forged);
                    }
                    default -> {}
                }
            }
        }
        // only where the beginning of the connection is known: what comes first is the beginning else
        Set<String> begun = new HashSet<>();
        for (int i = 0; i + 1 < all.size(); i++) {
            byte[] frame = all.get(i);
            if (isIpv4(frame) && frame[23] == TCP && (frame[33 + shift(frame)] & 0x02) != 0) {
                begun.add(direction(frame));
            } else if (random.nextInt(3) == 0
                    && isTcpData(frame)
                    && isTcpData(all.get(i + 1))
                    && begun.contains(direction(frame))
                    && begun.contains(direction(all.get(i + 1)))
                    && !sameData(all, i)) {
                Collections.swap(all, i, i + 1);
            }
        }
        return all;
    }

    /** Each TCP segment in small ones, with a SYN flag only on the first. */
    static List<byte[]> segmented(byte[] frame, Random random) {
        if (!isTcpData(frame) || (frame[33 + shift(frame)] & 0x02) != 0) {
            return List.of(frame);
        }
        int dataAt = dataAt(frame);
        int end = 14 + ((frame[16] & 0xFF) << 8 | frame[17] & 0xFF);
        List<byte[]> pieces = new ArrayList<>();
        for (int at = dataAt; at < Math.min(end, frame.length); ) {
            int size = Math.min(Math.min(end, frame.length) - at, 1 + random.nextInt(200));
            byte[] piece = join(Arrays.copyOf(frame, dataAt), slice(frame, at, size));
            ByteBuffer bytes = ByteBuffer.wrap(piece);
            bytes.putShort(16, (short) (piece.length - 14));
            int sequenceAt = 14 + (frame[14] & 0xF) * 4 + 4;
            bytes.putInt(sequenceAt, bytes.getInt(sequenceAt) + at - dataAt);
            pieces.add(piece);
            at += size;
        }
        return pieces;
    }

    private static boolean sameData(List<byte[]> frames, int i) {
        return Arrays.equals(
                Arrays.copyOf(frames.get(i), dataAt(frames.get(i))),
                Arrays.copyOf(frames.get(i + 1), dataAt(frames.get(i + 1))));
    }

    private static boolean isTcpData(byte[] frame) {
        return isIpv4(frame)
                && frame[23] == TCP
                && frame.length > dataAt(frame)
                && ((frame[16] & 0xFF) << 8 | frame[17] & 0xFF) + 14 > dataAt(frame);
    }

    private static String direction(byte[] frame) {
        return Arrays.toString(Arrays.copyOfRange(frame, 26, 34)) + Arrays.toString(slice(frame, 34 + shift(frame), 4));
    }

    private static int shift(byte[] frame) {
        return (frame[14] & 0xF) * 4 - 20;
    }

    private static int dataAt(byte[] frame) {
        int tcp = 14 + (frame[14] & 0xF) * 4;
        return frame.length < tcp + 13 ? frame.length : tcp + (frame[tcp + 12] >>> 4 & 0xF) * 4;
    }

    // ── bytes ──────────────────────────────────────────────────────────────────────────────────────────────────────

    static int ethernet() {
        return ETHERNET;
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static byte[] slice(byte[] bytes, int from, int length) {
        return Arrays.copyOfRange(bytes, from, from + length);
    }

    private static byte[] words(ByteOrder order, int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(order);
        for (int value : values) {
            bytes.putInt(value);
        }
        return bytes.array();
    }

    private static byte[] block(ByteOrder order, int type, byte[] body) {
        int padded = body.length + 3 & ~3;
        return join(words(order, type, padded + 12), Arrays.copyOf(body, padded), words(order, padded + 12));
    }
}

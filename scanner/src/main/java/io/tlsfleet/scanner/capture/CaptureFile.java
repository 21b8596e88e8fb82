package io.tlsfleet.scanner.capture;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A capture read packet by packet: pcap of either byte order and either resolution, and pcapng (section header,
 * interface description, enhanced, simple and obsolete packet blocks; others are read past), each also gzipped. A file
 * that ends within a packet gives the packets before it and says so, as other readers do.
 */
public final class CaptureFile implements Closeable {
    private static final int PCAP = 0xA1B2C3D4;
    private static final int PCAP_NANOS = 0xA1B23C4D;
    /** Alexey Kuznetzov's variant, whose packet headers are eight bytes longer. */
    private static final int PCAP_PATCHED = 0xA1B2CD34;

    private static final int SECTION_HEADER = 0x0A0D0D0A;
    private static final int BYTE_ORDER = 0x1A2B3C4D;
    private static final int MAX_PACKET = 1 << 20;

    /** {@code frame} counts from 1, as Wireshark does; {@code cut}: more was sent than the snapshot length let in. */
    public record Packet(int frame, int linkType, byte[] bytes, boolean cut) {}

    /** {@code snapLength}: 0 for none. */
    private record Interface(int linkType, int snapLength) {}

    private final DataInputStream in;
    private final boolean isNg;
    private final boolean isPatched;
    private ByteOrder order = ByteOrder.BIG_ENDIAN;
    private final List<Interface> interfaces = new ArrayList<>();
    private int frame;
    private boolean cut;

    public CaptureFile(InputStream stream) throws IOException {
        in = new DataInputStream(unpacked(new BufferedInputStream(stream, 1 << 16)));
        int magic = in.readInt();
        isNg = magic == SECTION_HEADER;
        isPatched = magic == PCAP_PATCHED || Integer.reverseBytes(magic) == PCAP_PATCHED;
        if (isNg) {
            readSectionHeader();
        } else if (isPcap(magic)) {
            readPcapHeader();
        } else if (isPcap(Integer.reverseBytes(magic))) {
            order = ByteOrder.LITTLE_ENDIAN;
            readPcapHeader();
        } else {
            throw new IOException("neither pcap nor pcapng (begins with 0x%08X)".formatted(magic));
        }
    }

    private static InputStream unpacked(BufferedInputStream stream) throws IOException {
        stream.mark(2);
        boolean isGzip = stream.read() == 0x1F && stream.read() == 0x8B;
        stream.reset();
        return isGzip ? new BufferedInputStream(new GZIPInputStream(stream, 1 << 16), 1 << 16) : stream;
    }

    /** Whether these are a capture's first four bytes, once unpacked. */
    public static boolean isCapture(byte[] start) {
        if (start.length < 4) {
            return false;
        }
        int magic = ByteBuffer.wrap(start).getInt();
        return magic == SECTION_HEADER || isPcap(magic) || isPcap(Integer.reverseBytes(magic));
    }

    /** The next packet; null at the end. */
    public @Nullable Packet next() throws IOException {
        try {
            return isNg ? nextNg() : nextPcap();
        } catch (EOFException e) {
            cut = true;
            return null;
        } catch (IndexOutOfBoundsException e) {
            throw new IOException("frame " + (frame + 1) + ": a block that is too short for what it holds", e);
        }
    }

    /** Whether it ended within a frame, once {@link #next} gave null. */
    public boolean isCut() {
        return cut;
    }

    /** How many frames were whole. */
    public int frames() {
        return frame;
    }

    private boolean isAtEnd() throws IOException {
        in.mark(1);
        if (in.read() < 0) {
            return true;
        }
        in.reset();
        return false;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private static boolean isPcap(int magic) {
        return magic == PCAP || magic == PCAP_NANOS || magic == PCAP_PATCHED;
    }

    private void readPcapHeader() throws IOException {
        ByteBuffer header = buffer(20);
        interfaces.add(new Interface(header.getInt(16) & 0xFFFF, 0));
    }

    private @Nullable Packet nextPcap() throws IOException {
        if (isAtEnd()) {
            return null;
        }
        ByteBuffer header = buffer(isPatched ? 24 : 16);
        byte[] bytes = bytes(header.getInt(8));
        return new Packet(++frame, interfaces.getFirst().linkType, bytes, header.getInt(12) > bytes.length);
    }

    private @Nullable Packet nextNg() throws IOException {
        while (!isAtEnd()) {
            int type = buffer(4).getInt();
            if (type == SECTION_HEADER) {
                readSectionHeader();
                continue;
            }
            int length = buffer(4).getInt();
            if (length < 12) {
                throw new IOException("pcapng block of " + length + " bytes");
            }
            if (length > MAX_PACKET + 4096) {
                // secrets or names of a long capture: nothing of ours
                in.skipNBytes(length - 8L);
                continue;
            }
            ByteBuffer body = buffer(length - 12);
            buffer(4);
            switch (type) {
                case 1 -> interfaces.add(new Interface(body.getShort(0) & 0xFFFF, body.getInt(4)));
                case 2 -> {
                    return packet(body.getShort(0) & 0xFFFF, body, 20, body.getInt(12), body.getInt(16));
                }
                case 3 -> {
                    return simplePacket(body);
                }
                case 6 -> {
                    return packet(body.getInt(0), body, 20, body.getInt(12), body.getInt(16));
                }
                default -> {}
            }
        }
        return null;
    }

    /** It says how much was sent, and the interface how much of that was taken. */
    private Packet simplePacket(ByteBuffer body) throws IOException {
        int sent = body.getInt(0);
        int most = interfaces.isEmpty() || interfaces.getFirst().snapLength <= 0
                ? Integer.MAX_VALUE
                : interfaces.getFirst().snapLength;
        return packet(0, body, 4, Math.min(Math.min(sent, most), body.capacity() - 4), sent);
    }

    private Packet packet(int linkIndex, ByteBuffer body, int at, int captured, int sent) throws IOException {
        if (captured < 0 || captured > body.capacity() - at) {
            throw new IOException("frame " + (frame + 1) + ": " + captured + " bytes in a smaller block");
        }
        if (linkIndex < 0 || linkIndex >= interfaces.size()) {
            throw new IOException("frame " + (frame + 1) + ": interface " + linkIndex + " was not described");
        }
        byte[] bytes = new byte[captured];
        body.get(at, bytes);
        return new Packet(++frame, interfaces.get(linkIndex).linkType, bytes, sent > captured);
    }

    /** After its type: length, byte order magic, versions, options; the length comes in an order not yet known. */
    private void readSectionHeader() throws IOException {
        byte[] length = bytes(4);
        int magic = ByteBuffer.wrap(bytes(4)).getInt();
        if (magic != BYTE_ORDER && Integer.reverseBytes(magic) != BYTE_ORDER) {
            throw new IOException("pcapng section without a byte order");
        }
        order = magic == BYTE_ORDER ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        bytes(ByteBuffer.wrap(length).order(order).getInt() - 12);
        interfaces.clear();
    }

    private ByteBuffer buffer(int length) throws IOException {
        return ByteBuffer.wrap(bytes(length)).order(order);
    }

    private byte[] bytes(int length) throws IOException {
        if (length < 0 || length > MAX_PACKET + 4096) {
            throw new IOException("frame " + (frame + 1) + ": " + Integer.toUnsignedString(length) + " bytes");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }
}

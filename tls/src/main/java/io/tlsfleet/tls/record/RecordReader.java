package io.tlsfleet.tls.record;

import io.tlsfleet.tls.wire.MalformedMessage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Cuts a stream of bytes, in whatever chunks it comes, into records. Refuses what is no TLS at its first byte and
 * records beyond RFC 8446 section 5.2's 2^14 + 256 (2^14 + 2048 before TLS 1.3), so it never holds more than one record.
 */
public final class RecordReader {
    private static final int HEADER = 5;
    private static final int MAX_FRAGMENT = (1 << 14) + 2048;

    private byte[] pending = new byte[0];

    /** Whole records that this chunk completes. */
    public List<TlsRecord> feed(byte[] chunk) throws MalformedMessage {
        byte[] bytes = chunk;
        if (pending.length > 0) {
            bytes = Arrays.copyOf(pending, pending.length + chunk.length);
            System.arraycopy(chunk, 0, bytes, pending.length, chunk.length);
        }
        List<TlsRecord> records = new ArrayList<>();
        int at = 0;
        while (bytes.length > at) {
            int type = bytes[at] & 0xFF;
            if (type < TlsRecord.CHANGE_CIPHER_SPEC || type > TlsRecord.HEARTBEAT) {
                throw new MalformedMessage("record: content type " + type);
            }
            if (bytes.length - at < HEADER) {
                break;
            }
            int version = (bytes[at + 1] & 0xFF) << 8 | bytes[at + 2] & 0xFF;
            int length = (bytes[at + 3] & 0xFF) << 8 | bytes[at + 4] & 0xFF;
            if (version >>> 8 != 3) {
                throw new MalformedMessage("record: version 0x%04X".formatted(version));
            }
            if (length > MAX_FRAGMENT) {
                throw new MalformedMessage("record: " + length + " bytes, more than any version allows");
            }
            if (bytes.length - at - HEADER < length) {
                break;
            }
            records.add(new TlsRecord(type, version, Arrays.copyOfRange(bytes, at + HEADER, at + HEADER + length)));
            at += HEADER + length;
        }
        pending = at == 0 ? bytes : Arrays.copyOfRange(bytes, at, bytes.length);
        return records;
    }

    /** True when the stream so far ends between two records. */
    public boolean isAtBoundary() {
        return pending.length == 0;
    }
}

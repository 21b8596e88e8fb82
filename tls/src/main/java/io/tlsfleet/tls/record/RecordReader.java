package io.tlsfleet.tls.record;

import io.tlsfleet.tls.wire.MalformedMessage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Cuts a stream of bytes, in whatever chunks it comes, into records. Refuses what is no TLS at its first byte and
 * records beyond RFC 8446 section 5.2's 2^14 + 256 (2^14 + 2048 before TLS 1.3), so it never holds more than one record.
 */
public final class RecordReader {
    private static final int HEADER = 5;
    private static final int MAX_FRAGMENT = (1 << 14) + 2048;

    private byte[] pending = new byte[0];
    private int at;

    /** The stream's next bytes. */
    public void add(byte[] chunk) {
        int left = pending.length - at;
        byte[] rest = left == 0 ? chunk : Arrays.copyOfRange(pending, at, pending.length + chunk.length);
        if (left > 0) {
            System.arraycopy(chunk, 0, rest, left, chunk.length);
        }
        pending = rest;
        at = 0;
    }

    /** The next whole record; empty while more bytes are needed. What came before a malformed one is read in any chunks alike. */
    public Optional<TlsRecord> next() throws MalformedMessage {
        if (pending.length == at) {
            return Optional.empty();
        }
        int type = pending[at] & 0xFF;
        if (type < TlsRecord.CHANGE_CIPHER_SPEC || type > TlsRecord.HEARTBEAT) {
            throw new MalformedMessage("record: content type " + type);
        }
        if (pending.length - at < HEADER) {
            return Optional.empty();
        }
        int version = (pending[at + 1] & 0xFF) << 8 | pending[at + 2] & 0xFF;
        int length = (pending[at + 3] & 0xFF) << 8 | pending[at + 4] & 0xFF;
        // BearSSL and s2n refuse a version by an alert in a record of version 0 or 2
        boolean bareAlert = type == TlsRecord.ALERT && version >>> 8 == 0 && length == 2;
        if (version >>> 8 != 3 && !bareAlert) {
            throw new MalformedMessage("record: version 0x%04X".formatted(version));
        }
        if (length > MAX_FRAGMENT) {
            throw new MalformedMessage("record: " + length + " bytes, more than any version allows");
        }
        if (pending.length - at - HEADER < length) {
            return Optional.empty();
        }
        int from = at + HEADER;
        at = from + length;
        return Optional.of(new TlsRecord(type, version, Arrays.copyOfRange(pending, from, at)));
    }

    /** All whole records that this chunk completes. */
    public List<TlsRecord> feed(byte[] chunk) throws MalformedMessage {
        add(chunk);
        List<TlsRecord> records = new ArrayList<>();
        for (Optional<TlsRecord> record = next(); record.isPresent(); record = next()) {
            records.add(record.get());
        }
        return records;
    }

    /** True when the stream so far ends between two records. */
    public boolean isAtBoundary() {
        return pending.length == at;
    }
}

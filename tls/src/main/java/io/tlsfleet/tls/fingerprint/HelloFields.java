package io.tlsfleet.tls.fingerprint;

import io.tlsfleet.tls.handshake.Extensions;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What fingerprints need of a ClientHello or ServerHello, read in one pass into arrays that are used again: no
 * allocation for a hello of usual size. Code points stand in their order, GREASE left out (RFC 8701). Not thread-safe.
 */
final class HelloFields {
    static final class Codes {
        int[] values = new int[64];
        int count;

        void add(int value) {
            if (count == values.length) {
                values = Arrays.copyOf(values, count * 2);
            }
            values[count++] = value;
        }
    }

    final Codes suites = new Codes();
    final Codes extensions = new Codes();
    final Codes groups = new Codes();
    final Codes pointFormats = new Codes();
    final Codes schemes = new Codes();
    final Codes versions = new Codes();
    int legacyVersion;
    boolean hasServerName;
    /** Offset and length of the first host name and the first ALPN value; -1 for none. */
    int nameAt;

    int nameLength;
    int alpnAt;
    int alpnLength;

    private byte[] bytes = new byte[0];
    private int at;
    private int end;

    /** Reads a ClientHello body; {@code dtls}: a cookie follows the session id (RFC 6347 section 4.2.1). */
    void readClient(byte[] hello, int from, int length, boolean dtls) throws MalformedMessage {
        begin(hello, from, length);
        legacyVersion = u16();
        skip(32);
        skip(u8());
        if (dtls) {
            skip(u8());
        }
        int suitesEnd = part(u16(), "cipher_suites");
        while (at + 1 < suitesEnd) {
            addUnlessGrease(suites, u16());
        }
        at = suitesEnd;
        skip(u8());
        readExtensions(true);
    }

    /** Reads a ServerHello body; {@code suites} holds the one chosen. */
    void readServer(byte[] hello, int from, int length) throws MalformedMessage {
        begin(hello, from, length);
        legacyVersion = u16();
        skip(32);
        // the drafts of TLS 1.3 up to 21 had neither session id nor compression here
        boolean draft = legacyVersion >>> 8 == 0x7F;
        skip(draft ? 0 : u8());
        suites.add(u16());
        skip(draft ? 0 : 1);
        readExtensions(false);
    }

    /** The highest of supported_versions, else the legacy version. */
    int version() {
        if (versions.count == 0) {
            return legacyVersion;
        }
        int best = versions.values[0];
        for (int i = 1; i < versions.count; i++) {
            int version = versions.values[i];
            // DTLS counts downwards from 0xFEFF
            if (version >>> 8 == 0xFE && best >>> 8 == 0xFE ? version < best : version > best) {
                best = version;
            }
        }
        return best;
    }

    @Nullable
    String serverName() {
        return nameAt < 0 ? null : new String(bytes, nameAt, nameLength, StandardCharsets.UTF_8);
    }

    @Nullable
    String firstAlpn() {
        return alpnAt < 0 ? null : new String(bytes, alpnAt, alpnLength, StandardCharsets.ISO_8859_1);
    }

    byte alpnByte(int index) {
        return bytes[alpnAt + index];
    }

    static boolean isGrease(int value) {
        return (value & 0x0F0F) == 0x0A0A && value >>> 8 == (value & 0xFF);
    }

    private void begin(byte[] hello, int from, int length) {
        bytes = hello;
        at = from;
        end = from + length;
        suites.count = 0;
        extensions.count = 0;
        groups.count = 0;
        pointFormats.count = 0;
        schemes.count = 0;
        versions.count = 0;
        hasServerName = false;
        nameAt = -1;
        nameLength = 0;
        alpnAt = -1;
        alpnLength = 0;
    }

    private void readExtensions(boolean client) throws MalformedMessage {
        if (at == end) {
            return;
        }
        int blockEnd = part(u16(), "extensions");
        // a stray byte or three at the end of a block is no extension, and no reason to call the rest unreadable
        while (blockEnd - at >= 4) {
            int type = u16();
            int dataEnd = part(u16(), "extension data");
            if (dataEnd > blockEnd) {
                throw new MalformedMessage("extension 0x%04X: beyond the block".formatted(type));
            }
            if (!isGrease(type)) {
                extensions.add(type);
                readExtension(type, dataEnd, client);
            }
            at = dataEnd;
        }
    }

    /** What is too short inside an extension is left out, as other readers do: the fingerprint stands on the rest. */
    private void readExtension(int type, int dataEnd, boolean client) throws MalformedMessage {
        int length = dataEnd - at;
        switch (type) {
            case Extensions.SERVER_NAME -> {
                hasServerName = true;
                if (client && length >= 5 && bytes[at + 2] == 0) {
                    at += 3;
                    nameLength = u16();
                    nameAt = nameLength <= dataEnd - at ? at : -1;
                }
            }
            case Extensions.SUPPORTED_GROUPS -> codes(groups, dataEnd);
            case Extensions.SIGNATURE_ALGORITHMS -> codes(schemes, dataEnd);
            case Extensions.EC_POINT_FORMATS -> {
                int formatsEnd = length < 1 ? dataEnd : Math.min(dataEnd, at + 1 + (bytes[at] & 0xFF));
                for (at++; at < formatsEnd; at++) {
                    pointFormats.add(bytes[at] & 0xFF);
                }
            }
            case Extensions.ALPN -> {
                if (length >= 3) {
                    at += 2;
                    alpnLength = u8();
                    alpnAt = alpnLength > 0 && alpnLength <= dataEnd - at ? at : -1;
                }
            }
            case Extensions.SUPPORTED_VERSIONS -> {
                int versionsEnd = dataEnd;
                if (client && length >= 1) {
                    versionsEnd = Math.min(dataEnd, at + 1 + (bytes[at] & 0xFF));
                    at++;
                }
                while (at + 1 < versionsEnd) {
                    addUnlessGrease(versions, u16());
                }
            }
            default -> {}
        }
    }

    private void codes(Codes codes, int dataEnd) throws MalformedMessage {
        if (dataEnd - at >= 2) {
            int listEnd = Math.min(dataEnd, at + 2 + ((bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF));
            at += 2;
            while (at + 1 < listEnd) {
                addUnlessGrease(codes, u16());
            }
        }
    }

    private static void addUnlessGrease(Codes codes, int value) {
        if (!isGrease(value)) {
            codes.add(value);
        }
    }

    private int u8() throws MalformedMessage {
        if (at >= end) {
            throw new MalformedMessage("hello: ends after " + at + " bytes");
        }
        return bytes[at++] & 0xFF;
    }

    private int u16() throws MalformedMessage {
        if (end - at < 2) {
            throw new MalformedMessage("hello: ends after " + at + " bytes");
        }
        int value = (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF;
        at += 2;
        return value;
    }

    private void skip(int length) throws MalformedMessage {
        at = part(length, "hello");
    }

    private int part(int length, String name) throws MalformedMessage {
        if (length > end - at) {
            throw new MalformedMessage(name + ": wants " + length + " bytes, has " + (end - at));
        }
        return at + length;
    }
}

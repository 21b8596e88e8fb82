package io.tlsfleet.tls.fingerprint;

import io.tlsfleet.tls.wire.MalformedMessage;
import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * JA3, JA3S (Althouse, Atkinson, Atkins; salesforce/ja3) and JA4 (FoxIO, BSD 3-Clause, text of 2024 and later) of
 * hellos, a stream of them: buffers and digests are used again. Not thread-safe; one for each thread.
 *
 * <p>GREASE is ignored everywhere. JA3 keeps the order of everything; JA4 sorts suites and extensions, leaves out
 * server_name and ALPN from the list but counts them, keeps the order of signature algorithms, takes
 * supported_versions before the legacy version, and prints twelve zeros for an empty list.
 */
public final class Fingerprinter {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NONE = "000000000000".getBytes(StandardCharsets.US_ASCII);
    private static final int HASH_LENGTH = 12;
    /** No code point: parts extensions from schemes. */
    private static final int BETWEEN = -1;

    private final HelloFields fields = new HelloFields();
    private final CodeListMemo suiteLists = new CodeListMemo();
    private final CodeListMemo extensionLists = new CodeListMemo();
    private final AsciiBuffer text = new AsciiBuffer();
    private final AsciiBuffer ja4 = new AsciiBuffer();
    private final AsciiBuffer raw = new AsciiBuffer();
    private final MessageDigest md5 = digest("MD5");
    private final MessageDigest sha256 = digest("SHA-256");
    private final byte[] hash = new byte[32];
    private final int[] single = new int[1];
    private int[] sorted = new int[128];

    /** The two hashes alone. */
    public record Hashes(String ja3, String ja4) {}

    /** Of a ClientHello's body (no handshake header), in {@code length} bytes at {@code from}: what a stream of hellos needs. */
    public Hashes hashes(byte[] body, int from, int length, Transport transport) throws MalformedMessage {
        fields.readClient(body, from, length, transport == Transport.DTLS);
        writeJa3();
        writeJa4(transport);
        return new Hashes(hex(md5, text.bytes, text.length, 16), ja4.toString());
    }

    /** The same with everything a person asks for. */
    public ClientFingerprint client(byte[] body, int from, int length, Transport transport) throws MalformedMessage {
        Hashes hashes = hashes(body, from, length, transport);
        return new ClientFingerprint(
                transport,
                hashes.ja3(),
                text.toString(),
                hashes.ja4(),
                raw.toString(),
                fields.serverName(),
                fields.firstAlpn(),
                fields.version());
    }

    public ClientFingerprint client(byte[] body, Transport transport) throws MalformedMessage {
        return client(body, 0, body.length, transport);
    }

    /** Of a ServerHello's body. */
    public ServerFingerprint server(byte[] body) throws MalformedMessage {
        fields.readServer(body, 0, body.length);
        text.clear();
        decimal(fields.legacyVersion);
        text.ascii(',');
        decimal(fields.suites.values[0]);
        text.ascii(',');
        decimals(fields.extensions);
        return new ServerFingerprint(
                hex(md5, text.bytes, text.length, 16), text.toString(), fields.firstAlpn(), fields.version());
    }

    private void writeJa3() {
        text.clear();
        decimal(fields.legacyVersion);
        text.ascii(',');
        decimals(fields.suites);
        text.ascii(',');
        decimals(fields.extensions);
        text.ascii(',');
        decimals(fields.groups);
        text.ascii(',');
        decimals(fields.pointFormats);
    }

    private void writeJa4(Transport transport) {
        raw.clear();
        raw.ascii(transport.letter());
        raw.ascii(Ja4Text.version(fields.version()));
        raw.ascii(fields.hasServerName ? 'd' : 'i');
        raw.twoDigits(fields.suites.count);
        raw.twoDigits(fields.extensions.count);
        writeAlpn();
        raw.ascii('_');
        ja4.clear();
        ja4.append(raw.bytes, 0, raw.length);

        int suites = fields.suites.count;
        CodeListMemo.Entry known = suiteLists.find(fields.suites.values, suites);
        if (known != null) {
            append(known);
        } else {
            int start = raw.length;
            sort(fields.suites, false);
            raw.hex(sorted, suites);
            suiteLists.keep(fields.suites.values, suites, rawFrom(start), hashOf(start));
        }
        ja4.ascii('_');
        raw.ascii('_');
        writeExtensions();
    }

    /** The list is looked up sorted, the schemes behind it: browsers draw the order of their extensions anew each time. */
    private void writeExtensions() {
        int count = sort(fields.extensions, true);
        int schemes = count == 0 ? 0 : fields.schemes.count;
        if (sorted.length < count + 1 + schemes) {
            sorted = Arrays.copyOf(sorted, count + 1 + schemes);
        }
        sorted[count] = BETWEEN;
        System.arraycopy(fields.schemes.values, 0, sorted, count + 1, schemes);
        CodeListMemo.Entry known = extensionLists.find(sorted, count + 1 + schemes);
        if (known != null) {
            append(known);
            return;
        }
        int start = raw.length;
        raw.hex(sorted, count);
        if (schemes > 0) {
            raw.ascii('_');
            raw.hex(fields.schemes.values, schemes);
        }
        extensionLists.keep(sorted, count + 1 + schemes, rawFrom(start), hashOf(start));
    }

    private void append(CodeListMemo.Entry known) {
        raw.append(known.hex(), 0, known.hex().length);
        ja4.append(known.hash(), 0, known.hash().length);
    }

    private byte[] rawFrom(int start) {
        return Arrays.copyOfRange(raw.bytes, start, raw.length);
    }

    private void writeAlpn() {
        if (fields.alpnAt < 0) {
            raw.ascii("00");
            return;
        }
        byte first = fields.alpnByte(0);
        byte last = fields.alpnByte(fields.alpnLength - 1);
        if (isAlphanumeric(first) && isAlphanumeric(last)) {
            raw.ascii((char) first);
            raw.ascii((char) last);
        } else {
            raw.ascii((char) HEX[first >>> 4 & 0xF]);
            raw.ascii((char) HEX[last & 0xF]);
        }
    }

    /** Into {@code sorted}; how many they are. Of extensions without server_name and ALPN. */
    private int sort(HelloFields.Codes codes, boolean extensions) {
        if (sorted.length < codes.count) {
            sorted = new int[codes.count];
        }
        int n = 0;
        for (int i = 0; i < codes.count; i++) {
            int value = codes.values[i];
            if (!extensions || value != 0 && value != 16) {
                // lists are short and often nearly sorted: insertion beats a general sort
                int j = n++;
                while (j > 0 && sorted[j - 1] > value) {
                    sorted[j] = sorted[j - 1];
                    j--;
                }
                sorted[j] = value;
                if (n > 512) {
                    return fillAndSort(codes, extensions);
                }
            }
        }
        return n;
    }

    /** For absurdly long lists, where insertion would be quadratic. */
    private int fillAndSort(HelloFields.Codes codes, boolean extensions) {
        int n = 0;
        for (int i = 0; i < codes.count; i++) {
            if (!extensions || codes.values[i] != 0 && codes.values[i] != 16) {
                sorted[n++] = codes.values[i];
            }
        }
        Arrays.sort(sorted, 0, n);
        return n;
    }

    /** Writes twelve characters for what {@code raw} has from there on, and hands them out. */
    private byte[] hashOf(int start) {
        int from = ja4.length;
        if (raw.length == start) {
            ja4.append(NONE, 0, NONE.length);
        } else {
            sha256.update(raw.bytes, start, raw.length - start);
            finish(sha256, 32);
            for (int i = 0; i < HASH_LENGTH / 2; i++) {
                ja4.ascii((char) HEX[hash[i] >>> 4 & 0xF]);
                ja4.ascii((char) HEX[hash[i] & 0xF]);
            }
        }
        return Arrays.copyOfRange(ja4.bytes, from, ja4.length);
    }

    private void decimals(HelloFields.Codes codes) {
        text.decimals(codes.values, codes.count);
    }

    private void decimal(int value) {
        single[0] = value;
        text.decimals(single, 1);
    }

    @SuppressWarnings("deprecation") // ISO-8859-1 from a slice without a copy
    private String hex(MessageDigest digest, byte[] bytes, int length, int size) {
        digest.update(bytes, 0, length);
        finish(digest, size);
        byte[] digits = new byte[size * 2];
        for (int i = 0; i < size; i++) {
            digits[2 * i] = HEX[hash[i] >>> 4 & 0xF];
            digits[2 * i + 1] = HEX[hash[i] & 0xF];
        }
        return new String(digits, 0, 0, digits.length);
    }

    private void finish(MessageDigest digest, int size) {
        try {
            digest.digest(hash, 0, size);
        } catch (DigestException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isAlphanumeric(byte b) {
        return b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z';
    }

    private static MessageDigest digest(String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}

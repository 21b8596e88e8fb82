package io.tlsfleet.tls.fingerprint;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What was made of a list of code points the last time: a network has thousands of clients and a few dozen lists of cipher
 * suites, and of extensions with signature schemes once those are sorted; to hash one costs as much as everything else about a
 * JA4. One place a list, the newer one stays.
 */
final class CodeListMemo {
    private static final int PLACES = 1024;
    private static final int LONGEST = 256;

    /** {@code hex}: the list as JA4_r has it; {@code hash}: its twelve characters. */
    record Entry(int[] codes, byte[] hex, byte[] hash) {}

    private final @Nullable Entry[] entries = new @Nullable Entry[PLACES];

    @Nullable
    Entry find(int[] codes, int count) {
        Entry entry = entries[place(codes, count)];
        return entry != null && Arrays.equals(entry.codes, 0, entry.codes.length, codes, 0, count) ? entry : null;
    }

    void keep(int[] codes, int count, byte[] hex, byte[] hash) {
        if (count > LONGEST) {
            return; // no client that is known, and a stream of such lists must not fill the memory
        }
        entries[place(codes, count)] = new Entry(Arrays.copyOf(codes, count), hex, hash);
    }

    private static int place(int[] codes, int count) {
        int hash = count;
        for (int i = 0; i < count; i++) {
            hash = 31 * hash + codes[i];
        }
        return (hash ^ hash >>> 10 ^ hash >>> 20) & PLACES - 1;
    }
}

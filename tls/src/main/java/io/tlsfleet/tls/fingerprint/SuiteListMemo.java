package io.tlsfleet.tls.fingerprint;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What was made of a cipher suite list the last time: a network has thousands of clients and a few dozen such lists, and
 * sorting and hashing one costs as much as everything else about a JA4. One place a list, the newer one stays.
 */
final class SuiteListMemo {
    private static final int PLACES = 256;

    /** {@code sortedHex}: the list as JA4_r has it; {@code hash}: its twelve characters. */
    record Entry(int[] suites, byte[] sortedHex, byte[] hash) {}

    private final @Nullable Entry[] entries = new @Nullable Entry[PLACES];

    @Nullable
    Entry find(HelloFields.Codes suites) {
        Entry entry = entries[place(suites)];
        return entry != null && Arrays.equals(entry.suites, 0, entry.suites.length, suites.values, 0, suites.count)
                ? entry
                : null;
    }

    void keep(HelloFields.Codes suites, byte[] sortedHex, byte[] hash) {
        entries[place(suites)] = new Entry(Arrays.copyOf(suites.values, suites.count), sortedHex, hash);
    }

    private static int place(HelloFields.Codes suites) {
        int hash = suites.count;
        for (int i = 0; i < suites.count; i++) {
            hash = 31 * hash + suites.values[i];
        }
        return (hash ^ hash >>> 8 ^ hash >>> 16) & PLACES - 1;
    }
}

package io.tlsfleet.scanner.fuzz;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Flips, cuts, repeats, inserts, splices two seeds, and puts lengths wrong; the same seed makes the same mutants. */
final class Mutator {
    private static final int MAX_LENGTH = 1 << 16;

    private final List<byte[]> seeds;
    private final Random random;

    Mutator(List<byte[]> seeds, long seed) {
        this.seeds = seeds;
        this.random = new Random(seed);
    }

    byte[] next() {
        byte[] bytes = any().clone();
        int changes = 1 + random.nextInt(5);
        for (int i = 0; i < changes && bytes.length > 4; i++) {
            bytes = change(bytes, random.nextInt(bytes.length));
        }
        return bytes.length <= MAX_LENGTH ? bytes : Arrays.copyOf(bytes, MAX_LENGTH);
    }

    private byte[] any() {
        return seeds.get(random.nextInt(seeds.size()));
    }

    private byte[] change(byte[] bytes, int at) {
        switch (random.nextInt(9)) {
            case 0 -> bytes[at] = (byte) random.nextInt();
            case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 2 -> {
                return Arrays.copyOf(bytes, at + 1);
            }
            case 3 -> bytes[at] = (byte) (random.nextBoolean() ? 0xFF : random.nextBoolean() ? 0x80 : 0);
            case 4 -> bytes[at] += (byte) (random.nextBoolean() ? 1 : -1);
            case 5 -> {
                // two bytes that may be a length: what is left, or a little more or less
                int length = bytes.length - at - 2 + random.nextInt(3) - 1;
                if (at + 1 < bytes.length) {
                    bytes[at] = (byte) (length >> 8);
                    bytes[at + 1] = (byte) length;
                }
            }
            case 6 -> {
                byte[] other = any();
                int from = random.nextInt(other.length);
                return joined(Arrays.copyOf(bytes, at), Arrays.copyOfRange(other, from, other.length));
            }
            case 7 -> {
                int length = 1 + random.nextInt(Math.min(512, bytes.length - at));
                byte[] piece = Arrays.copyOfRange(bytes, at, at + length);
                byte[] twice = joined(Arrays.copyOf(bytes, at + length), piece);
                return joined(twice, Arrays.copyOfRange(bytes, at + length, bytes.length));
            }
            default -> {
                int length = Math.min(bytes.length - at, 1 + random.nextInt(8));
                return joined(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, at + length, bytes.length));
            }
        }
        return bytes;
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}

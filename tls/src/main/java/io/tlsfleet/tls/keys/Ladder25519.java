package io.tlsfleet.tls.keys;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Scalar multiplication on Curve25519 (RFC 7748 section 5) with scalars of any length, each bit of which costs a step: the
 * clamped ones of the RFC always have 255. Not constant in time, so for keys only that protect nothing. Field elements are
 * five limbs of 51 bits, reduced or the sum or difference of two such.
 */
final class Ladder25519 {
    static final int LENGTH = 32;

    private static final int LIMBS = 5;
    private static final int BITS = 51;
    private static final long MASK = (1L << BITS) - 1;
    /** Twice the prime's limbs, so that a difference never goes below zero. */
    private static final long TWICE_FIRST = 2 * (MASK - 18);

    private static final long TWICE = 2 * MASK;
    private static final long A24 = 121_665;
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private Ladder25519() {}

    /** The u coordinate of the point {@code scalar} (little-endian, above 0) times that of {@code u}; zeros where there is none. */
    static byte[] multiply(byte[] scalar, byte[] u) {
        long[] x1 = decode(u);
        long[] x2 = one();
        long[] z2 = new long[LIMBS];
        long[] x3 = x1.clone();
        long[] z3 = one();
        long[] a = new long[LIMBS];
        long[] b = new long[LIMBS];
        long[] c = new long[LIMBS];
        long[] d = new long[LIMBS];
        boolean swapped = false;
        for (int bit = topBit(scalar); bit >= 0; bit--) {
            boolean set = (scalar[bit >> 3] >> (bit & 7) & 1) != 0;
            if (set != swapped) {
                long[] x = x2;
                x2 = x3;
                x3 = x;
                long[] z = z2;
                z2 = z3;
                z3 = z;
                swapped = set;
            }
            add(x2, z2, a);
            subtract(x2, z2, b);
            add(x3, z3, c);
            subtract(x3, z3, d);
            multiply(d, a, d);
            multiply(c, b, c);
            square(a, a);
            square(b, b);
            add(d, c, x3);
            square(x3, x3);
            subtract(d, c, z3);
            square(z3, z3);
            multiply(z3, x1, z3);
            multiply(a, b, x2);
            subtract(a, b, c);
            multiply(c, A24, z2);
            add(a, z2, z2);
            multiply(c, z2, z2);
        }
        long[] x = swapped ? x3 : x2;
        invert(swapped ? z3 : z2, a);
        multiply(x, a, x);
        return encode(x);
    }

    private static int topBit(byte[] scalar) {
        int bit = 8 * scalar.length - 1;
        while (bit > 0 && (scalar[bit >> 3] >> (bit & 7) & 1) == 0) {
            bit--;
        }
        return bit;
    }

    private static long[] one() {
        return new long[] {1, 0, 0, 0, 0};
    }

    private static void add(long[] x, long[] y, long[] out) {
        for (int i = 0; i < LIMBS; i++) {
            out[i] = x[i] + y[i];
        }
    }

    private static void subtract(long[] x, long[] y, long[] out) {
        out[0] = x[0] + TWICE_FIRST - y[0];
        for (int i = 1; i < LIMBS; i++) {
            out[i] = x[i] + TWICE - y[i];
        }
    }

    /** What of a product is above a limb; {@code x} below 2^55, {@code y} below 2^58. */
    private static long high(long x, long y) {
        return Math.multiplyHigh(x << 8, y << 5);
    }

    private static long low(long x, long y) {
        return x * y & MASK;
    }

    private static void multiply(long[] x, long[] y, long[] out) {
        long x0 = x[0];
        long x1 = x[1];
        long x2 = x[2];
        long x3 = x[3];
        long x4 = x[4];
        long y0 = y[0];
        long y1 = y[1];
        long y2 = y[2];
        long y3 = y[3];
        long y4 = y[4];
        long w1 = 19 * y1;
        long w2 = 19 * y2;
        long w3 = 19 * y3;
        long w4 = 19 * y4;
        long h0 = high(x0, y0) + high(x1, w4) + high(x2, w3) + high(x3, w2) + high(x4, w1);
        long h1 = high(x0, y1) + high(x1, y0) + high(x2, w4) + high(x3, w3) + high(x4, w2);
        long h2 = high(x0, y2) + high(x1, y1) + high(x2, y0) + high(x3, w4) + high(x4, w3);
        long h3 = high(x0, y3) + high(x1, y2) + high(x2, y1) + high(x3, y0) + high(x4, w4);
        long h4 = high(x0, y4) + high(x1, y3) + high(x2, y2) + high(x3, y1) + high(x4, y0);
        long l0 = low(x0, y0) + low(x1, w4) + low(x2, w3) + low(x3, w2) + low(x4, w1);
        long l1 = low(x0, y1) + low(x1, y0) + low(x2, w4) + low(x3, w3) + low(x4, w2);
        long l2 = low(x0, y2) + low(x1, y1) + low(x2, y0) + low(x3, w4) + low(x4, w3);
        long l3 = low(x0, y3) + low(x1, y2) + low(x2, y1) + low(x3, y0) + low(x4, w4);
        long l4 = low(x0, y4) + low(x1, y3) + low(x2, y2) + low(x3, y1) + low(x4, y0);
        carry(l0 + 19 * h4, l1 + h0, l2 + h1, l3 + h2, l4 + h3, out);
    }

    private static void square(long[] x, long[] out) {
        long x0 = x[0];
        long x1 = x[1];
        long x2 = x[2];
        long x3 = x[3];
        long x4 = x[4];
        long d0 = 2 * x0;
        long d1 = 2 * x1;
        long d2 = 2 * x2;
        long d3 = 2 * x3;
        long w3 = 19 * x3;
        long w4 = 19 * x4;
        long h0 = high(x0, x0) + high(d1, w4) + high(d2, w3);
        long h1 = high(d0, x1) + high(d2, w4) + high(x3, w3);
        long h2 = high(d0, x2) + high(x1, x1) + high(d3, w4);
        long h3 = high(d0, x3) + high(d1, x2) + high(x4, w4);
        long h4 = high(d0, x4) + high(d1, x3) + high(x2, x2);
        long l0 = low(x0, x0) + low(d1, w4) + low(d2, w3);
        long l1 = low(d0, x1) + low(d2, w4) + low(x3, w3);
        long l2 = low(d0, x2) + low(x1, x1) + low(d3, w4);
        long l3 = low(d0, x3) + low(d1, x2) + low(x4, w4);
        long l4 = low(d0, x4) + low(d1, x3) + low(x2, x2);
        carry(l0 + 19 * h4, l1 + h0, l2 + h1, l3 + h2, l4 + h3, out);
    }

    private static void multiply(long[] x, long y, long[] out) {
        carry(
                low(x[0], y) + 19 * high(x[4], y),
                low(x[1], y) + high(x[0], y),
                low(x[2], y) + high(x[1], y),
                low(x[3], y) + high(x[2], y),
                low(x[4], y) + high(x[3], y),
                out);
    }

    private static void carry(long r0, long r1, long r2, long r3, long r4, long[] out) {
        long s1 = r1 + (r0 >>> BITS);
        long s2 = r2 + (s1 >>> BITS);
        long s3 = r3 + (s2 >>> BITS);
        long s4 = r4 + (s3 >>> BITS);
        long s0 = (r0 & MASK) + 19 * (s4 >>> BITS);
        out[0] = s0 & MASK;
        out[1] = (s1 & MASK) + (s0 >>> BITS);
        out[2] = s2 & MASK;
        out[3] = s3 & MASK;
        out[4] = s4 & MASK;
    }

    /** To the power of p - 2, which is 2^255 - 21; zero stays zero. */
    private static void invert(long[] x, long[] out) {
        long[] x2 = new long[LIMBS];
        square(x, x2);
        long[] x9 = squares(x2, 2);
        multiply(x9, x, x9);
        long[] x11 = new long[LIMBS];
        multiply(x9, x2, x11);
        long[] to5 = squares(x11, 1); // to the power of 2^5 - 1, and so on
        multiply(to5, x9, to5);
        long[] to10 = joined(to5, 5, to5);
        long[] to20 = joined(to10, 10, to10);
        long[] to40 = joined(to20, 20, to20);
        long[] to50 = joined(to40, 10, to10);
        long[] to100 = joined(to50, 50, to50);
        long[] to200 = joined(to100, 100, to100);
        long[] to250 = joined(to200, 50, to50);
        multiply(squares(to250, 5), x11, out);
    }

    private static long[] joined(long[] x, int times, long[] tail) {
        long[] out = squares(x, times);
        multiply(out, tail, out);
        return out;
    }

    private static long[] squares(long[] x, int times) {
        long[] out = x.clone();
        for (int i = 0; i < times; i++) {
            square(out, out);
        }
        return out;
    }

    /** Of 32 bytes; the highest bit does not count. */
    private static long[] decode(byte[] bytes) {
        long w0 = (long) LONGS.get(bytes, 0);
        long w1 = (long) LONGS.get(bytes, 8);
        long w2 = (long) LONGS.get(bytes, 16);
        long w3 = (long) LONGS.get(bytes, 24);
        return new long[] {
            w0 & MASK,
            (w0 >>> 51 | w1 << 13) & MASK,
            (w1 >>> 38 | w2 << 26) & MASK,
            (w2 >>> 25 | w3 << 39) & MASK,
            w3 >>> 12 & MASK
        };
    }

    private static byte[] encode(long[] x) {
        long[] r = new long[LIMBS];
        carry(x[0], x[1], x[2], x[3], x[4], r);
        carry(r[0], r[1], r[2], r[3], r[4], r);
        // all limbs fit now: whether it is not below the prime shows in a carry when 19 is added
        long q = r[0] + 19 >>> BITS;
        for (int i = 1; i < LIMBS; i++) {
            q = r[i] + q >>> BITS;
        }
        r[0] += 19 * q;
        for (int i = 0; i < LIMBS - 1; i++) {
            r[i + 1] += r[i] >>> BITS;
            r[i] &= MASK;
        }
        r[4] &= MASK;
        byte[] bytes = new byte[LENGTH];
        LONGS.set(bytes, 0, r[0] | r[1] << 51);
        LONGS.set(bytes, 8, r[1] >>> 13 | r[2] << 38);
        LONGS.set(bytes, 16, r[2] >>> 26 | r[3] << 25);
        LONGS.set(bytes, 24, r[3] >>> 39 | r[4] << 12);
        return bytes;
    }
}

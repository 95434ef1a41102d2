package io.latticegate.admin.analytics;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * How long requests took, in bins that are the same everywhere, so that histograms add up exactly. Bins are log-linear: below
 * 64 µs one per microsecond, above it 32 for each doubling, up to 2<sup>37</sup> µs (38 hours); what took longer counts in the
 * last one. A quantile is the middle of its bin and so at most 1/64 (1.6 %) away from the value of that rank.
 *
 * <p>As bytes: for each bin that has anything, its distance from the one before and its count, both as varints of 7 bits.
 *
 * <p>Not thread-safe.
 */
final class LatencyHistogram {
    private static final int LINEAR = 64;
    private static final int PER_DOUBLING_BITS = 5;
    private static final int PER_DOUBLING = 1 << PER_DOUBLING_BITS;
    private static final int EXPONENT_MAX = 36;
    private static final int FIRST_EXPONENT = 6;
    private static final int BINS = LINEAR + (EXPONENT_MAX - FIRST_EXPONENT + 1) * PER_DOUBLING;

    private int[] bins = new int[4];
    private long[] counts = new long[4];
    private int used;

    /** Adds one request. */
    void add(long micros) {
        add(binOf(micros), 1);
    }

    /** Adds everything in {@code other}. */
    void add(LatencyHistogram other) {
        for (int at = 0; at < other.used; at++) {
            add(other.bins[at], other.counts[at]);
        }
    }

    /**
     * Adds what {@link #bytes()} wrote.
     *
     * @throws IllegalArgumentException if it is something else
     */
    void add(byte[] bytes) {
        int at = 0;
        int bin = -1;
        while (at < bytes.length) {
            long distance = 0;
            long count = 0;
            for (int part = 0; part < 2; part++) {
                long value = 0;
                int shift = 0;
                byte next;
                do {
                    if (at == bytes.length || shift > 56) {
                        throw new IllegalArgumentException("a latency histogram ends in the middle of a number");
                    }
                    next = bytes[at++];
                    value |= (next & 0x7FL) << shift;
                    shift += 7;
                } while (next < 0);
                if (part == 0) {
                    distance = value;
                } else {
                    count = value;
                }
            }
            if (distance < 1 || distance > BINS - 1 - bin) {
                throw new IllegalArgumentException("a latency histogram names a bin that there is not");
            }
            bin += (int) distance;
            add(bin, count);
        }
    }

    long count() {
        long all = 0;
        for (int at = 0; at < used; at++) {
            all += counts[at];
        }
        return all;
    }

    /**
     * The time within which that share of the requests ended, in microseconds.
     *
     * @param share above 0, at most 1
     * @return -1 when there is none
     */
    long quantileMicros(double share) {
        long rank = (long) Math.ceil(share * count());
        long seen = 0;
        for (int at = 0; at < used; at++) {
            seen += counts[at];
            if (seen >= rank) {
                return middleOf(bins[at]);
            }
        }
        return -1;
    }

    byte[] bytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(used * 3);
        int before = -1;
        for (int at = 0; at < used; at++) {
            varint(bytes, bins[at] - before);
            varint(bytes, counts[at]);
            before = bins[at];
        }
        return bytes.toByteArray();
    }

    private static void varint(ByteArrayOutputStream bytes, long value) {
        long rest = value;
        while (rest > 0x7F) {
            bytes.write((int) (rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        bytes.write((int) rest);
    }

    private void add(int bin, long count) {
        int at = Arrays.binarySearch(bins, 0, used, bin);
        if (at >= 0) {
            counts[at] += count;
            return;
        }
        int free = -at - 1;
        if (used == bins.length) {
            bins = Arrays.copyOf(bins, used * 2);
            counts = Arrays.copyOf(counts, used * 2);
        }
        System.arraycopy(bins, free, bins, free + 1, used - free);
        System.arraycopy(counts, free, counts, free + 1, used - free);
        bins[free] = bin;
        counts[free] = count;
        used++;
    }

    private static int binOf(long micros) {
        if (micros < LINEAR) {
            return (int) Math.max(0, micros);
        }
        int exponent = 63 - Long.numberOfLeadingZeros(micros);
        if (exponent > EXPONENT_MAX) {
            return BINS - 1;
        }
        int within = (int) (micros >> (exponent - PER_DOUBLING_BITS)) & (PER_DOUBLING - 1);
        return LINEAR + (exponent - FIRST_EXPONENT) * PER_DOUBLING + within;
    }

    private static long middleOf(int bin) {
        if (bin < LINEAR) {
            return bin;
        }
        int exponent = FIRST_EXPONENT + (bin - LINEAR) / PER_DOUBLING;
        long width = 1L << (exponent - PER_DOUBLING_BITS);
        long lowest = (PER_DOUBLING + (bin - LINEAR) % PER_DOUBLING) * width;
        return lowest + width / 2;
    }
}

package io.latticegate.fhe.core.wire;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Takes the residues of an object piece by piece, in order: polynomial by polynomial, prime by prime, coefficient by
 * coefficient. Every residue has been checked to be below its prime.
 */
@FunctionalInterface
public interface ResidueSink {
    /**
     * Takes the next residues.
     *
     * @param residues the caller's buffer, valid during the call only
     * @param count how many of its first words are meant
     */
    void accept(long[] residues, int count) throws IOException;

    /** Writes from index {@code offset} of an array on; the array must have room for all. */
    static ResidueSink into(long[] array, int offset) {
        return new ResidueSink() {
            private int next = offset;

            @Override
            public void accept(long[] residues, int count) {
                System.arraycopy(residues, 0, array, next, count);
                next += count;
            }
        };
    }

    /**
     * Writes to a memory segment from its byte {@code offset} on, least significant byte first, so that a mapped file takes
     * keys that do not fit the heap.
     */
    static ResidueSink into(MemorySegment segment, long offset) {
        ValueLayout.OfLong layout = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
        return new ResidueSink() {
            private long next = offset;

            @Override
            public void accept(long[] residues, int count) {
                MemorySegment.copy(residues, 0, segment, layout, next, count);
                next += (long) count * Long.BYTES;
            }
        };
    }
}

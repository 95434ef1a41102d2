package io.latticegate.fhe.core.backend;

import io.latticegate.fhe.core.ring.RnsBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Residues in this machine's memory. */
sealed interface HostBuffer extends RnsBuffer {
    /** {@code length} residues from {@code at} on: in place where that is possible, else copied to {@code space}. */
    Limb read(int at, int length, Supplier<Limb> space);

    /** Copies the first {@code length} residues to {@code to}, from {@code at} on. */
    void copyTo(long[] to, int at, int length);

    /** Residues on the heap, which can be written. */
    final class Owned implements HostBuffer {
        private long @Nullable [] words;

        Owned(long[] words) {
            this.words = words;
        }

        long[] words() {
            long[] current = words;
            if (current == null) {
                throw new IllegalStateException("the polynomial is closed");
            }
            return current;
        }

        @Override
        public Limb read(int at, int length, Supplier<Limb> space) {
            return new Limb(words(), at, length);
        }

        @Override
        public void copyTo(long[] to, int at, int length) {
            System.arraycopy(words(), 0, to, at, length);
        }

        @Override
        public void close() {
            long[] current = words;
            if (current != null) {
                words = null;
                Arrays.fill(current, 0);
            }
        }
    }

    /** Residues elsewhere, read only; what owns the memory frees it. */
    record Viewed(MemorySegment segment) implements HostBuffer {
        private static final ValueLayout.OfLong WORD =
                ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

        @Override
        public Limb read(int at, int length, Supplier<Limb> space) {
            Limb copy = space.get();
            MemorySegment.copy(segment, WORD, (long) at * Long.BYTES, copy.words(), copy.at(), length);
            return copy;
        }

        @Override
        public void copyTo(long[] to, int at, int length) {
            MemorySegment.copy(segment, WORD, 0, to, at, length);
        }

        @Override
        public void close() {}
    }
}

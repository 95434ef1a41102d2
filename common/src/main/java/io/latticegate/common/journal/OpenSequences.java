package io.latticegate.common.journal;

import java.util.Arrays;
import java.util.Collection;

/**
 * A bounded set of sequence numbers without boxing: open addressing, linear probing, deletion by shifting back (Knuth, The
 * Art of Computer Programming, vol. 3, 6.4, algorithm R). Not thread-safe.
 */
final class OpenSequences {
    private final long[] table;
    private final int max;
    private int size;

    /** A set that {@code initial} members may fill beyond {@code max}, as when the bound was lowered between two starts. */
    OpenSequences(int max, Collection<Long> initial) {
        this.max = max;
        this.table = new long[Integer.highestOneBit(Math.max(Math.max(max, initial.size()), 4) * 2 - 1) * 2];
        initial.forEach(this::add);
    }

    int size() {
        return size;
    }

    boolean isFull() {
        return size >= max;
    }

    boolean contains(long sequence) {
        return table[slotOf(sequence)] == sequence;
    }

    /** Adds; the caller has asked {@link #isFull()}. */
    final void add(long sequence) {
        int slot = slotOf(sequence);
        if (table[slot] == 0) {
            table[slot] = sequence;
            size++;
        }
    }

    boolean remove(long sequence) {
        int hole = slotOf(sequence);
        if (table[hole] != sequence) {
            return false;
        }
        int mask = table.length - 1;
        for (int next = (hole + 1) & mask; table[next] != 0; next = (next + 1) & mask) {
            int home = home(table[next]);
            if (((next - home) & mask) >= ((next - hole) & mask)) {
                table[hole] = table[next];
                hole = next;
            }
        }
        table[hole] = 0;
        size--;
        return true;
    }

    /** The members up to and including {@code sequence}, ascending. */
    long[] through(long sequence) {
        long[] found = Arrays.stream(table)
                .filter(member -> member != 0 && member <= sequence)
                .toArray();
        Arrays.sort(found);
        return found;
    }

    private int slotOf(long sequence) {
        int mask = table.length - 1;
        int slot = home(sequence);
        while (table[slot] != 0 && table[slot] != sequence) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private int home(long sequence) {
        return (int) ((sequence * 0x9E37_79B9_7F4A_7C15L) >>> 40) & (table.length - 1);
    }
}

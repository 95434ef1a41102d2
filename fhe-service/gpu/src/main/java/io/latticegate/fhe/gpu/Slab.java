package io.latticegate.fhe.gpu;

import java.util.Comparator;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Blocks of one reservation, which is its hard limit. The smallest free piece that is long enough is taken, and free
 * neighbours become one. Safe for use by several threads.
 */
final class Slab {
    /** What a block's address and length are multiples of, in bytes. */
    static final long ALIGNMENT = 512;

    private record Piece(long offset, long bytes) {}

    private final long bytes;
    private final TreeMap<Long, Long> freeByOffset = new TreeMap<>();
    private final TreeSet<Piece> freeBySize =
            new TreeSet<>(Comparator.comparingLong(Piece::bytes).thenComparingLong(Piece::offset));
    private final TreeMap<Long, Long> taken = new TreeMap<>();
    private long used;
    private long peak;

    /** @param bytes a positive multiple of {@link #ALIGNMENT} */
    Slab(long bytes) {
        if (bytes <= 0 || bytes % ALIGNMENT != 0) {
            throw new IllegalArgumentException(
                    "a slab of " + bytes + " bytes; allowed are positive multiples of " + ALIGNMENT);
        }
        this.bytes = bytes;
        addFree(0, bytes);
    }

    /** What a request of this many bytes takes. */
    static long rounded(long bytes) {
        return Math.max(1, (bytes + ALIGNMENT - 1) / ALIGNMENT) * ALIGNMENT;
    }

    private void addFree(long offset, long length) {
        freeByOffset.put(offset, length);
        freeBySize.add(new Piece(offset, length));
    }

    private void removeFree(long offset, long length) {
        freeByOffset.remove(offset);
        freeBySize.remove(new Piece(offset, length));
    }

    /** The offset of a new block, or nothing where no free piece is long enough. */
    synchronized OptionalLong take(long wanted) {
        long length = rounded(wanted);
        Piece piece = freeBySize.ceiling(new Piece(0, length));
        if (piece == null) {
            return OptionalLong.empty();
        }
        removeFree(piece.offset, piece.bytes);
        if (piece.bytes > length) {
            addFree(piece.offset + length, piece.bytes - length);
        }
        taken.put(piece.offset, length);
        used += length;
        peak = Math.max(peak, used);
        return OptionalLong.of(piece.offset);
    }

    /** @throws IllegalStateException if there is no block at this offset */
    synchronized void giveBack(long offset) {
        Long length = taken.remove(offset);
        if (length == null) {
            throw new IllegalStateException("no block begins at " + offset);
        }
        used -= length;
        long start = offset;
        long end = offset + length;
        var before = freeByOffset.lowerEntry(offset);
        if (before != null && before.getKey() + before.getValue() == offset) {
            removeFree(before.getKey(), before.getValue());
            start = before.getKey();
        }
        Long after = freeByOffset.get(end);
        if (after != null) {
            removeFree(end, after);
            end += after;
        }
        addFree(start, end - start);
    }

    /** The size of the reservation. */
    long bytes() {
        return bytes;
    }

    /** What blocks take now. */
    synchronized long used() {
        return used;
    }

    /** The most that blocks ever took. */
    synchronized long peak() {
        return peak;
    }

    /** How many blocks there are. */
    synchronized int blocks() {
        return taken.size();
    }
}

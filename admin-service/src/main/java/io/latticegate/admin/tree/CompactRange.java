package io.latticegate.admin.tree;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The least that is needed to append to a tree: the heads of the perfect subtrees that make it up, largest first, one for
 * each 1 in the binary form of its size. Appending is a carry: equal heights merge.
 *
 * <p>Not thread-safe.
 */
final class CompactRange {
    private static final int TILE_HEIGHT = 8;

    /** Is told the heads of full tiles as they arise. */
    @FunctionalInterface
    interface FullTiles {
        /**
         * @param level of the tile that holds the hash, from 1
         * @param index of the hash within that level
         */
        void add(int level, long index, byte[] hash);
    }

    private final List<byte[]> peaks = new ArrayList<>();
    private long size;

    CompactRange() {}

    /**
     * @param packed as {@link #packed()} gives it
     * @throws IllegalArgumentException when it does not fit the size
     */
    static CompactRange of(long size, byte[] packed) {
        if (size < 0 || packed.length != Long.bitCount(size) * TreeHash.BYTES) {
            throw new IllegalArgumentException("a tree of " + size + " leaves has " + Long.bitCount(size)
                    + " perfect subtrees, not " + packed.length + " bytes of them");
        }
        CompactRange range = new CompactRange();
        for (int at = 0; at < packed.length; at += TreeHash.BYTES) {
            range.peaks.add(Arrays.copyOfRange(packed, at, at + TreeHash.BYTES));
        }
        range.size = size;
        return range;
    }

    long size() {
        return size;
    }

    void append(byte[] leafHash, FullTiles tiles) {
        byte[] hash = leafHash;
        int height = 0;
        while (((size >>> height) & 1) == 1) {
            hash = TreeHash.node(peaks.removeLast(), hash);
            height++;
            if (height % TILE_HEIGHT == 0) {
                tiles.add(height / TILE_HEIGHT, size >>> height, hash);
            }
        }
        peaks.add(hash);
        size++;
    }

    byte[] root() {
        if (peaks.isEmpty()) {
            return TreeHash.empty();
        }
        byte[] root = peaks.getLast();
        for (int at = peaks.size() - 2; at >= 0; at--) {
            root = TreeHash.node(peaks.get(at), root);
        }
        return root;
    }

    /** The subtrees' heads one after another. */
    byte[] packed() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(peaks.size() * TreeHash.BYTES);
        peaks.forEach(bytes::writeBytes);
        return bytes.toByteArray();
    }
}

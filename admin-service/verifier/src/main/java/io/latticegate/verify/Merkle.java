package io.latticegate.verify;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/**
 * A tree of RFC 9162, section 2.1, built leaf by leaf. It keeps one hash per perfect subtree on its right edge, and for each
 * level of tiles above the lowest the hashes that those tiles must hold.
 */
final class Merkle {
    static final int HASH_BYTES = 32;

    private static final int TILE_BITS = 8;

    private record Perfect(int height, byte[] hash) {}

    private final List<Perfect> edge = new ArrayList<>();
    private final List<List<byte[]>> levels = new ArrayList<>();
    private long size;

    static byte[] sha256(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("this JDK has no SHA-256", missing);
        }
    }

    static byte[] leafHash(byte[] data) {
        return sha256(new byte[] {0}, data);
    }

    private static byte[] inner(byte[] left, byte[] right) {
        return sha256(new byte[] {1}, left, right);
    }

    long size() {
        return size;
    }

    void add(byte[] leafHash) {
        Perfect subtree = new Perfect(0, leafHash);
        while (!edge.isEmpty() && edge.getLast().height() == subtree.height()) {
            subtree = new Perfect(subtree.height() + 1, inner(edge.removeLast().hash(), subtree.hash()));
            if (subtree.height() % TILE_BITS == 0) {
                keep(subtree);
            }
        }
        edge.add(subtree);
        size++;
    }

    private void keep(Perfect subtree) {
        int level = subtree.height() / TILE_BITS;
        while (levels.size() < level) {
            levels.add(new ArrayList<>());
        }
        levels.get(level - 1).add(subtree.hash());
    }

    /** The root of what was added so far. */
    byte[] root() {
        if (edge.isEmpty()) {
            return sha256();
        }
        byte[] root = edge.getLast().hash();
        for (Perfect subtree : edge.reversed().subList(1, edge.size())) {
            root = inner(subtree.hash(), root);
        }
        return root;
    }

    /** How many levels of tiles there are above the lowest. */
    int upperLevels() {
        return levels.size();
    }

    /** All hashes of a level of tiles, from 1, in order. */
    List<byte[]> upperLevel(int level) {
        return levels.get(level - 1);
    }
}

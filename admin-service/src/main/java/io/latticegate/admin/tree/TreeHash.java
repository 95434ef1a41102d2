package io.latticegate.admin.tree;

import io.latticegate.common.crypto.Sha256;

/** Hashing of the tree: SHA-256 with one byte in front that keeps leaves and inner nodes apart (RFC 9162, section 2.1.1). */
final class TreeHash {
    static final int BYTES = 32;

    static final byte LEAF = 0;

    private static final byte[] LEAF_PREFIX = {LEAF};
    private static final byte[] NODE_PREFIX = {1};

    static byte[] leaf(byte[] data) {
        return Sha256.of(LEAF_PREFIX, data);
    }

    static byte[] node(byte[] left, byte[] right) {
        return Sha256.of(NODE_PREFIX, left, right);
    }

    /** The root of a tree without leaves. */
    static byte[] empty() {
        return Sha256.of();
    }

    private TreeHash() {}
}

package io.latticegate.admin.tree;

/**
 * A head of the tree as it was signed.
 *
 * @param size how many leaves it covers
 * @param root hash over them
 * @param peaks the tree as a {@link CompactRange}
 * @param note the signed checkpoint (C2SP tlog-checkpoint), or empty before the first signature
 * @param signedAtMicros microseconds since 1970 UTC
 */
public record TreeHead(long size, byte[] root, byte[] peaks, String note, long signedAtMicros) {
    boolean signed() {
        return !note.isEmpty();
    }
}

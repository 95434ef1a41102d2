package io.latticegate.admin.tree;

import java.util.ArrayList;
import java.util.List;

/** RFC 9162, section 2.1, as it is written: slow, and short enough to be believed. */
final class NaiveTree {
    private NaiveTree() {}

    /** MTH. */
    static byte[] root(List<byte[]> leaves) {
        if (leaves.isEmpty()) {
            return TreeHash.empty();
        }
        if (leaves.size() == 1) {
            return leaves.getFirst();
        }
        int k = split(leaves.size());
        return TreeHash.node(root(leaves.subList(0, k)), root(leaves.subList(k, leaves.size())));
    }

    /** PATH. */
    static List<byte[]> inclusion(int m, List<byte[]> leaves) {
        if (leaves.size() == 1) {
            return List.of();
        }
        int k = split(leaves.size());
        List<byte[]> left = leaves.subList(0, k);
        List<byte[]> right = leaves.subList(k, leaves.size());
        return m < k ? followed(inclusion(m, left), root(right)) : followed(inclusion(m - k, right), root(left));
    }

    /** PROOF. */
    static List<byte[]> consistency(int m, List<byte[]> leaves) {
        return subproof(m, leaves, true);
    }

    private static List<byte[]> subproof(int m, List<byte[]> leaves, boolean whole) {
        if (m == leaves.size()) {
            return whole ? List.of() : List.of(root(leaves));
        }
        int k = split(leaves.size());
        List<byte[]> left = leaves.subList(0, k);
        List<byte[]> right = leaves.subList(k, leaves.size());
        return m <= k
                ? followed(subproof(m, left, whole), root(right))
                : followed(subproof(m - k, right, false), root(left));
    }

    private static List<byte[]> followed(List<byte[]> list, byte[] last) {
        List<byte[]> all = new ArrayList<>(list);
        all.add(last);
        return all;
    }

    private static int split(int n) {
        return Integer.highestOneBit(n - 1);
    }
}

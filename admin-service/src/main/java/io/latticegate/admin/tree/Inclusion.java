package io.latticegate.admin.tree;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Proof that an entry is in the tree under a signed head.
 *
 * @param leafData what {@code leafHash} was taken of, or null where the entry's body has been deleted
 * @param path hashes from the bottom up (RFC 9162, section 2.1.3)
 */
public record Inclusion(long leafIndex, byte[] leafHash, byte @Nullable [] leafData, List<byte[]> path, TreeHead head) {
    /** Takes a copy of the list. */
    public Inclusion {
        path = List.copyOf(path);
    }
}

package io.latticegate.admin.tree;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far the log is.
 *
 * @param treeSize leaves, signed or not
 * @param head the newest signed head, or null before the first
 * @param lagMillis how long the oldest leaf that no head covers has waited
 * @param conflicts entries that differ from what was stored under their number
 * @param refusal why nothing is signed, or empty
 */
public record LogStatus(
        long treeSize, @Nullable TreeHead head, long lagMillis, List<Node> nodes, long conflicts, String refusal) {
    /** Takes a copy of the list. */
    public LogStatus {
        nodes = List.copyOf(nodes);
    }

    /**
     * One journal.
     *
     * @param storedThrough its newest stored sequence number
     * @param missing how many below that were never delivered
     */
    public record Node(String node, long storedThrough, long missing) {}
}

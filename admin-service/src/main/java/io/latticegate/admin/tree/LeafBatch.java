package io.latticegate.admin.tree;

import io.latticegate.common.crypto.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The leaves of one delivered batch. They get their indexes in the transaction that stores the entries, so an entry is
 * stored if and only if it has a leaf, and indexes have no gap whatever dies. Exception: while older entries are still being
 * taken in ({@link Backfill}), entries behind that point get their leaves there, in their turn.
 */
public final class LeafBatch {
    private final String node;
    private final byte[] name;
    private final MessageDigest digest = Sha256.digest();
    private final List<Leaf> leaves = new ArrayList<>();

    record Leaf(String node, long sequence, byte[] hash) {}

    /** @param node the journal that the entries come from */
    public LeafBatch(String node) {
        this.node = node;
        this.name = node.getBytes(StandardCharsets.UTF_8);
    }

    /** @param storedPayload as it stands in the store */
    public void add(long sequence, byte[] storedPayload) {
        leaves.add(new Leaf(node, sequence, LeafData.hash(digest, name, sequence, storedPayload)));
    }

    /**
     * Gives the leaves their indexes. Called last in the transaction, since every other batch waits from here on until the
     * commit.
     */
    public void write(Connection connection) throws SQLException {
        if (leaves.isEmpty()) {
            return;
        }
        TreeTables.Extent extent = TreeTables.lock(connection);
        if (extent.backfilled()) {
            append(connection, extent.size(), leaves);
        } else {
            long through = Backfill.through(connection, node);
            append(
                    connection,
                    extent.size(),
                    leaves.stream().filter(leaf -> leaf.sequence() <= through).toList());
        }
    }

    /** Adds leaves behind a tree of {@code size} leaves, whose lock the caller holds. */
    static void append(Connection connection, long size, List<Leaf> leaves) throws SQLException {
        if (leaves.isEmpty()) {
            return;
        }
        LeafRuns.append(connection, size, leaves);
        TreeTables.grow(connection, size + leaves.size());
    }
}

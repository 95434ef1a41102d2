package io.latticegate.admin.tree;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;

/**
 * Gives leaves to entries that were stored before the tree existed: in the order of their receipt, and within a node in the
 * order of its journal. Each {@link #step} is a transaction of its own under the tree's lock and remembers per node how far
 * it got, so it goes on after any interruption. New entries meanwhile join the queue; the step that finds nothing left ends
 * it for good.
 */
final class Backfill {
    private static final int ENTRIES_AT_ONCE = 2_000;
    private static final int ENTRIES_PER_NODE_MIN = 16;

    private record Entry(long receivedAt, LeafBatch.Leaf leaf) {}

    /** What is waiting of one node, and whether there is more in the store. */
    private record Queue(String node, Deque<Entry> entries, boolean more) {
        Entry first() {
            return entries.getFirst();
        }
    }

    /** How far a node's entries have been taken in; what comes with a lower number must not wait for its turn. */
    static long through(Connection connection, String node) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT through FROM audit_backfill WHERE node = ?")) {
            select.setString(1, node);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? rows.getLong(1) : 0;
            }
        }
    }

    /** Takes in the next entries; true when there are none left and the tree is complete. */
    static boolean step(Connection connection) throws SQLException {
        TreeTables.Extent extent = TreeTables.lock(connection);
        if (extent.backfilled()) {
            return true;
        }
        Map<String, Long> waiting = waiting(connection);
        if (waiting.isEmpty()) {
            TreeTables.execute(connection, "UPDATE audit_tree SET backfilled = TRUE WHERE id = 1");
            TreeTables.execute(connection, "DELETE FROM audit_backfill");
            return true;
        }
        int perNode = Math.max(ENTRIES_PER_NODE_MIN, ENTRIES_AT_ONCE / waiting.size());
        PriorityQueue<Queue> queues = new PriorityQueue<>(
                Comparator.comparingLong((Queue queue) -> queue.first().receivedAt())
                        .thenComparing(Queue::node));
        Map<String, Long> through = new TreeMap<>();
        for (Map.Entry<String, Long> node : waiting.entrySet()) {
            Queue queue = queue(connection, node.getKey(), node.getValue(), perNode);
            if (queue.entries().isEmpty()) {
                through.put(queue.node(), storedThrough(connection, queue.node()));
            } else {
                queues.add(queue);
            }
        }
        LeafBatch.append(connection, extent.size(), merge(queues, through));
        remember(connection, through);
        return false;
    }

    /** Oldest first, until a node's entries at hand are used up while the store has more of them. */
    private static List<LeafBatch.Leaf> merge(PriorityQueue<Queue> queues, Map<String, Long> through) {
        List<LeafBatch.Leaf> leaves = new ArrayList<>();
        while (!queues.isEmpty()) {
            Queue oldest = queues.remove();
            LeafBatch.Leaf leaf = oldest.entries().removeFirst().leaf();
            leaves.add(leaf);
            through.put(leaf.node(), leaf.sequence());
            if (!oldest.entries().isEmpty()) {
                queues.add(oldest);
            } else if (oldest.more()) {
                break;
            }
        }
        return leaves;
    }

    /** Nodes with entries that have no leaf, and from where. */
    private static Map<String, Long> waiting(Connection connection) throws SQLException {
        Map<String, Long> nodes = new TreeMap<>();
        try (PreparedStatement select = connection.prepareStatement("SELECT n.node, COALESCE(b.through, 0)"
                        + " FROM audit_node n LEFT JOIN audit_backfill b ON b.node = n.node"
                        + " WHERE n.stored_through > COALESCE(b.through, 0)");
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                nodes.put(rows.getString(1), rows.getLong(2));
            }
        }
        return nodes;
    }

    private static Queue queue(Connection connection, String node, long after, int limit) throws SQLException {
        TreeMap<Long, Entry> found = new TreeMap<>();
        boolean moreEnded = read(connection, "audit_log", node, after, limit, found);
        boolean moreBegun = read(connection, "audit_begin", node, after, limit, found);
        boolean more = moreEnded || moreBegun || found.size() > limit;
        Deque<Entry> entries = new ArrayDeque<>();
        found.values().stream().limit(limit).forEach(entries::add);
        return new Queue(node, entries, more);
    }

    private static boolean read(
            Connection connection, String table, String node, long after, int limit, Map<Long, Entry> into)
            throws SQLException {
        int count = 0;
        try (PreparedStatement select = connection.prepareStatement("SELECT seq, received_at, payload FROM " + table
                + " WHERE node = ? AND seq > ? ORDER BY seq LIMIT ?")) {
            select.setString(1, node);
            select.setLong(2, after);
            select.setInt(3, limit);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    long sequence = rows.getLong(1);
                    byte[] hash = TreeHash.leaf(LeafData.of(node, sequence, rows.getBytes(3)));
                    into.put(sequence, new Entry(rows.getLong(2), new LeafBatch.Leaf(node, sequence, hash)));
                    count++;
                }
            }
        }
        return count == limit;
    }

    private static long storedThrough(Connection connection, String node) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT stored_through FROM audit_node WHERE node = ?")) {
            select.setString(1, node);
            try (ResultSet rows = select.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }

    private static void remember(Connection connection, Map<String, Long> through) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement("INSERT INTO audit_backfill (node, through)"
                + " VALUES (?, ?) ON CONFLICT (node) DO UPDATE SET through = excluded.through")) {
            for (Map.Entry<String, Long> node : through.entrySet()) {
                upsert.setString(1, node.getKey());
                upsert.setLong(2, node.getValue());
                upsert.addBatch();
            }
            upsert.executeBatch();
        }
    }

    private Backfill() {}
}

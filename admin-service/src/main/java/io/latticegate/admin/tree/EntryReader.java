package io.latticegate.admin.tree;

import io.latticegate.admin.tree.TransparencyLog.Proved;
import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the log says of entries, for one question. */
final class EntryReader {
    private static final String LEAVES_WITH_PAYLOADS =
            "SELECT l.idx, l.node, l.seq, l.hash, COALESCE(e.payload, b.payload) FROM audit_leaf l"
                    + " LEFT JOIN audit_log e ON e.node = l.node AND e.seq = l.seq"
                    + " LEFT JOIN audit_begin b ON b.node = l.node AND b.seq = l.seq ";

    /**
     * First byte of what an erasure has left of an entry that was stored before entries were sealed. The bytes that are in the
     * tree are gone then, as those of a deleted body are.
     */
    private static final byte LEFT_OVER = 4;

    private final Connection connection;

    EntryReader(Connection connection) {
        this.connection = connection;
    }

    Proved prove(String node, long sequence, @Nullable TreeHead head) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement(LEAVES_WITH_PAYLOADS + "WHERE l.node = ? AND l.seq = ?")) {
            select.setString(1, node);
            select.setLong(2, sequence);
            try (ResultSet rows = select.executeQuery()) {
                if (!rows.next()) {
                    return stored(node, sequence) ? new Proved.NotYet() : new Proved.Unknown();
                }
                long index = rows.getLong(1);
                if (head == null || index >= head.size()) {
                    return new Proved.NotYet();
                }
                byte[] hash = rows.getBytes(4);
                return new Proved.Proof(new Inclusion(
                        index,
                        hash,
                        data(node, sequence, rows.getBytes(5), hash),
                        new TreeReader(connection).inclusion(index, head.size()),
                        head));
            }
        }
    }

    private boolean stored(String node, long sequence) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT 1 FROM audit_log WHERE node = ? AND seq = ? UNION ALL"
                        + " SELECT 1 FROM audit_begin WHERE node = ? AND seq = ?")) {
            select.setString(1, node);
            select.setLong(2, sequence);
            select.setString(3, node);
            select.setLong(4, sequence);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next();
            }
        }
    }

    /**
     * An entry bundle: each leaf's data behind its length as a u16. Length 0 stands for an entry whose body has been deleted,
     * since no leaf data is empty.
     */
    byte[] bundle(long first, int width) throws SQLException {
        ByteArrayOutputStream bundle = new ByteArrayOutputStream();
        try (PreparedStatement select =
                connection.prepareStatement(LEAVES_WITH_PAYLOADS + "WHERE l.idx >= ? AND l.idx < ? ORDER BY l.idx")) {
            select.setLong(1, first);
            select.setLong(2, first + width);
            long next = first;
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    if (rows.getLong(1) != next++) {
                        throw new TreeDamage("leaf " + (next - 1) + " is missing");
                    }
                    byte[] data = data(rows.getString(2), rows.getLong(3), rows.getBytes(5), rows.getBytes(4));
                    int length = data == null ? 0 : data.length;
                    bundle.write(length >>> 8);
                    bundle.write(length);
                    if (data != null) {
                        bundle.writeBytes(data);
                    }
                }
            }
            if (next != first + width) {
                throw new TreeDamage("leaf " + next + " is missing");
            }
        }
        return bundle.toByteArray();
    }

    /** The leaf's data, or null where its body is gone. An altered body is given as it is: its hash tells. */
    private static byte @Nullable [] data(String node, long sequence, byte @Nullable [] payload, byte[] hash) {
        if (payload == null) {
            return null;
        }
        byte[] data = LeafData.of(node, sequence, payload);
        boolean leftOver = payload.length > 0 && payload[0] == LEFT_OVER;
        return leftOver && !Arrays.equals(TreeHash.leaf(data), hash) ? null : data;
    }

    LogStatus status(@Nullable TreeHead head, long nowMicros, String refusal) throws SQLException {
        long treeSize = TreeTables.extent(connection).size();
        long covered = head == null ? 0 : head.size();
        long oldest = covered < treeSize ? CheckpointWriter.receivedAt(connection, covered) : -1;
        long lagMillis = oldest < 0 ? 0 : Math.max(0, nowMicros - oldest) / 1_000;
        return new LogStatus(treeSize, head, lagMillis, nodes(), conflicts(), refusal);
    }

    private List<LogStatus.Node> nodes() throws SQLException {
        List<LogStatus.Node> nodes = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement("SELECT n.node, n.stored_through,"
                        + " (SELECT COALESCE(SUM(g.to_seq - g.from_seq + 1), 0) FROM audit_gap g WHERE g.node = n.node)"
                        + " FROM audit_node n ORDER BY n.node LIMIT 1000");
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                nodes.add(new LogStatus.Node(rows.getString(1), rows.getLong(2), rows.getLong(3)));
            }
        }
        return nodes;
    }

    private long conflicts() throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT COUNT(*) FROM audit_conflict");
                ResultSet rows = select.executeQuery()) {
            rows.next();
            return rows.getLong(1);
        }
    }
}

package io.latticegate.admin.tree;

import io.latticegate.admin.tree.TransparencyLog.Proved;
import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What the log says of entries, for one question. */
final class EntryReader {
    private static final String PAYLOADS = "SELECT seq, payload FROM audit_log WHERE node = ? AND seq BETWEEN ? AND ?"
            + " UNION ALL SELECT seq, payload FROM audit_begin WHERE node = ? AND seq BETWEEN ? AND ?";

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
        Optional<LeafRuns.Run> found = LeafRuns.of(connection, node, sequence);
        Map<Long, byte[]> payloads = payloads(node, sequence, sequence);
        if (found.isEmpty()) {
            return payloads.isEmpty() ? new Proved.Unknown() : new Proved.NotYet();
        }
        LeafRuns.Run leaf = found.get();
        if (head == null || leaf.index() >= head.size()) {
            return new Proved.NotYet();
        }
        return new Proved.Proof(new Inclusion(
                leaf.index(),
                leaf.hashes(),
                data(node, sequence, payloads.get(sequence), leaf.hashes()),
                new TreeReader(connection).inclusion(leaf.index(), head.size()),
                head));
    }

    private Map<Long, byte[]> payloads(String node, long first, long last) throws SQLException {
        Map<Long, byte[]> payloads = new HashMap<>();
        try (PreparedStatement select = connection.prepareStatement(PAYLOADS)) {
            for (int at = 0; at < 6; at += 3) {
                select.setString(at + 1, node);
                select.setLong(at + 2, first);
                select.setLong(at + 3, last);
            }
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    payloads.put(rows.getLong(1), rows.getBytes(2));
                }
            }
        }
        return payloads;
    }

    /**
     * An entry bundle: each leaf's data behind its length as a u16. Length 0 stands for an entry whose body has been deleted,
     * since no leaf data is empty.
     */
    byte[] bundle(long first, int width) throws SQLException {
        ByteArrayOutputStream bundle = new ByteArrayOutputStream();
        AtomicLong next = new AtomicLong(first);
        LeafRuns.read(connection, first, first + width, run -> {
            if (run.index() != next.get()) {
                throw missing(next.get());
            }
            write(run, bundle);
            next.addAndGet(run.size());
        });
        if (next.get() != first + width) {
            throw missing(next.get());
        }
        return bundle.toByteArray();
    }

    private void write(LeafRuns.Run run, ByteArrayOutputStream bundle) throws SQLException {
        Map<Long, byte[]> payloads = payloads(run.node(), run.sequence(), run.sequence() + run.size() - 1);
        for (int at = 0; at < run.size(); at++) {
            long sequence = run.sequence() + at;
            byte[] data = data(run.node(), sequence, payloads.get(sequence), run.hash(at));
            int length = data == null ? 0 : data.length;
            bundle.write(length >>> 8);
            bundle.write(length);
            if (data != null) {
                bundle.writeBytes(data);
            }
        }
    }

    private static TreeDamage missing(long leaf) {
        return new TreeDamage("leaf " + leaf + " is missing");
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

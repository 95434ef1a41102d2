package io.latticegate.admin.tree;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Table {@code audit_leaves}: the hashes of leaves whose entries follow one another in a journal are one row, since a batch of
 * a thousand entries would otherwise be a thousand rows in two trees of the store.
 */
final class LeafRuns {
    /** The most leaves in one row. */
    static final int LEAVES_MAX = 1_024;

    private static final String COLUMNS = "SELECT first_idx, node, first_seq, hashes FROM audit_leaves ";

    /** @param hashes of the leaves from {@code index} on, 32 bytes each */
    record Run(long index, String node, long sequence, byte[] hashes) {
        int size() {
            return hashes.length / TreeHash.BYTES;
        }

        byte[] hash(int at) {
            return Arrays.copyOfRange(hashes, at * TreeHash.BYTES, (at + 1) * TreeHash.BYTES);
        }

        /** Without the first {@code leading} leaves and those behind the first {@code upTo}. */
        private Run part(int leading, int upTo) {
            return new Run(
                    index + leading,
                    node,
                    sequence + leading,
                    Arrays.copyOfRange(hashes, leading * TreeHash.BYTES, upTo * TreeHash.BYTES));
        }
    }

    /** Takes leaves in their order. */
    @FunctionalInterface
    interface Reader {
        void run(Run run) throws SQLException;
    }

    /**
     * Gives the leaves from one index up to another, without the latter, in their order. None is given twice; one that is
     * missing is left out.
     *
     * @throws TreeDamage when a row is cut off
     */
    static void read(Connection connection, long from, long to, Reader reader) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(COLUMNS
                + "WHERE first_idx >= COALESCE((SELECT MAX(first_idx) FROM audit_leaves WHERE first_idx <= ?), 0)"
                + " AND first_idx < ? ORDER BY first_idx")) {
            select.setLong(1, from);
            select.setLong(2, to);
            try (ResultSet rows = select.executeQuery()) {
                long next = from;
                while (rows.next()) {
                    Run run = run(rows);
                    int leading = (int) Math.min(run.size(), Math.max(0, next - run.index()));
                    int upTo = (int) Math.min(run.size(), to - run.index());
                    if (leading < upTo) {
                        reader.run(run.part(leading, upTo));
                        next = run.index() + upTo;
                    }
                }
            }
        }
    }

    /** The leaf with that index, as a run of one. */
    static Optional<Run> at(Connection connection, long index) throws SQLException {
        Optional<Run> run = one(connection, COLUMNS + "WHERE first_idx <= ? ORDER BY first_idx DESC LIMIT 1", index);
        return run.flatMap(found -> single(found, index - found.index()));
    }

    /** The leaf of an entry, as a run of one. */
    static Optional<Run> of(Connection connection, String node, long sequence) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                COLUMNS + "WHERE node = ? AND first_seq <= ? ORDER BY first_seq DESC LIMIT 1")) {
            select.setString(1, node);
            select.setLong(2, sequence);
            try (ResultSet rows = select.executeQuery()) {
                if (!rows.next()) {
                    return Optional.empty();
                }
                Run run = run(rows);
                return single(run, sequence - run.sequence());
            }
        }
    }

    private static Optional<Run> one(Connection connection, String sql, long parameter) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setLong(1, parameter);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? Optional.of(run(rows)) : Optional.empty();
            }
        }
    }

    private static Optional<Run> single(Run run, long at) {
        return at < run.size() ? Optional.of(run.part((int) at, (int) at + 1)) : Optional.empty();
    }

    private static Run run(ResultSet rows) throws SQLException {
        Run run = new Run(rows.getLong(1), rows.getString(2), rows.getLong(3), rows.getBytes(4));
        if (run.hashes().length == 0 || run.hashes().length % TreeHash.BYTES != 0) {
            throw new TreeDamage("the hashes of leaf " + run.index() + " and those behind it are cut off");
        }
        return run;
    }

    /** Stores leaves from {@code index} on; those that follow one another in a journal share a row. */
    static void append(Connection connection, long index, List<LeafBatch.Leaf> leaves) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO audit_leaves (first_idx, node, first_seq, hashes) VALUES (?, ?, ?, ?)")) {
            int from = 0;
            while (from < leaves.size()) {
                int to = from + 1;
                while (to < leaves.size() && to - from < LEAVES_MAX && follows(leaves.get(to - 1), leaves.get(to))) {
                    to++;
                }
                byte[] hashes = new byte[(to - from) * TreeHash.BYTES];
                for (int at = from; at < to; at++) {
                    System.arraycopy(leaves.get(at).hash(), 0, hashes, (at - from) * TreeHash.BYTES, TreeHash.BYTES);
                }
                insert.setLong(1, index + from);
                insert.setString(2, leaves.get(from).node());
                insert.setLong(3, leaves.get(from).sequence());
                insert.setBytes(4, hashes);
                insert.addBatch();
                from = to;
            }
            insert.executeBatch();
        }
    }

    private static boolean follows(LeafBatch.Leaf one, LeafBatch.Leaf next) {
        return next.sequence() == one.sequence() + 1 && next.node().equals(one.node());
    }

    private LeafRuns() {}
}

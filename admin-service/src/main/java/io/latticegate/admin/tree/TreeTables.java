package io.latticegate.admin.tree;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** The two rows under which the tree changes: its extent and its last signed head. */
final class TreeTables {
    /**
     * @param size number of leaves
     * @param backfilled whether every entry from before the tree has its leaf
     */
    record Extent(long size, boolean backfilled) {}

    static Extent extent(Connection connection) throws SQLException {
        try (PreparedStatement select =
                        connection.prepareStatement("SELECT size, backfilled FROM audit_tree WHERE id = 1");
                ResultSet rows = select.executeQuery()) {
            if (!rows.next()) {
                throw new TreeDamage("the row of audit_tree is gone");
            }
            return new Extent(rows.getLong(1), rows.getBoolean(2));
        }
    }

    /** The extent, which stays as it is until this transaction ends. */
    static Extent lock(Connection connection) throws SQLException {
        execute(connection, "UPDATE audit_tree SET size = size WHERE id = 1");
        return extent(connection);
    }

    static void grow(Connection connection, long size) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("UPDATE audit_tree SET size = ? WHERE id = 1")) {
            update.setLong(1, size);
            update.executeUpdate();
        }
    }

    static TreeHead head(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                        "SELECT size, root, peaks, note, signed_at FROM audit_checkpoint WHERE id = 1");
                ResultSet rows = select.executeQuery()) {
            if (!rows.next()) {
                throw new TreeDamage("the row of audit_checkpoint is gone");
            }
            return new TreeHead(
                    rows.getLong(1), rows.getBytes(2), rows.getBytes(3), rows.getString(4), rows.getLong(5));
        }
    }

    /** The head, which nobody else replaces until this transaction ends. */
    static TreeHead lockHead(Connection connection) throws SQLException {
        execute(connection, "UPDATE audit_checkpoint SET size = size WHERE id = 1");
        return head(connection);
    }

    static void storeHead(Connection connection, TreeHead head) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE audit_checkpoint SET size = ?, root = ?, peaks = ?, note = ?, signed_at = ? WHERE id = 1")) {
            update.setLong(1, head.size());
            update.setBytes(2, head.root());
            update.setBytes(3, head.peaks());
            update.setString(4, head.note());
            update.setLong(5, head.signedAtMicros());
            update.executeUpdate();
        }
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.executeUpdate();
        }
    }

    private TreeTables() {}
}

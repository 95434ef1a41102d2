package io.latticegate.admin.subject;

import io.latticegate.admin.subject.Sealing.Stored;
import io.latticegate.common.store.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Entries that were stored before entries were sealed. Where a store has any, an erasure reads all entries and replaces the
 * bytes of those that tell of the subject by what is left without it; their proofs end with that.
 */
final class UnsealedEntries {
    private static final int ROWS_MAX = 500;

    private final Database database;
    private final Subject subject;

    UnsealedEntries(Database database, Subject subject) {
        this.database = database;
        this.subject = subject;
    }

    /** Erases the subject from them; how many ends and events told of it and had not been found by their columns. */
    long erase(ErasedColumns columns) {
        if (!database.read(UnsealedEntries::any)) {
            return 0;
        }
        long entries = 0;
        boolean seen = false;
        for (String table : List.of("audit_log", "audit_begin", "audit_conflict")) {
            Stored last = new Stored("", 0, new byte[0]);
            while (true) {
                Stored after = last;
                List<Stored> rows = database.read(connection -> rows(connection, table, after));
                if (rows.isEmpty()) {
                    break;
                }
                seen |= rows.stream().anyMatch(UnsealedEntries::unsealed);
                List<Stored> telling = rows.stream()
                        .filter(row -> unsealed(row)
                                && Sealing.without(subject, row.payload()).isPresent())
                        .toList();
                if (!telling.isEmpty()) {
                    entries += table.equals("audit_log") ? telling.size() : 0;
                    database.inTransaction(connection -> {
                        replace(connection, table, telling, columns);
                        return telling.size();
                    });
                }
                last = rows.getLast();
            }
        }
        if (!seen) {
            database.inTransaction(connection -> {
                try (PreparedStatement delete = connection.prepareStatement("DELETE FROM audit_unsealed")) {
                    return delete.executeUpdate();
                }
            });
        }
        return entries;
    }

    private static boolean unsealed(Stored row) {
        return row.payload().length > 0
                && row.payload()[0] != SealedEntry.FORMAT
                && row.payload()[0] != Sealing.AS_IT_CAME;
    }

    private static boolean any(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT id FROM audit_unsealed");
                ResultSet rows = select.executeQuery()) {
            return rows.next();
        }
    }

    private static List<Stored> rows(Connection connection, String table, Stored after) throws SQLException {
        List<Stored> rows = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement("SELECT node, seq, payload FROM " + table
                + " WHERE (node, seq) > (?, ?) ORDER BY node, seq LIMIT " + ROWS_MAX)) {
            select.setString(1, after.node());
            select.setLong(2, after.sequence());
            try (ResultSet found = select.executeQuery()) {
                while (found.next()) {
                    rows.add(new Stored(found.getString(1), found.getLong(2), found.getBytes(3)));
                }
            }
        }
        return rows;
    }

    private void replace(Connection connection, String table, List<Stored> telling, ErasedColumns columns)
            throws SQLException {
        if (table.equals("audit_log")) {
            columns.clean(connection, telling);
            return;
        }
        String which = table.equals("audit_conflict") ? " AND payload = ?" : "";
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE " + table + " SET payload = ? WHERE node = ? AND seq = ?" + which)) {
            for (Stored row : telling) {
                update.setBytes(1, Sealing.without(subject, row.payload()).orElseThrow());
                update.setString(2, row.node());
                update.setLong(3, row.sequence());
                if (!which.isEmpty()) {
                    update.setBytes(4, row.payload());
                }
                update.executeUpdate();
            }
        }
    }
}

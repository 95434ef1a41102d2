package io.latticegate.admin.audit;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Which entries of a node were stored once and are deleted for their age, so that one which comes again is not stored again.
 *
 * @param through no entry above this was deleted
 * @param missing entries that never came
 */
record PrunedEntries(long through, List<AuditGap> missing) {
    /** Of the entries from {@code first} to {@code last}. */
    static PrunedEntries of(Connection connection, String node, long first, long last) throws SQLException {
        long through = 0;
        try (PreparedStatement select =
                connection.prepareStatement("SELECT pruned_through FROM audit_node WHERE node = ?")) {
            select.setString(1, node);
            try (ResultSet rows = select.executeQuery()) {
                through = rows.next() ? rows.getLong(1) : 0;
            }
        }
        List<AuditGap> missing = new ArrayList<>();
        if (first <= through) {
            try (PreparedStatement select = connection.prepareStatement(
                    "SELECT from_seq, to_seq FROM audit_gap WHERE node = ? AND from_seq <= ? AND to_seq >= ?")) {
                select.setString(1, node);
                select.setLong(2, last);
                select.setLong(3, first);
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        missing.add(new AuditGap(rows.getLong(1), rows.getLong(2)));
                    }
                }
            }
        }
        return new PrunedEntries(through, missing);
    }

    /** Whether the entry was stored before. */
    boolean had(long sequence) {
        return sequence <= through && missing.stream().noneMatch(gap -> gap.from() <= sequence && sequence <= gap.to());
    }
}

package io.latticegate.admin.subject;

import io.latticegate.admin.subject.Sealing.Opened;
import io.latticegate.admin.subject.Sealing.Stored;
import io.latticegate.common.journal.AuditDecoder;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Fills the columns of entries that told of an erased subject anew, from what can still be opened of each. */
final class ErasedColumns {
    private static final int ROWS_MAX = 200;
    private static final String COLUMNS = "SELECT node, seq, payload FROM audit_log WHERE ";

    private final Sealing sealing;
    private final Subject subject;
    private final byte[] erasure;
    private final long through;

    /** @param through the last position that the erasure is about */
    ErasedColumns(Sealing sealing, Subject subject, byte[] erasure, long through) {
        this.sealing = sealing;
        this.subject = subject;
        this.erasure = erasure;
        this.through = through;
    }

    /** Cleans some rows, and says how many; nothing when there are no more. */
    Optional<Integer> cleanSome(Connection connection) throws SQLException {
        List<Stored> own = own(connection);
        if (!own.isEmpty()) {
            clean(connection, own);
            return Optional.of(own.size());
        }
        List<Stored> mentioning = mentioning(connection);
        if (mentioning.isEmpty()) {
            return Optional.empty();
        }
        clean(connection, mentioning);
        try (PreparedStatement delete =
                connection.prepareStatement("DELETE FROM audit_mention WHERE node = ? AND seq = ? AND key_id IN"
                        + " (SELECT key_id FROM audit_subject WHERE erasure = ?)")) {
            for (Stored row : mentioning) {
                delete.setString(1, row.node());
                delete.setLong(2, row.sequence());
                delete.setBytes(3, erasure);
                delete.addBatch();
            }
            delete.executeBatch();
        }
        return Optional.of(mentioning.size());
    }

    private List<Stored> own(Connection connection) throws SQLException {
        List<String> spellings = subject.spellings();
        String one = "(" + String.join(", ", Collections.nCopies(spellings.size(), "?")) + ")";
        String condition = switch (subject.kind()) {
            case WALLET -> "actor_kind = 'wallet' AND actor_id IN " + one;
            case IDENTITY -> "actor_kind = 'identity' AND actor_id IN " + one;
            case TOKEN -> "actor_kind = 'token' AND actor_id IN " + one;
            case CLIENT_IP -> "client_ip IN " + one;
        };
        try (PreparedStatement select =
                connection.prepareStatement(COLUMNS + condition + " AND position <= ? LIMIT " + ROWS_MAX)) {
            for (int at = 0; at < spellings.size(); at++) {
                select.setString(at + 1, spellings.get(at));
            }
            select.setLong(spellings.size() + 1, through);
            return read(select);
        }
    }

    private List<Stored> mentioning(Connection connection) throws SQLException {
        List<Stored> places = new ArrayList<>();
        try (PreparedStatement select =
                connection.prepareStatement("SELECT m.node, m.seq, l.payload FROM audit_subject s"
                        + " JOIN audit_mention m ON m.key_id = s.key_id"
                        + " LEFT JOIN audit_log l ON l.node = m.node AND l.seq = m.seq"
                        + " WHERE s.erasure = ? LIMIT " + ROWS_MAX)) {
            select.setBytes(1, erasure);
            places.addAll(read(select));
        }
        return places;
    }

    private static List<Stored> read(PreparedStatement select) throws SQLException {
        List<Stored> rows = new ArrayList<>();
        try (ResultSet found = select.executeQuery()) {
            while (found.next()) {
                byte[] payload = found.getBytes(3);
                rows.add(new Stored(found.getString(1), found.getLong(2), payload == null ? new byte[0] : payload));
            }
        }
        return rows;
    }

    /** Cleans these rows of {@code audit_log}. */
    void clean(Connection connection, List<Stored> rows) throws SQLException {
        List<Stored> left = new ArrayList<>();
        for (Stored row : rows) {
            left.add(Sealing.without(subject, row.payload())
                    .map(payload -> new Stored(row.node(), row.sequence(), payload))
                    .orElse(row));
        }
        List<Opened> opened = sealing.open(connection, left);
        try (PreparedStatement update = connection.prepareStatement("UPDATE audit_log SET actor_id = ?, token_id = ?,"
                + " client_ip = ?, user_agent = ?, path = ?, reason = ?, metadata = ?, payload = ?"
                + " WHERE node = ? AND seq = ?")) {
            for (int at = 0; at < left.size(); at++) {
                Stored row = left.get(at);
                AuditRecord record = record(opened.get(at).bytes());
                if (Sealing.namesAny(record, subject)) {
                    throw new IllegalStateException("an audit entry still tells of an erased " + subject + ": "
                            + row.node() + "-" + row.sequence());
                }
                text(update, 1, record.actor().id());
                text(update, 2, record.tokenId());
                text(update, 3, record.clientIp());
                text(update, 4, record.userAgent());
                text(update, 5, record.path());
                text(update, 6, record.reason());
                text(update, 7, MetadataText.json(record.metadata()));
                update.setBytes(8, row.payload());
                update.setString(9, row.node());
                update.setLong(10, row.sequence());
                update.addBatch();
            }
            update.executeBatch();
        }
    }

    private static AuditRecord record(byte[] entry) {
        try {
            return AuditDecoder.decode(entry);
        } catch (IllegalArgumentException unreadable) {
            return AuditRecord.builder(AuditPhase.EVENT, "", 0).build();
        }
    }

    private static void text(PreparedStatement statement, int at, String value) throws SQLException {
        if (value.isEmpty()) {
            statement.setNull(at, Types.VARCHAR);
        } else {
            statement.setString(at, value);
        }
    }
}

package io.latticegate.admin.audit;

import io.latticegate.admin.subject.Sealing;
import io.latticegate.admin.subject.Sealing.Arrived;
import io.latticegate.admin.tree.LeafBatch;
import io.latticegate.common.journal.AuditPhase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Entries of a batch that are not stored yet, in their order. */
final class ArrivedEntries {
    private final String node;
    private final long receivedAt;
    private final List<AuditEvent> events = new ArrayList<>();
    private final List<Arrived> arrived = new ArrayList<>();

    ArrivedEntries(String node, long receivedAt) {
        this.node = node;
        this.receivedAt = receivedAt;
    }

    void add(long sequence, byte[] payload) {
        AuditEvent event = AuditEvent.of(node, sequence, receivedAt, payload);
        events.add(event);
        arrived.add(new Arrived(sequence, event.record(), event.readable(), payload));
    }

    int size() {
        return events.size();
    }

    AuditEvent event(int at) {
        return events.get(at);
    }

    /** What is stored of each, and notes whom their text names. */
    List<byte[]> seal(Connection connection, Sealing sealing) throws SQLException {
        if (arrived.isEmpty()) {
            return List.of();
        }
        List<byte[]> sealed = sealing.seal(connection, node, receivedAt, arrived);
        sealing.noteMentions(
                connection,
                node,
                arrived.stream()
                        .filter(entry -> entry.record().phase() != AuditPhase.BEGIN)
                        .toList(),
                receivedAt);
        return sealed;
    }

    /** The leaves of what is stored of them. */
    LeafBatch leaves(List<byte[]> stored) {
        LeafBatch leaves = new LeafBatch(node);
        for (int at = 0; at < stored.size(); at++) {
            leaves.add(arrived.get(at).sequence(), stored.get(at));
        }
        return leaves;
    }

    /**
     * Takes a position for each end and event; the first is one more than what is returned. Until this transaction ends, no
     * other takes any, so positions become visible in their order.
     */
    long takePositions(Connection connection) throws SQLException {
        long wanted = events.stream()
                .filter(event -> event.record().phase() != AuditPhase.BEGIN)
                .count();
        if (wanted == 0) {
            return 0;
        }
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE audit_position SET last = last + ? WHERE id = 1")) {
            update.setLong(1, wanted);
            if (update.executeUpdate() != 1) {
                throw new IllegalStateException("the audit store has lost its row of positions");
            }
        }
        try (PreparedStatement select = connection.prepareStatement("SELECT last FROM audit_position WHERE id = 1");
                ResultSet rows = select.executeQuery()) {
            rows.next();
            return rows.getLong(1) - wanted;
        }
    }
}

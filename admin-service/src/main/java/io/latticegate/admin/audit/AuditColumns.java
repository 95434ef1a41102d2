package io.latticegate.admin.audit;

import io.latticegate.admin.subject.MetadataText;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Locale;

/** The row of table {@code audit_log} that holds an event. */
final class AuditColumns {
    private static final String NAMES =
            "node, seq, received_at, phase, occurred_at, action, actor_kind, actor_id, request_id, correlation_id,"
                    + " project_id, token_id, client_ip, method, path, user_agent, surface, model, provider,"
                    + " credential_source, key_fingerprint, status, outcome, reason, tokens_in, tokens_out, tokens_cached,"
                    + " usage_estimated, cost_micro_usd, attempts, elapsed_micros, metadata, payload, position";

    static final String INSERT =
            "INSERT INTO audit_log (" + NAMES + ") VALUES (" + "?, ".repeat(NAMES.split(",", -1).length - 1) + "?)";

    static final String INSERT_BEGIN = "INSERT INTO audit_begin (node, seq, received_at, payload) VALUES (?, ?, ?, ?)";

    private final PreparedStatement statement;
    private int next;

    private AuditColumns(PreparedStatement statement) {
        this.statement = statement;
    }

    static String phase(AuditPhase phase) {
        return phase.name().toLowerCase(Locale.ROOT);
    }

    /** Sets every parameter of {@link #INSERT}. */
    static void set(PreparedStatement statement, AuditEvent event, byte[] payload, long position) throws SQLException {
        new AuditColumns(statement).set(event, payload, position);
    }

    /** Sets every parameter of {@link #INSERT_BEGIN}. */
    static void setBegin(PreparedStatement statement, AuditEvent event, byte[] payload) throws SQLException {
        statement.setString(1, event.node());
        statement.setLong(2, event.sequence());
        statement.setLong(3, event.receivedAtMicros());
        statement.setBytes(4, payload);
    }

    private void set(AuditEvent event, byte[] payload, long position) throws SQLException {
        AuditRecord record = event.record();
        statement.setString(++next, event.node());
        statement.setLong(++next, event.sequence());
        statement.setLong(++next, event.receivedAtMicros());
        statement.setString(++next, phase(record.phase()));
        statement.setLong(++next, record.timestampMicros());
        statement.setString(++next, record.action());
        statement.setString(++next, record.actor().kind().wireName());
        text(record.actor().id());
        text(record.requestId());
        text(record.correlationId());
        text(record.projectId());
        text(record.tokenId());
        text(record.clientIp());
        text(record.method());
        text(record.path());
        text(record.userAgent());
        text(record.surface());
        text(record.model());
        text(record.provider());
        text(record.credentialSource());
        text(record.keyFingerprint());
        statement.setInt(++next, record.status());
        statement.setString(++next, record.outcome().wireName());
        text(record.reason());
        statement.setLong(++next, record.tokensIn());
        statement.setLong(++next, record.tokensOut());
        statement.setLong(++next, record.tokensCached());
        statement.setBoolean(++next, record.usageEstimated());
        statement.setLong(++next, record.costMicroUsd());
        statement.setInt(++next, record.attempts());
        statement.setLong(++next, record.elapsedMicros());
        text(MetadataText.json(record.metadata()));
        statement.setBytes(++next, payload);
        statement.setLong(++next, position);
    }

    private void text(String value) throws SQLException {
        if (value.isEmpty()) {
            statement.setNull(++next, Types.VARCHAR);
        } else {
            statement.setString(++next, value);
        }
    }
}

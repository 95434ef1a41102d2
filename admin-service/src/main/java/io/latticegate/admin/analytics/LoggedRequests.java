package io.latticegate.admin.analytics;

import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What the columns of stored entries say to {@link Rollups}. */
final class LoggedRequests {
    private static final int ROWS_AT_ONCE = 1_000;

    private static final Map<String, AuditOutcome> OUTCOMES =
            Arrays.stream(AuditOutcome.values()).collect(Collectors.toMap(AuditOutcome::wireName, Function.identity()));
    private static final Map<String, AuditActor.Kind> ACTORS = Arrays.stream(AuditActor.Kind.values())
            .collect(Collectors.toMap(AuditActor.Kind::wireName, Function.identity()));

    private static final String SELECT =
            "SELECT received_at, phase, occurred_at, action, actor_kind, actor_id, project_id,"
                    + " token_id, path, surface, model, provider, outcome, reason, tokens_in, tokens_out, tokens_cached,"
                    + " cost_micro_usd, attempts, elapsed_micros, metadata FROM audit_log"
                    + " WHERE position > ? AND position <= ? AND " + RequestLog.ENDED + " ORDER BY position";

    /** Adds the requests behind one position up to another; runs in a transaction, so that a driver need not hold all rows. */
    static void add(Connection connection, long after, long upTo, Rollups sums) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(SELECT)) {
            select.setFetchSize(ROWS_AT_ONCE);
            select.setLong(1, after);
            select.setLong(2, upTo);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    sums.add(record(rows), rows.getLong(1));
                }
            }
        }
    }

    private static AuditRecord record(ResultSet rows) throws SQLException {
        AuditPhase phase = rows.getString(2).equals("end") ? AuditPhase.END : AuditPhase.EVENT;
        AuditActor.Kind actor = ACTORS.getOrDefault(rows.getString(5), AuditActor.Kind.ANONYMOUS);
        return AuditRecord.builder(phase, rows.getString(4), rows.getLong(3))
                .actor(new AuditActor(actor, text(rows, 6)))
                .projectId(text(rows, 7))
                .tokenId(text(rows, 8))
                .path(text(rows, 9))
                .surface(text(rows, 10))
                .model(text(rows, 11))
                .provider(text(rows, 12))
                .outcome(OUTCOMES.getOrDefault(rows.getString(13), AuditOutcome.ERROR))
                .reason(text(rows, 14))
                .tokensIn(rows.getLong(15))
                .tokensOut(rows.getLong(16))
                .tokensCached(rows.getLong(17))
                .costMicroUsd(rows.getLong(18))
                .attempts(rows.getInt(19))
                .elapsedMicros(rows.getLong(20))
                .metadata(StoredMetadata.read(text(rows, 21)))
                .build();
    }

    private static String text(ResultSet rows, int column) throws SQLException {
        String text = rows.getString(column);
        return text == null ? "" : text;
    }

    private LoggedRequests() {}
}

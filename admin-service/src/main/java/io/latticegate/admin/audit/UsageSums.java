package io.latticegate.admin.audit;

import io.latticegate.admin.analytics.Rollups;
import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditRecord;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a batch adds to table {@code audit_usage}, which has what each project and wallet ever used. A request of the data plane counts once: by its END, or by an EVENT whose action ends in {@code _request}, as when
 * it was refused before it began. For a wallet only what it was admitted to counts, since a request that is denied names a
 * wallet that may not have signed it; its deposits of keys and its questions for this very usage do not. Rows are written in
 * the order of their keys, so that batches of different nodes cannot wait for each other in a circle.
 */
final class UsageSums {
    /** No single request counts for more, so that a wrong record cannot make a sum overflow and stop a node. */
    private static final long MAX_PER_REQUEST = 1_000_000_000_000L;

    private static final List<String> NOT_COUNTED = List.of("/api/vault/", "/api/usage/");
    private static final long MICROS_PER_DAY = Duration.ofDays(1).toNanos() / 1_000;
    private static final String ADD =
            "INSERT INTO audit_usage (scope, id, day, requests, succeeded, tokens_in, tokens_out,"
                    + " tokens_cached, cost_micro_usd, last_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                    + " ON CONFLICT (scope, id, day) DO UPDATE SET"
                    + " requests = audit_usage.requests + excluded.requests,"
                    + " succeeded = audit_usage.succeeded + excluded.succeeded,"
                    + " tokens_in = audit_usage.tokens_in + excluded.tokens_in,"
                    + " tokens_out = audit_usage.tokens_out + excluded.tokens_out,"
                    + " tokens_cached = audit_usage.tokens_cached + excluded.tokens_cached,"
                    + " cost_micro_usd = audit_usage.cost_micro_usd + excluded.cost_micro_usd,"
                    + " last_at = CASE WHEN excluded.last_at > audit_usage.last_at THEN excluded.last_at"
                    + " ELSE audit_usage.last_at END";

    private record Key(UsageScope scope, String id, long day) {}

    private final Map<Key, UsageTotals> sums = new TreeMap<>(
            Comparator.comparing(Key::scope).thenComparing(Key::id).thenComparingLong(Key::day));

    void add(AuditRecord record) {
        if (!Rollups.counts(record)) {
            return;
        }
        if (!record.projectId().isEmpty()) {
            add(UsageScope.PROJECT, record.projectId(), record);
        }
        if (record.actor().kind() == AuditActor.Kind.WALLET
                && record.outcome() != AuditOutcome.DENIED
                && NOT_COUNTED.stream().noneMatch(record.path()::startsWith)) {
            add(UsageScope.WALLET, record.actor().id(), record);
        }
    }

    private void add(UsageScope scope, String id, AuditRecord record) {
        UsageTotals one = new UsageTotals(
                id,
                1,
                record.outcome() == AuditOutcome.SUCCESS ? 1 : 0,
                bounded(record.tokensIn()),
                bounded(record.tokensOut()),
                bounded(record.tokensCached()),
                bounded(record.costMicroUsd()),
                record.timestampMicros());
        sums.merge(new Key(scope, id, day(record.timestampMicros())), one, UsageTotals::plus);
    }

    /** Days since 1970-01-01 UTC; times that no calendar reaches count as the last day that the column holds. */
    static long day(long micros) {
        return Math.min(micros / MICROS_PER_DAY, Integer.MAX_VALUE);
    }

    private static long bounded(long amount) {
        return Math.min(amount, MAX_PER_REQUEST);
    }

    void write(Connection connection) throws SQLException {
        if (sums.isEmpty()) {
            return;
        }
        try (PreparedStatement add = connection.prepareStatement(ADD)) {
            for (Map.Entry<Key, UsageTotals> entry : sums.entrySet()) {
                Key key = entry.getKey();
                UsageTotals sum = entry.getValue();
                add.setString(1, key.scope().column());
                add.setString(2, key.id());
                add.setLong(3, key.day());
                add.setLong(4, sum.requests());
                add.setLong(5, sum.succeeded());
                add.setLong(6, sum.tokensIn());
                add.setLong(7, sum.tokensOut());
                add.setLong(8, sum.tokensCached());
                add.setLong(9, sum.costMicroUsd());
                add.setLong(10, sum.lastAtMicros());
                add.addBatch();
            }
            add.executeBatch();
        }
    }
}

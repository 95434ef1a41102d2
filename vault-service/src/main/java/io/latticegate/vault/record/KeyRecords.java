package io.latticegate.vault.record;

import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.common.contract.VaultApi.OwnerKind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Table {@code vault_records}: at most one record per owner and provider. Every method is one statement, so each is atomic
 * by itself on SQLite and on PostgreSQL. An expired record is not found, whether it was purged yet or not.
 */
final class KeyRecords {
    /** Most records of one owner that a listing returns. */
    static final int LISTED_MAX = 256;

    private static final String COLUMNS =
            "record_id, owner_kind, owner_id, provider, version, kek_id, sealed, fingerprint,"
                    + " created_at, signed_at_seconds, expires_at, ends_at";
    private static final String OF_OWNER = " WHERE owner_kind = ? AND owner_id = ?";
    private static final String LIVE = " AND (expires_at IS NULL OR expires_at > ?)";

    private final DataSource database;

    KeyRecords(DataSource database) {
        this.database = database;
    }

    /** The owner's live record for this provider. */
    Optional<KeyRecord> find(Owner owner, String provider, long now) {
        return one(
                "looking up a key",
                "SELECT " + COLUMNS + " FROM vault_records" + OF_OWNER + " AND provider = ?" + LIVE,
                owner.kind().name(),
                owner.id(),
                provider,
                now);
    }

    /** The owner's record for this provider, also when it has expired but was not purged. */
    Optional<KeyRecord> findEvenExpired(Owner owner, String provider) {
        return one(
                "looking up a key",
                "SELECT " + COLUMNS + " FROM vault_records" + OF_OWNER + " AND provider = ?",
                owner.kind().name(),
                owner.id(),
                provider);
    }

    /** The live record, its expiry moved to {@code expiresAt} (at most its end) in the same step. */
    Optional<KeyRecord> use(Owner owner, String provider, long now, long expiresAt) {
        return one(
                "refreshing a key",
                "UPDATE vault_records SET expires_at = CASE WHEN ends_at < ? THEN ends_at ELSE ? END" + OF_OWNER
                        + " AND provider = ? AND expires_at > ? RETURNING " + COLUMNS,
                expiresAt,
                expiresAt,
                owner.kind().name(),
                owner.id(),
                provider,
                now);
    }

    /** Live records of an owner by provider, at most {@link #LISTED_MAX}. */
    List<KeyRecord> list(Owner owner, long now) {
        return query(
                "listing keys",
                "SELECT " + COLUMNS + " FROM vault_records" + OF_OWNER + LIVE + " ORDER BY provider LIMIT "
                        + LISTED_MAX,
                KeyRecords::read,
                owner.kind().name(),
                owner.id(),
                now);
    }

    /** Adds a first record; false when there is one already. */
    boolean insert(KeyRecord added) {
        return update(
                        "storing a key",
                        "INSERT INTO vault_records (" + COLUMNS
                                + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                        added.recordId(),
                        added.owner().kind().name(),
                        added.owner().id(),
                        added.provider(),
                        added.version(),
                        added.kekId(),
                        added.sealed(),
                        added.fingerprint(),
                        added.createdAt(),
                        added.signedAtSeconds(),
                        added.expiresAt(),
                        added.endsAt())
                == 1;
    }

    /** Replaces the record with the version before; false when it is no longer of that version. */
    boolean replace(KeyRecord replacement) {
        return update(
                        "replacing a key",
                        "UPDATE vault_records SET version = ?, kek_id = ?, sealed = ?, fingerprint = ?, created_at = ?,"
                                + " signed_at_seconds = ?, expires_at = ?, ends_at = ? WHERE record_id = ? AND version = ?",
                        replacement.version(),
                        replacement.kekId(),
                        replacement.sealed(),
                        replacement.fingerprint(),
                        replacement.createdAt(),
                        replacement.signedAtSeconds(),
                        replacement.expiresAt(),
                        replacement.endsAt(),
                        replacement.recordId(),
                        replacement.version() - 1)
                == 1;
    }

    /** Removes the record, expired or not; whether it was there and live. */
    boolean delete(Owner owner, String provider, long now) {
        List<Boolean> live = query(
                "deleting a key",
                "DELETE FROM vault_records" + OF_OWNER + " AND provider = ? RETURNING expires_at",
                row -> {
                    Long expiresAt = nullableLong(row, "expires_at");
                    return expiresAt == null || expiresAt > now;
                },
                owner.kind().name(),
                owner.id(),
                provider);
        return live.contains(true);
    }

    /** Removes what has expired; how many. */
    int purgeExpired(long now) {
        return update("purging expired keys", "DELETE FROM vault_records WHERE expires_at <= ?", now);
    }

    /** How many records, and keys of the vault's own, each key-encryption key protects. */
    Map<String, Long> countByKek() {
        Map<String, Long> counts = new TreeMap<>();
        List<Map.Entry<String, Long>> rows = query(
                "counting keys",
                "SELECT kek_id, COUNT(*) AS records FROM (SELECT kek_id FROM vault_records"
                        + " UNION ALL SELECT kek_id FROM vault_service_keys) AS sealed_rows GROUP BY kek_id",
                row -> Map.entry(row.getString("kek_id"), row.getLong("records")));
        rows.forEach(row -> counts.put(row.getKey(), row.getValue()));
        return counts;
    }

    private Optional<KeyRecord> one(String doing, String sql, @Nullable Object... parameters) {
        return query(doing, sql, KeyRecords::read, parameters).stream().findFirst();
    }

    @FunctionalInterface
    interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    private <T> List<T> query(String doing, String sql, RowReader<T> reader, @Nullable Object... parameters) {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, parameters);
            List<T> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(reader.read(rows));
                }
            }
            return found;
        } catch (SQLException failed) {
            throw new RecordsUnavailable(doing, failed);
        }
    }

    private int update(String doing, String sql, @Nullable Object... parameters) {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, parameters);
            return statement.executeUpdate();
        } catch (SQLException failed) {
            throw new RecordsUnavailable(doing, failed);
        }
    }

    static void bind(PreparedStatement statement, @Nullable Object... parameters) throws SQLException {
        for (int i = 0; i < parameters.length; i++) {
            switch (parameters[i]) {
                case null -> statement.setNull(i + 1, Types.BIGINT);
                case String text -> statement.setString(i + 1, text);
                case Long number -> statement.setLong(i + 1, number);
                case byte[] bytes -> statement.setBytes(i + 1, bytes);
                case Object other -> throw new IllegalArgumentException("no column holds a " + other.getClass());
            }
        }
    }

    private static KeyRecord read(ResultSet row) throws SQLException {
        return new KeyRecord(
                row.getString("record_id"),
                new Owner(OwnerKind.valueOf(row.getString("owner_kind")), row.getString("owner_id")),
                row.getString("provider"),
                row.getLong("version"),
                row.getString("kek_id"),
                row.getBytes("sealed"),
                row.getString("fingerprint"),
                row.getLong("created_at"),
                nullableLong(row, "signed_at_seconds"),
                nullableLong(row, "expires_at"),
                nullableLong(row, "ends_at"));
    }

    private static @Nullable Long nullableLong(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }
}

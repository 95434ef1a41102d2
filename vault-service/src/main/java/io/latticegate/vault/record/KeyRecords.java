package io.latticegate.vault.record;

import io.latticegate.common.contract.VaultApi;
import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.common.contract.VaultApi.OwnerKind;
import io.latticegate.vault.envelope.Envelope;
import io.latticegate.vault.record.Statements.Change;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Table {@code vault_records}: at most one record per owner, provider and name. Every method is one statement, so each is atomic
 * by itself on SQLite and on PostgreSQL. An expired record is not found, whether it was purged yet or not.
 */
final class KeyRecords {
    /** Most records of one owner that a listing returns. */
    static final int LISTED_MAX = 256;

    private static final String COLUMNS =
            "record_id, owner_kind, owner_id, provider, key_name, weight, version, kek_id, sealed, fingerprint,"
                    + " created_at, signed_at_seconds, expires_at, ends_at";
    private static final String OF_OWNER = " WHERE owner_kind = ? AND owner_id = ?";
    private static final String OF_KEY = OF_OWNER + " AND provider = ? AND key_name = ?";
    private static final String LIVE = " AND (expires_at IS NULL OR expires_at > ?)";

    private final Statements statements;

    KeyRecords(DataSource database) {
        this.statements = new Statements(database);
    }

    /** The owner's live records for this provider by name, at most {@link #LISTED_MAX}. */
    List<KeyRecord> findAll(Owner owner, String provider, long now) {
        return statements.query(
                "looking up keys",
                "SELECT " + COLUMNS + " FROM vault_records" + OF_OWNER + " AND provider = ?" + LIVE
                        + " ORDER BY key_name LIMIT " + LISTED_MAX,
                KeyRecords::read,
                owner.kind().name(),
                owner.id(),
                provider,
                now);
    }

    /** The owner's live record of this name. */
    Optional<KeyRecord> find(Owner owner, String provider, String name, long now) {
        return one(
                "looking up a key",
                "SELECT " + COLUMNS + " FROM vault_records" + OF_KEY + LIVE,
                owner.kind().name(),
                owner.id(),
                provider,
                name,
                now);
    }

    /** The owner's record of this name, also when it has expired but was not purged. */
    Optional<KeyRecord> findEvenExpired(Owner owner, String provider, String name) {
        return one(
                "looking up a key",
                "SELECT " + COLUMNS + " FROM vault_records" + OF_KEY,
                owner.kind().name(),
                owner.id(),
                provider,
                name);
    }

    /** The live records, their expiry moved to {@code expiresAt} (at most their end) in the same step. */
    List<KeyRecord> use(Owner owner, String provider, long now, long expiresAt) {
        return statements.query(
                "refreshing a key",
                "UPDATE vault_records SET expires_at = CASE WHEN ends_at < ? THEN ends_at ELSE ? END" + OF_OWNER
                        + " AND provider = ? AND expires_at > ? RETURNING " + COLUMNS,
                KeyRecords::read,
                expiresAt,
                expiresAt,
                owner.kind().name(),
                owner.id(),
                provider,
                now);
    }

    /** Live records of an owner by provider and name, at most {@link #LISTED_MAX}. */
    List<KeyRecord> list(Owner owner, long now) {
        return statements.query(
                "listing keys",
                "SELECT " + COLUMNS + " FROM vault_records" + OF_OWNER + LIVE + " ORDER BY provider, key_name LIMIT "
                        + LISTED_MAX,
                KeyRecords::read,
                owner.kind().name(),
                owner.id(),
                now);
    }

    /** How many records the owner has for this provider, expired ones included. */
    long count(Owner owner, String provider) {
        return statements
                .query(
                        "counting keys",
                        "SELECT COUNT(*) AS records FROM vault_records" + OF_OWNER + " AND provider = ?",
                        row -> row.getLong("records"),
                        owner.kind().name(),
                        owner.id(),
                        provider)
                .getFirst();
    }

    /** Gives the live record of this name another weight; whether there is one. */
    boolean weigh(Owner owner, String provider, String name, int weight, long now) {
        return statements.update(
                        "weighing a key",
                        "UPDATE vault_records SET weight = ?" + OF_KEY + LIVE,
                        (long) weight,
                        owner.kind().name(),
                        owner.id(),
                        provider,
                        name,
                        now)
                == 1;
    }

    /** Adds a first record of its name; false when there is one already. */
    boolean insert(KeyRecord added) {
        return statements.update(
                        "storing a key",
                        "INSERT INTO vault_records (" + COLUMNS
                                + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                        added.recordId(),
                        added.owner().kind().name(),
                        added.owner().id(),
                        added.provider(),
                        added.name(),
                        (long) added.weight(),
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
        return statements.update(
                        "replacing a key",
                        "UPDATE vault_records SET weight = ?, version = ?, kek_id = ?, sealed = ?, fingerprint = ?,"
                                + " created_at = ?, signed_at_seconds = ?, expires_at = ?, ends_at = ?, rotated_at = NULL"
                                + " WHERE record_id = ? AND version = ?",
                        (long) replacement.weight(),
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
    boolean delete(Owner owner, String provider, String name, long now) {
        List<Boolean> live = statements.query(
                "deleting a key",
                "DELETE FROM vault_records" + OF_KEY + " RETURNING expires_at",
                row -> {
                    Long expiresAt = Statements.nullableLong(row, "expires_at");
                    return expiresAt == null || expiresAt > now;
                },
                owner.kind().name(),
                owner.id(),
                provider,
                name);
        return live.contains(true);
    }

    /** Removes what has expired; how many. */
    int purgeExpired(long now) {
        return statements.update("purging expired keys", "DELETE FROM vault_records WHERE expires_at <= ?", now);
    }

    /** How many records, and keys of the vault's own, each key-encryption key protects. */
    Map<String, Long> countByKek() {
        Map<String, Long> counts = new TreeMap<>();
        List<Map.Entry<String, Long>> rows = statements.query(
                "counting keys",
                "SELECT kek_id, COUNT(*) AS records FROM (SELECT kek_id FROM vault_records"
                        + " UNION ALL SELECT kek_id FROM vault_service_keys) AS sealed_rows GROUP BY kek_id",
                row -> Map.entry(row.getString("kek_id"), row.getLong("records")));
        rows.forEach(row -> counts.put(row.getKey(), row.getValue()));
        return counts;
    }

    /** Records behind {@code after} in the order of their ids, expired ones included, that were stored by {@code until}. */
    List<KeyRecord> storedBy(long until, String after, int limit) {
        return statements.query(
                "reading keys to renew",
                "SELECT " + COLUMNS
                        + " FROM vault_records WHERE record_id > ? AND created_at <= ? ORDER BY record_id LIMIT "
                        + limit,
                KeyRecords::read,
                after,
                until);
    }

    /** Records behind {@code after} in the order of their ids, expired ones included, that another key protects. */
    List<KeyRecord> underOtherKeks(String kekId, String after, int limit) {
        return statements.query(
                "reading keys to wrap",
                "SELECT " + COLUMNS
                        + " FROM vault_records WHERE record_id > ? AND kek_id <> ? ORDER BY record_id LIMIT " + limit,
                KeyRecords::read,
                after,
                kekId);
    }

    /** How many records were stored by {@code until}. */
    long countStoredBy(long until) {
        return statements
                .query(
                        "counting keys",
                        "SELECT COUNT(*) AS records FROM vault_records WHERE created_at <= ?",
                        row -> row.getLong("records"),
                        until)
                .getFirst();
    }

    /** How many records other keys than {@code kekId} protect. */
    long countUnderOtherKeks(String kekId) {
        return statements
                .query(
                        "counting keys",
                        "SELECT COUNT(*) AS records FROM vault_records WHERE kek_id <> ?",
                        row -> row.getLong("records"),
                        kekId)
                .getFirst();
    }

    /** Puts {@code sealed} in the place of what {@code record} holds, unless that has changed since it was read. */
    static Change reseal(KeyRecord record, long version, Envelope.Sealed sealed, long now) {
        return Change.of(
                "UPDATE vault_records SET kek_id = ?, sealed = ?, version = ?, rotated_at = ?"
                        + " WHERE record_id = ? AND version = ? AND sealed = ?",
                sealed.kekId(),
                sealed.bytes(),
                version,
                now,
                record.recordId(),
                record.version(),
                record.sealed());
    }

    /** Live records without their keys, by their ids. */
    List<VaultApi.RecordRow> page(String after, int limit, long now) {
        return statements.query(
                "listing keys",
                "SELECT record_id, owner_kind, owner_id, provider, key_name, fingerprint, kek_id, created_at,"
                        + " rotated_at FROM vault_records WHERE record_id >"
                        + " ?" + LIVE + " ORDER BY record_id LIMIT " + limit,
                row -> new VaultApi.RecordRow(
                        row.getString("record_id"),
                        OwnerKind.valueOf(row.getString("owner_kind")),
                        row.getString("owner_id"),
                        row.getString("provider"),
                        row.getString("key_name"),
                        row.getString("fingerprint"),
                        row.getString("kek_id"),
                        row.getLong("created_at"),
                        Statements.nullableLong(row, "rotated_at")),
                after,
                now);
    }

    private Optional<KeyRecord> one(String doing, String sql, @Nullable Object... parameters) {
        return statements.query(doing, sql, KeyRecords::read, parameters).stream()
                .findFirst();
    }

    private static KeyRecord read(ResultSet row) throws SQLException {
        return new KeyRecord(
                row.getString("record_id"),
                new Owner(OwnerKind.valueOf(row.getString("owner_kind")), row.getString("owner_id")),
                row.getString("provider"),
                row.getString("key_name"),
                row.getInt("weight"),
                row.getLong("version"),
                row.getString("kek_id"),
                row.getBytes("sealed"),
                row.getString("fingerprint"),
                row.getLong("created_at"),
                Statements.nullableLong(row, "signed_at_seconds"),
                Statements.nullableLong(row, "expires_at"),
                Statements.nullableLong(row, "ends_at"));
    }
}

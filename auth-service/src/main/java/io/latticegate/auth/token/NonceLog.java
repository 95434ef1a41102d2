package io.latticegate.auth.token;

import io.latticegate.common.store.Database;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.function.Consumer;

/**
 * What wallets have used, written through to the store by a process that keeps this state in memory, so that a restart
 * does not make a nonce usable again. Write before admitting; a failure to write is a refusal. On SQLite an entry
 * survives the death of the process; a power cut may take the last few.
 *
 * <p>All methods block. An entry is one insert without a disk flush, so there is nothing to gain by gathering several.
 */
public final class NonceLog {
    /**
     * Something used.
     *
     * @param wallet lower-case hex
     * @param nonce decimal nonce, or another single-use value such as a digest in hex; up to 128 characters
     * @param seenAt UTC milliseconds
     */
    public record Entry(String wallet, String nonce, long seenAt) {
        public Entry {
            if (wallet.isEmpty() || wallet.length() > 64 || nonce.isEmpty() || nonce.length() > 128) {
                throw new IllegalArgumentException("a wallet has 1 to 64 characters and a nonce 1 to 128");
            }
        }
    }

    private final Database database;

    public NonceLog(Database database) {
        this.database = database;
    }

    /** @return false when the wallet used this nonce before */
    public boolean record(Entry entry) {
        return database.inTransaction(connection -> {
            try (PreparedStatement insert = connection.prepareStatement("""
                    INSERT INTO used_nonces (wallet, nonce, seen_at) VALUES (?, ?, ?)
                    ON CONFLICT (wallet, nonce) DO NOTHING""")) {
                insert.setString(1, entry.wallet());
                insert.setString(2, entry.nonce());
                insert.setLong(3, entry.seenAt());
                return insert.executeUpdate() == 1;
            }
        });
    }

    /** Hands every entry seen at {@code from} or later to {@code reader}, oldest first: to rebuild the memory at a start. */
    public void replay(long from, Consumer<Entry> reader) {
        database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(
                    "SELECT wallet, nonce, seen_at FROM used_nonces WHERE seen_at >= ? ORDER BY seen_at, nonce")) {
                select.setLong(1, from);
                try (ResultSet rows = select.executeQuery()) {
                    int count = 0;
                    while (rows.next()) {
                        reader.accept(new Entry(rows.getString(1), rows.getString(2), rows.getLong(3)));
                        count++;
                    }
                    return count;
                }
            }
        });
    }

    /** Forgets what was seen before {@code before} and returns how much that was. */
    public int forget(long before) {
        return database.inTransaction(connection -> {
            try (PreparedStatement delete = connection.prepareStatement("DELETE FROM used_nonces WHERE seen_at < ?")) {
                delete.setLong(1, before);
                return delete.executeUpdate();
            }
        });
    }
}

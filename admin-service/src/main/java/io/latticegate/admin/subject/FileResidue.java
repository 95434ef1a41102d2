package io.latticegate.admin.subject;

import io.latticegate.common.store.Database;
import io.latticegate.common.store.Dialect;
import io.latticegate.common.store.StoreFault;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Old bytes in the file of a SQLite store. Deleting or changing a row leaves its former bytes in free space of its page, in
 * copies that a split has left behind, and in the write-ahead log; {@code VACUUM} writes every page anew, and a truncating
 * checkpoint empties the log. Writers wait meanwhile: about a second per 100 MB, as far as the disk allows.
 *
 * <p>PostgreSQL reuses the space of dead rows by itself; its own log, its replicas and its backups are the operator's.
 */
final class FileResidue {
    private static final int CHECKPOINTS_MAX = 10;

    /**
     * Removes it, on a thread of its own, since SQLite would hold the carrier of a virtual thread.
     *
     * @throws StoreFault.Unavailable when the file could not be rewritten, or readers kept the log from being emptied
     */
    static void remove(Database database) {
        if (database.dialect() != Dialect.SQLITE) {
            return;
        }
        try {
            CompletableFuture.runAsync(
                            () -> rewrite(database),
                            task -> Thread.ofPlatform().name("audit-vacuum").start(task))
                    .join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof StoreFault fault) {
                throw fault;
            }
            throw failed;
        }
    }

    private static void rewrite(Database database) {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(true);
            statement.execute("VACUUM");
            for (int attempt = 1; attempt <= CHECKPOINTS_MAX; attempt++) {
                try (ResultSet checkpoint = statement.executeQuery("PRAGMA wal_checkpoint(TRUNCATE)")) {
                    if (checkpoint.next() && checkpoint.getInt(1) == 0) {
                        return;
                    }
                }
            }
        } catch (SQLException failure) {
            throw new StoreFault.Unavailable("the file of the audit store could not be rewritten", failure);
        }
        throw new StoreFault.Unavailable("readers kept the log of the audit store's file from being emptied", null);
    }

    private FileResidue() {}
}

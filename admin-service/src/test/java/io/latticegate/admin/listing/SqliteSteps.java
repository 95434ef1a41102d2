package io.latticegate.admin.listing;

import io.latticegate.common.store.Database;
import io.latticegate.common.store.Work;
import java.util.concurrent.atomic.AtomicLong;
import org.sqlite.ProgressHandler;
import org.sqlite.SQLiteConnection;

/** How much work a question is, in steps of SQLite's virtual machine, which are the same on every machine. */
public final class SqliteSteps {
    /** The steps that reading takes. */
    public static <T> long of(Database database, Work<T> reading) {
        return database.read(connection -> {
            AtomicLong steps = new AtomicLong();
            SQLiteConnection own = connection.unwrap(SQLiteConnection.class);
            ProgressHandler.setHandler(own, 1, new ProgressHandler() {
                @Override
                protected int progress() {
                    steps.incrementAndGet();
                    return 0;
                }
            });
            try {
                T unused = reading.run(connection);
            } finally {
                ProgressHandler.clearHandler(own);
            }
            return steps.get();
        });
    }

    private SqliteSteps() {}
}

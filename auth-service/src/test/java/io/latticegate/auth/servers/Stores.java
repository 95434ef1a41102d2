package io.latticegate.auth.servers;

import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreLocation;
import java.nio.file.Path;

/** Opens the auth schema in each of the databases that it must work on. */
public enum Stores {
    SQLITE {
        @Override
        public StoreLocation empty(Path directory) {
            return new StoreLocation.Sqlite(directory);
        }
    },
    POSTGRESQL {
        @Override
        public StoreLocation empty(Path directory) {
            return new StoreLocation.Postgres(PostgresServer.shared().createDatabase(), PostgresServer.USER, null, 8);
        }
    };

    /** Where to open an empty store. */
    public abstract StoreLocation empty(Path directory);

    /** Opens an empty store. */
    public Database open(Path directory) {
        return Database.open("auth", empty(directory));
    }
}

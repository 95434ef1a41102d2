package io.latticegate.auth.servers;

import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreLocation;
import io.latticegate.testing.PostgresServer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** Opens the auth schema in each of the databases that it must work on. */
public enum StoreKind {
    SQLITE {
        @Override
        public StoreLocation empty(Path directory) {
            return new StoreLocation.Sqlite(directory);
        }
    },
    POSTGRESQL {
        @Override
        public StoreLocation empty(Path directory) {
            String url = postgres().createDatabase("test_" + DATABASES.incrementAndGet());
            return new StoreLocation.Postgres(url.replaceFirst("[?].*", ""), PostgresServer.USER, null, 8);
        }
    };

    private static final AtomicInteger DATABASES = new AtomicInteger();

    /** Where to open an empty store. */
    public abstract StoreLocation empty(Path directory);

    /** Opens an empty store. */
    public Database open(Path directory) {
        return Database.open("auth", empty(directory));
    }

    /** One server for all suites of this JVM, started by the first that needs it. */
    public static PostgresServer postgres() {
        return Shared.SERVER;
    }

    private static final class Shared {
        static final PostgresServer SERVER = PostgresServer.start(false);

        static {
            Runtime.getRuntime().addShutdownHook(new Thread(SERVER::close));
        }
    }
}

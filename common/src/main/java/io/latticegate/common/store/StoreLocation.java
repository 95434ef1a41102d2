package io.latticegate.common.store;

import io.latticegate.common.value.Secret;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where a service keeps what must survive a restart. */
public sealed interface StoreLocation {
    /** @param directory holds one file per schema, {@code <schema>.db}; made when it is missing, readable by the owner only */
    record Sqlite(Path directory) implements StoreLocation {}

    /**
     * @param url {@code jdbc:postgresql://host:port/database?…} or the same without {@code jdbc:}; without user and
     *     password, which have components of their own so that the URL may be logged
     * @param password null where the server asks for none
     * @param connectionsMax size of the pool, 1 to 100
     */
    record Postgres(String url, String user, @Nullable Secret password, int connectionsMax) implements StoreLocation {
        public static final int CONNECTIONS_DEFAULT = 8;

        public Postgres {
            if (!url.startsWith("jdbc:")) {
                url = "jdbc:" + url.replaceFirst("^postgres:", "postgresql:");
            }
            if (!url.startsWith("jdbc:postgresql://")) {
                throw new IllegalArgumentException(
                        "a PostgreSQL URL reads postgresql://host:port/database; this one begins otherwise");
            }
            if (url.matches("jdbc:postgresql://[^/?]*@.*") || url.matches(".*[?&](user|password)=.*")) {
                throw new IllegalArgumentException(
                        "user and password are set apart from the PostgreSQL URL, not in it");
            }
            if (connectionsMax < 1 || connectionsMax > 100) {
                throw new IllegalArgumentException("a pool has 1 to 100 connections, not " + connectionsMax);
            }
        }
    }
}

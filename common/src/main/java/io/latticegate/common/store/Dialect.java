package io.latticegate.common.store;

/** The two databases that every suite runs on. */
public enum Dialect {
    SQLITE,
    POSTGRESQL;

    /**
     * What to append to a SELECT so that the rows stay as read until the transaction ends. Nothing for SQLite, where a
     * writing transaction is alone from its beginning.
     */
    public String lockingRows() {
        return this == POSTGRESQL ? " FOR UPDATE" : "";
    }

    /**
     * As {@link #lockingRows()}, but others may hold the same rows in this way at the same time; only who changes them
     * waits.
     */
    public String sharingRows() {
        return this == POSTGRESQL ? " FOR SHARE" : "";
    }
}

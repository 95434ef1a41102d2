package io.latticegate.auth.token;

import io.latticegate.auth.servers.Stores;

class SqliteTokenRegistryTest extends TokenRegistryContract {
    @Override
    Stores store() {
        return Stores.SQLITE;
    }
}

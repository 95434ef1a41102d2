package io.latticegate.auth.token;

import io.latticegate.auth.servers.StoreKind;

class SqliteTokenRegistryTest extends TokenRegistryContract {
    @Override
    StoreKind store() {
        return StoreKind.SQLITE;
    }
}

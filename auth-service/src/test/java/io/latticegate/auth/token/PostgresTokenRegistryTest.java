package io.latticegate.auth.token;

import io.latticegate.auth.servers.Stores;

class PostgresTokenRegistryTest extends TokenRegistryContract {
    @Override
    Stores store() {
        return Stores.POSTGRESQL;
    }
}

package io.latticegate.auth.token;

import io.latticegate.auth.servers.StoreKind;

class PostgresTokenRegistryTest extends TokenRegistryContract {
    @Override
    StoreKind store() {
        return StoreKind.POSTGRESQL;
    }
}

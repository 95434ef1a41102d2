package io.latticegate.auth.token;

import io.latticegate.auth.servers.StoreKind;

class PostgresNonceLogTest extends NonceLogContract {
    @Override
    StoreKind store() {
        return StoreKind.POSTGRESQL;
    }
}

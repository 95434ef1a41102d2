package io.latticegate.auth.token;

import io.latticegate.auth.servers.Stores;

class PostgresNonceLogTest extends NonceLogContract {
    @Override
    Stores store() {
        return Stores.POSTGRESQL;
    }
}

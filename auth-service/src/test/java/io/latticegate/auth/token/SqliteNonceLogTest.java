package io.latticegate.auth.token;

import io.latticegate.auth.servers.Stores;

class SqliteNonceLogTest extends NonceLogContract {
    @Override
    Stores store() {
        return Stores.SQLITE;
    }
}

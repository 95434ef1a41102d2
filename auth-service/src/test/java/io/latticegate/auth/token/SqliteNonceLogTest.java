package io.latticegate.auth.token;

import io.latticegate.auth.servers.StoreKind;

class SqliteNonceLogTest extends NonceLogContract {
    @Override
    StoreKind store() {
        return StoreKind.SQLITE;
    }
}

package io.latticegate.auth.lease;

import io.latticegate.auth.servers.StoreKind;

class SqliteLeaseLedgerTest extends LeaseLedgerContract {
    @Override
    StoreKind store() {
        return StoreKind.SQLITE;
    }
}

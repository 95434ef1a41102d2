package io.latticegate.auth.lease;

import io.latticegate.auth.servers.Stores;

class SqliteLeaseLedgerTest extends LeaseLedgerContract {
    @Override
    Stores store() {
        return Stores.SQLITE;
    }
}

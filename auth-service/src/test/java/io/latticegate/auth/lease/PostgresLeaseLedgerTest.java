package io.latticegate.auth.lease;

import io.latticegate.auth.servers.Stores;

class PostgresLeaseLedgerTest extends LeaseLedgerContract {
    @Override
    Stores store() {
        return Stores.POSTGRESQL;
    }
}

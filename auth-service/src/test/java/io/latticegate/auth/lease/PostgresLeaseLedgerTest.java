package io.latticegate.auth.lease;

import io.latticegate.auth.servers.StoreKind;

class PostgresLeaseLedgerTest extends LeaseLedgerContract {
    @Override
    StoreKind store() {
        return StoreKind.POSTGRESQL;
    }
}

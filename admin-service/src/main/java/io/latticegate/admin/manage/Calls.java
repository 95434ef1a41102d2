package io.latticegate.admin.manage;

/** A group of calls, which names its own rows in the {@link CallTable}. */
@FunctionalInterface
interface Calls {
    void addTo(CallTable.Rows rows);
}

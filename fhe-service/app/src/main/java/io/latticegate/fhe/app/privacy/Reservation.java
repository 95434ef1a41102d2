package io.latticegate.fhe.app.privacy;

/** What the ledger says to a search that wants to spend. */
public sealed interface Reservation {
    /**
     * It is paid for. Its noise is that of the terms it asked under, and it may release once {@link PrivacyLedger#release}
     * has said so.
     */
    record Reserved(String requestId, long generation) implements Reservation {}

    /** The budget does not hold another search; only an administrator's reset changes that. */
    record Exhausted(PrivacyBudget budget) implements Reservation {}

    /** Something was spent under other terms. An administrator's reset lets new terms begin. */
    record TermsDiffer(PrivacyBudget budget) implements Reservation {}

    /** The request was paid for before, and has been released or refunded since. It must release nothing again. */
    record Settled(String requestId) implements Reservation {}
}

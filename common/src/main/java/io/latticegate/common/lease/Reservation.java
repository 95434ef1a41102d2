package io.latticegate.common.lease;

import io.latticegate.common.value.Allowance;

/**
 * An upper estimate set aside for one request. Must be settled exactly once, on every ending (architecture decision 7).
 * Confined to one event loop.
 */
public final class Reservation {
    private final Lease lease;
    private final Allowance amount;
    private boolean settled;

    Reservation(Lease lease, Allowance amount) {
        this.lease = lease;
        this.amount = amount;
    }

    /** Id of the token that pays. */
    public String tokenId() {
        return lease.tokenId();
    }

    /** Id of the token's project. */
    public String projectId() {
        return lease.projectId();
    }

    /** Replaces the estimate by what was spent; {@link Allowance#NONE} when the provider was never reached. */
    public void settle(Allowance actual) {
        if (settled) {
            throw new IllegalStateException("a reservation is settled once");
        }
        settled = true;
        lease.settle(amount, actual);
    }
}

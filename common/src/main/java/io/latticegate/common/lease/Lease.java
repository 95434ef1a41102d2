package io.latticegate.common.lease;

import io.latticegate.common.contract.AuthApi.LeaseUse;
import io.latticegate.common.value.Allowance;

/**
 * A block of requests, tokens and money that auth-service has deducted in advance for one token, and how much of it is
 * reserved for requests in flight and how much is spent. Confined to one event loop.
 */
final class Lease {
    private final String id;
    private final String tokenId;
    private final String projectId;
    private final Allowance block;
    private final long validUntilNanos;
    private final long renewFromNanos;
    private Allowance reserved = Allowance.NONE;
    private Allowance spent = Allowance.NONE;
    private long lastUsedAt;
    private int inFlight;
    private boolean dropped;
    private boolean changed = true;

    Lease(String id, String tokenId, String projectId, Allowance block, long askedAtNanos, long validForNanos) {
        this.id = id;
        this.tokenId = tokenId;
        this.projectId = projectId;
        this.block = block;
        this.validUntilNanos = askedAtNanos + validForNanos;
        this.renewFromNanos = askedAtNanos + validForNanos / 2;
    }

    String tokenId() {
        return tokenId;
    }

    String projectId() {
        return projectId;
    }

    String id() {
        return id;
    }

    boolean valid(long nowNanos) {
        return !dropped && nowNanos - validUntilNanos < 0;
    }

    /** Whether {@code wanted} can be reserved now. */
    boolean covers(Allowance wanted, long nowNanos) {
        return valid(nowNanos) && rest().covers(wanted);
    }

    /** Whether it is time to fetch the next lease, so that a busy token never waits for one. */
    boolean dueForRenewal(long nowNanos) {
        return nowNanos - renewFromNanos >= 0 || rest().requests() < block.requests() / 4;
    }

    void reserve(Allowance amount, long nowMillis) {
        reserved = reserved.plus(amount);
        lastUsedAt = nowMillis;
        inFlight++;
        changed = true;
    }

    /** Turns a reservation into what was really spent, which may exceed it when an estimate was too low. */
    void settle(Allowance amount, Allowance actual) {
        reserved = reserved.minus(amount);
        spent = spent.plus(actual);
        inFlight--;
        changed = true;
    }

    /** No further reservation: the token was revoked or a newer lease took over. */
    void drop() {
        dropped = true;
        changed = true;
    }

    boolean ended(long nowNanos) {
        return inFlight == 0 && !valid(nowNanos);
    }

    /** Whether auth-service should hear of this lease: something changed, or requests in flight must keep it alive. */
    boolean reportable() {
        return changed || inFlight > 0;
    }

    LeaseUse report(long nowNanos) {
        changed = false;
        Allowance kept = valid(nowNanos) ? block.minus(spent) : reserved;
        boolean ended = ended(nowNanos);
        return new LeaseUse(id, spent, ended ? Allowance.NONE : kept, lastUsedAt, ended);
    }

    void reportFailed() {
        changed = true;
    }

    private Allowance rest() {
        return block.minus(spent).minus(reserved);
    }
}

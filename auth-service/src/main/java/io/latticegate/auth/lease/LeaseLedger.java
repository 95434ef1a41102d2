package io.latticegate.auth.lease;

import io.latticegate.auth.lease.LeaseStore.Account;
import io.latticegate.auth.lease.LeaseStore.Movement;
import io.latticegate.auth.token.TokenPepper;
import io.latticegate.common.contract.AuthApi.LeaseReply;
import io.latticegate.common.contract.AuthApi.LeaseRequest;
import io.latticegate.common.contract.AuthApi.LeaseUse;
import io.latticegate.common.contract.AuthApi.Refusal;
import io.latticegate.common.contract.AuthApi.Settled;
import io.latticegate.common.contract.AuthApi.Settlement;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreFault;
import io.latticegate.common.value.Allowance;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * Lends parts of a token's limits to edges and takes back what they did not use. All methods block; several processes
 * may work on one database at once.
 *
 * <p>For every token and limited dimension {@code spent + reserved ≤ limit} holds after every commit, where
 * {@code reserved} is the sum of what open leases hold. A block is deducted by one conditional UPDATE before anyone
 * spends from it, so limits hold exactly over all edges however they fail; a crash can only under-spend. The exception
 * is a use that the edge reports above its block, which counts in full because it happened.
 *
 * <p>Each settlement returns what the edge no longer keeps for itself. A lease is closed by the one that says
 * {@code ended}, which returns the rest, or by {@link #sweep} as lost. An edge whose requests outlast the validity, such as long streams, keeps the lease open by settling it now and then:
 * each settlement moves the moment of loss to {@link LeaseTerms#grace} later, up to {@link LeaseTerms#lifeMax}.
 *
 * <p>If a limit is set where there was none, leases then out are not bound by it until they end.
 */
public final class LeaseLedger {
    /** Most uses in one settlement. */
    public static final int USES_MAX = 10_000;

    /** More than any lease can have spent; keeps sums far from overflowing. */
    private static final Allowance MOST = new Allowance(1_000_000_000L, 1_000_000_000_000L, 1_000_000_000_000L);

    private static final int BATCH = 200;
    private static final int SWEEP_BATCHES_MAX = 50;
    private static final int GRANT_ATTEMPTS_MAX = 32;
    private static final int NODE_LENGTH_MAX = 200;

    /**
     * What a sweep did.
     *
     * @param lost leases closed because nothing was heard of them
     * @param forgotten closed leases deleted
     */
    public record Swept(int lost, int forgotten) {}

    private final Database database;
    private final LeaseStore store;
    private final TokenPepper pepper;
    private final InstantSource clock;
    private final LeaseTerms terms;

    public LeaseLedger(Database database, TokenPepper pepper, InstantSource clock, LeaseTerms terms) {
        this.database = database;
        this.store = new LeaseStore(database.dialect());
        this.pepper = pepper;
        this.clock = clock;
        this.terms = terms;
    }

    /**
     * Refusals read and lock nothing. A grant whose deduction came too late, because others took from the token since it
     * was read, reads again; every such turn means that another grant went through.
     */
    public LeaseReply grant(LeaseRequest request) {
        if (request.node().isBlank() || request.node().length() > NODE_LENGTH_MAX) {
            throw new IllegalArgumentException("a node's name has 1 to " + NODE_LENGTH_MAX + " characters");
        }
        byte[] digest = pepper.seal(request.token());
        for (int attempt = 1; attempt <= GRANT_ATTEMPTS_MAX; attempt++) {
            long now = clock.millis();
            Account account = database.read(connection -> store.account(connection, digest));
            if (account == null) {
                return new LeaseReply.Refused(Refusal.TOKEN_NOT_FOUND, null, null);
            }
            if (!account.active()) {
                return refused(Refusal.TOKEN_INACTIVE, account);
            }
            if (account.expiresAt() <= now) {
                return refused(Refusal.TOKEN_EXPIRED, account);
            }
            if (!account.projectActive()) {
                return refused(Refusal.PROJECT_INACTIVE, account);
            }
            Optional<Allowance> block = Block.of(account.remaining(), request.wanted());
            if (block.isEmpty()) {
                return refused(Refusal.RATE_LIMIT_EXCEEDED, account);
            }
            Lease lease = lease(account, request.node(), block.get(), now);
            if (deduct(lease, now)) {
                long validFor = Math.min(terms.validity().toMillis(), account.expiresAt() - now);
                return new LeaseReply.Granted(
                        lease.id(), account.tokenId(), account.projectId(), lease.block(), validFor);
            }
        }
        throw new StoreFault.Contended(
                "the token changed " + GRANT_ATTEMPTS_MAX + " times while a lease was being granted", null);
    }

    /** Idempotent: repeating a settlement, or sending an older one after a newer one, changes nothing. */
    public Settled settle(Settlement settlement) {
        if (settlement.uses().size() > USES_MAX) {
            throw new IllegalArgumentException("a settlement has up to " + USES_MAX + " uses, not "
                    + settlement.uses().size());
        }
        for (LeaseUse use : settlement.uses()) {
            if (!MOST.covers(use.spent())) {
                throw new IllegalArgumentException("a lease has spent at most " + MOST + ", not " + use.spent());
            }
        }
        List<String> unknown = new ArrayList<>();
        for (int from = 0; from < settlement.uses().size(); from += BATCH) {
            List<LeaseUse> batch = settlement
                    .uses()
                    .subList(from, Math.min(from + BATCH, settlement.uses().size()));
            unknown.addAll(database.inTransaction(connection -> settle(connection, settlement.node(), batch)));
        }
        return new Settled(List.copyOf(unknown));
    }

    /**
     * Closes leases that were not heard of in time and forgets closed ones. Call it every second or so, on any number of
     * processes.
     */
    public Swept sweep() {
        int lost = 0;
        int forgotten = 0;
        for (int batch = 0; batch < SWEEP_BATCHES_MAX; batch++) {
            int closed = closeOverdue();
            lost += closed;
            if (closed == 0) {
                break;
            }
        }
        long before = clock.millis() - terms.remembered().toMillis();
        for (int batch = 0; batch < SWEEP_BATCHES_MAX; batch++) {
            int deleted = database.inTransaction(connection -> store.forget(connection, before, BATCH));
            forgotten += deleted;
            if (deleted < BATCH) {
                break;
            }
        }
        return new Swept(lost, forgotten);
    }

    private boolean deduct(Lease lease, long now) {
        return database.inTransaction(connection -> {
            if (!store.deduct(connection, lease.tokenId(), lease.block(), now)) {
                return false;
            }
            store.insert(connection, lease);
            return true;
        });
    }

    private List<String> settle(Connection connection, String node, List<LeaseUse> uses) throws SQLException {
        Map<String, Lease> before = store.findLocked(
                connection, uses.stream().map(LeaseUse::leaseId).distinct().toList());
        Map<String, Lease> after = new HashMap<>();
        Map<String, Movement> movements = new HashMap<>();
        List<String> unknown = new ArrayList<>();
        long now = clock.millis();
        for (LeaseUse use : uses) {
            Lease lease = after.getOrDefault(use.leaseId(), before.get(use.leaseId()));
            if (lease == null || !lease.node().equals(node)) {
                unknown.add(use.leaseId());
                continue;
            }
            if (lease.state() == Lease.State.LOST) {
                unknown.add(use.leaseId());
            }
            Lease next = lease.settled(use, now, terms);
            after.put(next.id(), next);
            movements.merge(next.tokenId(), movement(lease, next, Math.min(use.lastUsedAt(), now)), Movement::plus);
        }
        store.update(connection, after.values(), now);
        store.move(connection, movements);
        return unknown;
    }

    private int closeOverdue() {
        long now = clock.millis();
        List<String> overdue = database.read(connection -> store.overdue(connection, now, BATCH));
        if (overdue.isEmpty()) {
            return 0;
        }
        return database.inTransaction(connection -> {
            Collection<Lease> still = store.findLocked(connection, overdue).values().stream()
                    .filter(lease -> lease.state() == Lease.State.OPEN && lease.lostAfter() < now)
                    .toList();
            return change(connection, still, Lease::lost, now);
        });
    }

    private int change(Connection connection, Collection<Lease> leases, UnaryOperator<Lease> transition, long now)
            throws SQLException {
        List<Lease> after = new ArrayList<>(leases.size());
        Map<String, Movement> movements = new HashMap<>();
        for (Lease lease : leases) {
            Lease next = transition.apply(lease);
            after.add(next);
            movements.merge(next.tokenId(), movement(lease, next, 0), Movement::plus);
        }
        store.update(connection, after, now);
        store.move(connection, movements);
        return after.size();
    }

    private Lease lease(Account account, String node, Allowance block, long now) {
        return new Lease(
                UUID.randomUUID().toString(),
                account.tokenId(),
                node,
                Lease.State.OPEN,
                block,
                Allowance.NONE,
                now,
                now + terms.validity().toMillis() + terms.grace().toMillis());
    }

    private static Movement movement(Lease before, Lease after, long lastUsedAt) {
        return new Movement(
                after.settled().minus(before.settled()), before.held().minus(after.held()), lastUsedAt);
    }

    private static LeaseReply refused(Refusal refusal, Account account) {
        return new LeaseReply.Refused(refusal, account.tokenId(), account.projectId());
    }
}

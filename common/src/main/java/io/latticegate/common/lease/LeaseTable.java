package io.latticegate.common.lease;

import io.latticegate.common.bus.BusFault;
import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.AuthApi.LeaseReply;
import io.latticegate.common.contract.AuthApi.LeaseUse;
import io.latticegate.common.contract.AuthApi.Refusal;
import io.latticegate.common.contract.AuthApi.Revoked;
import io.latticegate.common.trace.TraceSpan;
import io.latticegate.common.value.Allowance;
import io.latticegate.common.value.TokenDigest;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The leases of one edge verticle, one event loop. A request under a valid lease reserves without asking anyone; a miss
 * asks auth-service once for all requests of the token that wait; a lease in use is renewed in the background from half
 * of its life on. A question that nobody answers goes once to the next instance of auth-service; a grant that was on its
 * way then counts as spent. What was spent is reported every {@link #FLUSH_MILLIS} as running totals, so that a lost report costs
 * nothing.
 *
 * <p>Not thread-safe: every method is called on the verticle's event loop.
 */
public final class LeaseTable {
    /** How often totals are reported to auth-service, in milliseconds. */
    public static final long FLUSH_MILLIS = 100;

    /** Most requests of one token that wait for a lease at a time. */
    public static final int WAITING_MAX = 10_000;

    /** Most tokens with a lease or waiting requests at a time; beyond it new tokens get 503. */
    public static final int TOKENS_MAX = 100_000;

    private static final Logger LOG = LoggerFactory.getLogger(LeaseTable.class);
    private static final int REPORT_MAX = 2_000;

    private final MeshBus bus;
    private final String node;
    private final LongSupplier nanoTime;
    private final InstantSource clock;
    private final Map<TokenDigest, TokenState> tokens = new HashMap<>();
    private final Map<String, Lease> open = new HashMap<>();
    private boolean flushing;

    public LeaseTable(MeshBus bus, String node, LongSupplier nanoTime, InstantSource clock) {
        this.bus = bus;
        this.node = node;
        this.nanoTime = nanoTime;
        this.clock = clock;
    }

    /** Receives the outcome of {@link #reserve}; exactly one method is called, possibly before {@code reserve} returns. */
    public interface Outcome {
        void reserved(Reservation reservation);

        /** @param tokenId and projectId where the token is known */
        void refused(Refusal refusal, @Nullable String tokenId, @Nullable String projectId);

        /** Neither granted nor refused: auth-service does not answer. Nothing was admitted. */
        void unavailable();

        /** What a question to auth-service is a piece of; of those that wait together, the first one's. */
        default TraceSpan span() {
            return TraceSpan.NONE;
        }
    }

    /** Sets {@code amount} aside for one request of the token. */
    public void reserve(TokenDigest token, Allowance amount, Outcome outcome) {
        long now = nanoTime.getAsLong();
        TokenState state = tokens.get(token);
        if (state == null) {
            if (tokens.size() >= TOKENS_MAX) {
                outcome.unavailable();
                return;
            }
            state = new TokenState(token);
            tokens.put(token, state);
        }
        Lease current = state.current;
        if (current != null && state.waiting.isEmpty() && current.covers(amount, now)) {
            grant(current, amount, outcome);
            if (!state.asking && current.dueForRenewal(now)) {
                ask(state);
            }
            return;
        }
        if (state.waiting.size() >= WAITING_MAX) {
            outcome.unavailable();
            return;
        }
        state.waiting.add(new Waiting(amount, outcome));
        if (!state.asking) {
            ask(state);
        }
    }

    /** Drops the leases that a revocation names; requests in flight finish. */
    public void revoke(Revoked revoked) {
        if (revoked.tokens() == null) {
            for (TokenState state : tokens.values()) {
                if (state.current != null && state.current.projectId().equals(revoked.projectId())) {
                    state.dropCurrent();
                }
                state.generation++;
            }
            return;
        }
        for (TokenDigest digest : revoked.tokens()) {
            TokenState state = tokens.get(digest);
            if (state != null) {
                state.dropCurrent();
                state.generation++;
            }
        }
    }

    /** Reports totals and forgets ended leases; call every {@link #FLUSH_MILLIS}. */
    public void flush() {
        long now = nanoTime.getAsLong();
        tokens.values().removeIf(state -> state.idle(now));
        if (flushing) {
            return;
        }
        List<LeaseUse> uses = new ArrayList<>();
        List<Lease> reported = new ArrayList<>();
        for (Iterator<Lease> leases = open.values().iterator(); leases.hasNext() && uses.size() < REPORT_MAX; ) {
            Lease lease = leases.next();
            boolean ended = lease.ended(now);
            if (ended || lease.reportable()) {
                uses.add(lease.report(now));
                reported.add(lease);
            }
        }
        if (uses.isEmpty()) {
            return;
        }
        flushing = true;
        bus.ask(AuthApi.SETTLE, new AuthApi.Settlement(node, uses)).onComplete(settled -> {
            flushing = false;
            if (settled.failed()) {
                reported.forEach(Lease::reportFailed);
                LOG.warn(
                        "auth-service did not take a settlement; it is sent again: {}",
                        settled.cause().getMessage());
                return;
            }
            for (LeaseUse use : uses) {
                if (use.ended()) {
                    open.remove(use.leaseId());
                }
            }
            for (String lost : settled.result().unknown()) {
                open.remove(lost);
                LOG.warn(
                        "lease {} was closed by auth-service before it was settled; its whole block counts as spent",
                        lost);
            }
        });
    }

    /** Stops using every lease, so that {@link #flush} returns what is left; for an orderly shutdown. */
    public void dropAll() {
        tokens.values().forEach(TokenState::dropCurrent);
    }

    /** Leases that auth-service has not yet seen the end of. */
    public int openLeases() {
        return open.size();
    }

    private void ask(TokenState state) {
        ask(state, false);
    }

    private void ask(TokenState state, boolean secondTime) {
        state.asking = true;
        Allowance wanted = state.waitingSum();
        long askedAt = nanoTime.getAsLong();
        int generation = state.generation;
        Waiting first = state.waiting.peek();
        TraceSpan asker = first == null ? TraceSpan.NONE : first.outcome.span();
        bus.ask(AuthApi.LEASE, new AuthApi.LeaseRequest(node, state.token, wanted), asker)
                .onComplete(reply -> {
                    state.asking = false;
                    if (reply.failed()) {
                        LOG.warn("no lease: {}", reply.cause().getMessage());
                        unanswered(state, secondTime || !mayBeAnswered(reply.cause()));
                        return;
                    }
                    switch (reply.result()) {
                        case LeaseReply.Granted granted -> install(state, granted, askedAt, generation, secondTime);
                        case LeaseReply.Refused refused -> refuse(state, refused);
                    }
                });
    }

    /** Asks once more, or gives up on those who wait. */
    private void unanswered(TokenState state, boolean forGood) {
        if (forGood) {
            state.refuseAll(Outcome::unavailable);
        } else if (!state.waiting.isEmpty()) {
            ask(state, true);
        }
    }

    private static boolean mayBeAnswered(Throwable failure) {
        return failure instanceof BusFault fault
                && (fault.kind() == BusFault.Kind.TIMEOUT || fault.kind() == BusFault.Kind.NO_HANDLERS);
    }

    private void install(
            TokenState state, LeaseReply.Granted granted, long askedAt, int generation, boolean secondTime) {
        Lease lease = new Lease(
                granted.leaseId(),
                granted.tokenId(),
                granted.projectId(),
                granted.block(),
                askedAt,
                granted.validForMillis() * 1_000_000L);
        open.put(lease.id(), lease);
        if (generation != state.generation) {
            lease.drop();
            if (!state.waiting.isEmpty()) {
                ask(state);
            }
            return;
        }
        long now = nanoTime.getAsLong();
        if (!lease.valid(now)) {
            LOG.warn("a lease came after its time");
            lease.drop();
            unanswered(state, secondTime);
            return;
        }
        state.dropCurrent();
        state.current = lease;
        boolean served = false;
        Waiting next;
        while ((next = state.waiting.peek()) != null && lease.covers(next.amount, now)) {
            state.waiting.remove();
            served = true;
            grant(lease, next.amount, next.outcome);
        }
        if (state.waiting.isEmpty()) {
            return;
        }
        if (served) {
            ask(state);
        } else {
            state.refuseAll(
                    waiting -> waiting.refused(Refusal.RATE_LIMIT_EXCEEDED, lease.tokenId(), lease.projectId()));
        }
    }

    private static void refuse(TokenState state, LeaseReply.Refused refused) {
        if (refused.refusal() != Refusal.RATE_LIMIT_EXCEEDED) {
            state.dropCurrent();
        }
        state.refuseAll(waiting -> waiting.refused(refused.refusal(), refused.tokenId(), refused.projectId()));
    }

    private void grant(Lease lease, Allowance amount, Outcome outcome) {
        lease.reserve(amount, clock.millis());
        outcome.reserved(new Reservation(lease, amount));
    }

    private record Waiting(Allowance amount, Outcome outcome) {}

    private static final class TokenState {
        private final TokenDigest token;
        private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
        private @Nullable Lease current;
        private boolean asking;
        private int generation;

        private TokenState(TokenDigest token) {
            this.token = token;
        }

        private Allowance waitingSum() {
            Allowance sum = Allowance.NONE;
            for (Waiting one : waiting) {
                sum = sum.plus(one.amount);
            }
            return sum.requests() == 0 ? new Allowance(1, 0, 0) : sum;
        }

        private void dropCurrent() {
            if (current != null) {
                current.drop();
                current = null;
            }
        }

        private void refuseAll(java.util.function.Consumer<Outcome> refusal) {
            while (!waiting.isEmpty()) {
                refusal.accept(waiting.remove().outcome);
            }
        }

        private boolean idle(long now) {
            return waiting.isEmpty() && !asking && (current == null || !current.valid(now));
        }
    }
}

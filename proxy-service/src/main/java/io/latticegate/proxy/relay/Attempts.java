package io.latticegate.proxy.relay;

import io.latticegate.common.config.ModelConfig.Prefill;
import io.latticegate.common.trace.TraceSpan;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.lease.KeyLease;
import io.latticegate.proxy.lease.KeyLeases;
import io.latticegate.proxy.lease.KeySource;
import io.latticegate.proxy.provider.Routing;
import io.latticegate.proxy.routing.AttemptBudget;
import io.latticegate.proxy.routing.Candidate;
import io.latticegate.proxy.routing.RetryAfter;
import io.latticegate.proxy.routing.RoutingState;
import io.latticegate.proxy.routing.TargetState;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of one request: which target is asked with which key, and what is tried next when that fails before the client
 * has seen a byte.
 *
 * <ol>
 *   <li>{@link #begin}: the keys of all targets are found, since what is known of a target is known of it under a key;
 *   <li>{@link #pick}: a target that may be asked and can be put the request to, as the model's strategy prefers, with one of
 *       its owner's keys, at random in proportion to their weights;
 *   <li>{@link Attempt#failed}: what the failure means for the target, and whether another attempt follows: one that was not
 *       asked yet at once, else the same one after a pause where its failure may pass. What is the key's own affair (not
 *       accepted, used up, limited) says nothing of the same target under another key of the same owner.
 * </ol>
 *
 * <p>A request has one reservation and one budget of attempts, that of the provider where it begins; besides, all requests of
 * the process share a {@link io.latticegate.proxy.routing.RetryBudget}. Confined to one event loop.
 */
public final class Attempts {
    private final Collaborators collaborators;
    private final RoutingState state;
    private final Exchange exchange;
    private final Request request;
    private Function<Routing.Target, Translation> plans;
    private final Runnable noKey;
    private final TargetOptions options;
    private final List<Lent> lent = new ArrayList<>();
    private @Nullable AttemptBudget budget;
    private @Nullable String vaultFault;
    private @Nullable Refusal refusal;
    private @Nullable ProviderError lastFailure;

    /** What all requests of an edge verticle share. */
    public record Collaborators(
            RoutingState state,
            KeyLeases keys,
            AuditTrail audit,
            AttemptMetrics metrics,
            Settings settings,
            Vertx vertx,
            InstantSource clock) {}

    /**
     * What is to be answered, as far as attempts differ by it.
     *
     * @param model the client's, or what else tells requests to a provider apart; bounded in length
     * @param keys which may be used
     * @param oneAccount whether it refers to what an account at the provider holds, so that only the first of several keys
     *     may be used; asked only where an owner has several
     * @param continuation how an answer is gone on with that broke off, or null
     */
    record Request(
            Routing.Route route,
            String model,
            KeySource keys,
            BooleanSupplier oneAccount,
            @Nullable Continuation continuation) {}

    private record Lent(TargetOption option, KeyLease key) {}

    /**
     * @param plans how the request is put to a target
     * @param noKey runs when no target's provider has a key
     */
    Attempts(
            Collaborators collaborators,
            Exchange exchange,
            Request request,
            Function<Routing.Target, Translation> plans,
            Runnable noKey) {
        this.collaborators = collaborators;
        this.state = collaborators.state;
        this.exchange = exchange;
        this.request = request;
        this.options = new TargetOptions(state, request.route.name());
        this.plans = plans;
        this.noKey = noKey;
    }

    /** Asks the first target, and further ones as needed. */
    void begin() {
        state.retries().deposit();
        findKey(0);
    }

    private void findKey(int index) {
        if (index == request.route.targets().size()) {
            start();
            return;
        }
        Routing.Target target = request.route.targets().get(index);
        request.keys.findAll(target.provider().name(), new KeyLeases.Outcomes() {
            @Override
            public void leased(List<KeyLease> leases) {
                int usable = leases.size() > 1 && request.oneAccount.getAsBoolean() ? 1 : leases.size();
                int rank = 0;
                String source = leases.getFirst().source();
                for (KeyLease lease : leases.subList(0, usable)) {
                    if (!lease.source().equals(source)) {
                        source = lease.source();
                        rank++;
                    }
                    lent.add(new Lent(option(index, target, lease, rank), lease));
                }
                leases.subList(usable, leases.size()).forEach(KeyLease::release);
                findKey(index + 1);
            }

            @Override
            public void none() {
                findKey(index + 1);
            }

            @Override
            public void unavailable(String reason) {
                vaultFault = reason;
                findKey(index + 1);
            }

            @Override
            public TraceSpan span() {
                return exchange.currentStep();
            }
        });
    }

    private TargetOption option(int index, Routing.Target target, KeyLease key, int sourceRank) {
        String model = target.upstreamModel() == null ? request.model : target.upstreamModel();
        String provider = target.provider().name();
        TargetState known = state.states().of(provider, key.fingerprint(), model, state.nowNanos());
        TargetOption option = new TargetOption(
                target,
                key,
                sourceRank,
                new Candidate(index, target.weight(), target.price(), known),
                state.states().credential(provider, key.fingerprint()));
        options.add(option);
        return option;
    }

    private void start() {
        Attempt first = exchange.finished() ? null : pick();
        KeyLease key = null;
        for (Lent one : lent) {
            if (first != null && one.option == first.option) {
                key = one.key;
            } else {
                one.key.release();
            }
        }
        lent.clear();
        if (first != null && key != null) {
            budget = new AttemptBudget(first.option.target.provider().settings().retries());
            if (!state.failover()) {
                options.keepTargetOf(first.option);
            }
            first.send(budget, key);
        } else if (!exchange.finished()) {
            refuse();
        }
    }

    /** Leave to ask the target that suits best, or null when none may be asked or be put the request to. */
    private @Nullable Attempt pick() {
        while (true) {
            long now = state.nowNanos();
            TargetOption option = options.choose(now);
            if (option == null) {
                return null;
            }
            UpstreamPlan plan = planOf(option);
            TargetState.Use use = plan == null ? null : option.state().tryUse(now);
            if (plan != null && use != null) {
                return new Attempt(option, plan, use);
            }
        }
    }

    private @Nullable UpstreamPlan planOf(TargetOption option) {
        if (option.plan == null) {
            switch (plans.apply(option.target)) {
                case Translation.Planned(UpstreamPlan plan) -> option.plan = plan;
                case Translation.Refused(Refusal why) -> {
                    options.ofTarget(option, one -> one.barred = true);
                    refusal = refusal == null ? why : refusal;
                }
            }
        }
        return option.plan;
    }

    /** No target can be asked at all. */
    private void refuse() {
        TargetOptions.Resting resting = options.resting(state.nowNanos());
        if (resting != null) {
            exchange.refuse(Outcome.ERROR, resting.refusal(), null, resting.retryAfterMillis());
        } else if (refusal != null) {
            exchange.refuse(Outcome.FAILURE, refusal);
        } else if (vaultFault != null) {
            exchange.refuse(Outcome.ERROR, TokenRelay.unavailableBecause(vaultFault), null, 1_000);
        } else {
            noKey.run();
        }
    }

    /** Whether the client has a part of the answer that is gone on with. */
    private boolean goingOn() {
        return request.continuation != null && request.continuation.times() > 0;
    }

    /**
     * From here on only targets are asked that go on with a text, each with the text as it is then. One that refuses such a
     * request is no measure for the others, which may take it.
     */
    private void goOnOnly(Continuation continuation) {
        plans = continuation::plan;
        options.forEach(option -> {
            option.plan = null;
            option.barred |= option.target.prefill() == Prefill.NONE;
        });
    }

    /** What serves the model may have gone by the time that a further attempt begins; then the last failure stands. */
    private void giveUp() {
        ProviderError error = lastFailure;
        if (error == null || exchange.finished()) {
            return;
        }
        Continuation continuation = request.continuation;
        if (continuation != null && goingOn()) {
            exchange.finish(Outcome.ERROR, error.code(), null, 0);
            exchange.response().end(continuation.brokenOff(error));
        } else {
            exchange.fail(error, 0);
        }
    }

    /** One target asked once. */
    private final class Attempt implements Aftermath {
        private final TargetOption option;
        private final UpstreamPlan plan;
        private final TargetState.Use use;
        private @Nullable String credentialSource;
        private @Nullable String keyFingerprint;
        private long startedNanos;
        private @Nullable UpstreamCall call;
        private int number;
        private boolean failed;
        private boolean over;

        private Attempt(TargetOption option, UpstreamPlan plan, TargetState.Use use) {
            this.option = option;
            this.plan = plan;
            this.use = use;
        }

        private void send(AttemptBudget budget, KeyLease key) {
            budget.begin();
            number = budget.begun();
            credentialSource = key.source();
            keyFingerprint = key.fingerprint();
            RequestFacts facts = exchange.facts();
            facts.provider = option.provider();
            facts.pricedAs = option.target.pricedAs();
            facts.credentialSource = credentialSource;
            facts.keyFingerprint = keyFingerprint;
            startedNanos = state.nowNanos();
            use.begins(startedNanos);
            UpstreamCall sent =
                    new UpstreamCall(exchange, option.target.provider(), key, collaborators.settings, plan, this);
            call = sent;
            if (goingOn()) {
                exchange.requestBytes(plan.body().length());
                sent.goingOn();
            }
            sent.start();
        }

        /** Takes another attempt's place, after a pause where a target is asked again that has failed. */
        private void follow(AttemptBudget budget) {
            if (option.tried) {
                long pauseMillis = Math.max(1, budget.backoffMillis(state.random()));
                collaborators.vertx.setTimer(pauseMillis, timer -> findKeyAndSend(budget));
            } else {
                findKeyAndSend(budget);
            }
        }

        private void findKeyAndSend(AttemptBudget budget) {
            if (exchange.finished()) {
                use.close();
                return;
            }
            request.keys.findAll(option.provider(), new KeyLeases.Outcomes() {
                @Override
                public void leased(List<KeyLease> leases) {
                    KeyLease own = null;
                    for (KeyLease lease : leases) {
                        if (option.isUnder(lease)) {
                            own = lease;
                        } else {
                            lease.release();
                        }
                    }
                    if (own == null) {
                        skip(budget);
                    } else if (exchange.finished()) {
                        own.release();
                        use.close();
                    } else {
                        send(budget, own);
                    }
                }

                @Override
                public void none() {
                    skip(budget);
                }

                @Override
                public void unavailable(String reason) {
                    skip(budget);
                }
            });
        }

        /** The target no longer has this key: others are asked. */
        private void skip(AttemptBudget budget) {
            use.close();
            option.barred = true;
            Attempt other = exchange.finished() ? null : pick();
            if (other == null) {
                giveUp();
            } else {
                other.follow(budget);
            }
        }

        @Override
        public void answered(MultiMap head) {
            if (failed) {
                return;
            }
            long now = state.nowNanos();
            use.answered(now);
            state.answered(option.provider());
            if (options.size() > 1) {
                Duration spent = RetryAfter.spent(head::get, collaborators.clock.instant());
                if (!spent.isZero()) {
                    option.state().spent(now + spent.toNanos());
                }
            }
        }

        @Override
        public @Nullable Runnable failed(ProviderError error, int status, MultiMap head) {
            AttemptBudget left = budget;
            if (failed || over || left == null) {
                return null;
            }
            failed = true;
            lastFailure = error;
            Instant now = collaborators.clock.instant();
            state.failed(
                    error,
                    option.state(),
                    option.credential,
                    use,
                    RetryAfter.asked(head::get, now),
                    !option.tried,
                    !ClientHints.namesAccount(exchange.request().headers()));
            boolean again =
                    error.mayPass() && !ClientHints.repeats(exchange.request().headers());
            options.ofTarget(option, other -> {
                if (other == option || !error.concernsKey()) {
                    other.tried = true;
                    other.barred |= !again;
                }
            });
            boolean mayDiffer = error.retryable() || goingOn();
            Attempt next = mayDiffer && left.left() ? pick() : null;
            if (next == null || !mayRetry(next)) {
                return null;
            }
            over = true;
            use.close();
            collaborators.metrics.ended(option.provider(), Outcome.ERROR, error);
            record(status, Outcome.ERROR, error.code(), Consumption.NONE);
            return () -> next.follow(left);
        }

        /** Whether all requests of the process together leave room for one more attempt. */
        private boolean mayRetry(Attempt next) {
            boolean may = state.retries().withdraw(state.nowNanos());
            collaborators.metrics.retry(may);
            if (!may) {
                next.use.close();
            }
            return may;
        }

        @Override
        public @Nullable Runnable brokeOff(ProviderError error, int status) {
            Continuation continuation = request.continuation;
            AttemptBudget left = budget;
            if (over || left == null || continuation == null || !continuation.possibleAfter(error)) {
                return null;
            }
            failed = true;
            lastFailure = error;
            use.failed(state.nowNanos());
            options.ofTarget(option, other -> other.tried = true);
            goOnOnly(continuation);
            Attempt next = left.left() ? pick() : null;
            boolean another = next != null && mayRetry(next);
            collaborators.metrics.brokeOff(another);
            if (next == null || !another) {
                return null;
            }
            over = true;
            use.close();
            Consumption consumed = consumption(Outcome.ERROR);
            collaborators.metrics.ended(option.provider(), Outcome.ERROR, error);
            record(status, Outcome.ERROR, error.code(), consumed);
            exchange.untap();
            exchange.consumed(consumed);
            exchange.facts().continued++;
            continuation.goOn(exchange.earlier().usage());
            return () -> next.follow(left);
        }

        private Consumption consumption(Outcome outcome) {
            return call == null ? Consumption.NONE : call.consumption(outcome);
        }

        @Override
        public void ended(int status, Outcome outcome, @Nullable String reason) {
            if (over) {
                return;
            }
            over = true;
            if (outcome == Outcome.ERROR && !failed) {
                use.failed(state.nowNanos());
            }
            use.close();
            collaborators.metrics.ended(option.provider(), outcome, failed ? lastFailure : null);
            if (number > 1) {
                record(status, outcome, reason, consumption(outcome));
            }
        }

        private void record(int status, Outcome outcome, @Nullable String reason, Consumption consumed) {
            Instant now = collaborators.clock.instant();
            collaborators.audit.attempt(
                    exchange.facts(),
                    new ProviderAttempt(
                            number,
                            option.provider(),
                            option.target.upstreamModel(),
                            credentialSource,
                            keyFingerprint,
                            status,
                            outcome,
                            reason,
                            consumed,
                            exchange.costOf(consumed),
                            now.getEpochSecond() * 1_000_000L + now.getNano() / 1_000,
                            state.nowNanos() - startedNanos));
        }
    }
}

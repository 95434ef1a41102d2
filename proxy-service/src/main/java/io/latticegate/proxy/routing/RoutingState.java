package io.latticegate.proxy.routing;

import io.latticegate.proxy.chat.ProviderError;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What the event loops of this process know together: the states of targets, the retry budget, whose turn it is in each model's
 * list, and which providers the last check could reach. One per process; another process learns on its own.
 */
public final class RoutingState {
    private final TargetStates states;
    private volatile RetryBudget retries;
    private volatile boolean failover;
    private volatile long cooldownNanos;
    private volatile Supplier<Strategy> strategies;
    private final LongSupplier clock;
    private final RandomGenerator random;
    private final Map<String, Strategy> strategyByModel = new ConcurrentHashMap<>();
    private final Map<String, ProviderReach> reach = new ConcurrentHashMap<>();

    /**
     * @param failover whether a request may go to another target of its model
     * @param strategies makes one for each model
     * @param clock nanoseconds since the start of the process; never goes back
     * @param random thread-safe
     */
    public RoutingState(
            TargetState.Breaker breaker,
            RetryBudget retries,
            boolean failover,
            Supplier<Strategy> strategies,
            LongSupplier clock,
            RandomGenerator random) {
        this.states = new TargetStates(breaker);
        this.retries = retries;
        this.failover = failover;
        this.cooldownNanos = breaker.cooldownNanos();
        this.strategies = strategies;
        this.clock = clock;
        this.random = random;
    }

    /** Goes on by other settings; what is known of targets and providers stays. The arguments are the constructor's. */
    public void reconfigure(
            TargetState.Breaker breaker, RetryBudget budget, boolean withFailover, Supplier<Strategy> chosenBy) {
        states.breaker(breaker);
        cooldownNanos = breaker.cooldownNanos();
        retries = budget;
        failover = withFailover;
        strategies = chosenBy;
        strategyByModel.clear();
    }

    /** Forgets what is known of providers that are not configured any longer. */
    public void forgetAllBut(Predicate<String> configured) {
        states.forgetAllBut(configured);
        reach.keySet().removeIf(provider -> !configured.test(provider));
    }

    public long nowNanos() {
        return clock.getAsLong();
    }

    public TargetStates states() {
        return states;
    }

    public RetryBudget retries() {
        return retries;
    }

    public boolean failover() {
        return failover;
    }

    public RandomGenerator random() {
        return random;
    }

    /** The strategy of a model of the configuration. */
    public Strategy strategy(String model) {
        return strategyByModel.computeIfAbsent(model, unused -> strategies.get());
    }

    /** Notes what a check of a provider found. */
    public void checked(String provider, ProviderReach found) {
        reach.put(provider, found);
    }

    /** A provider that no check could reach has answered: others need not be asked first any longer. */
    public void answered(String provider) {
        if (!reachable(provider)) {
            reach.remove(provider);
        }
    }

    /** Whether no check has found otherwise. */
    public boolean reachable(String provider) {
        return reach(provider).result() != ProviderReach.Result.UNREACHABLE;
    }

    /** What the last check found; {@link ProviderReach#UNCHECKED} before the first. */
    public ProviderReach reach(String provider) {
        return reach.getOrDefault(provider, ProviderReach.UNCHECKED);
    }

    /**
     * Draws the consequences of a failure for the target and its credential.
     *
     * @param asked how long the provider wants to be left alone; zero: it did not say
     * @param counts whether this failure is the first of its request at this target; only then it counts for the breaker
     * @param credentialAtFault whether a refused credential is the gateway's own affair, not due to what the client sent
     */
    public void failed(
            ProviderError error,
            TargetState target,
            TargetState credential,
            TargetState.Use use,
            Duration asked,
            boolean counts,
            boolean credentialAtFault) {
        long now = nowNanos();
        switch (error.kind()) {
            case CLIENT_FAULT, NOT_FOUND -> use.works();
            case AUTH -> {
                if (credentialAtFault) {
                    credential.park(now + Math.max(asked.toNanos(), cooldownNanos), false);
                }
            }
            case PERMISSION -> {
                if (credentialAtFault) {
                    target.park(now + Math.max(asked.toNanos(), cooldownNanos), false);
                }
            }
            case QUOTA -> credential.usedUp(now + Math.max(asked.toNanos(), cooldownNanos));
            case RATE -> {
                if (asked.isZero()) {
                    target.overused(now);
                } else {
                    target.park(now + asked.toNanos(), true);
                }
            }
            case OVERLOAD, OUTAGE, TIMEOUT -> {
                if (!asked.isZero()) {
                    target.park(now + asked.toNanos(), false);
                }
                if (counts) {
                    use.failed(now);
                }
            }
        }
    }
}

package io.latticegate.proxy.routing;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * The states of all targets that this process has asked, shared by its event loops. Bounded: model names come from clients,
 * so states that say nothing are forgotten when room is needed, and beyond the bound the models of one credential share one
 * state.
 */
public final class TargetStates {
    /** Most states that are kept. */
    public static final int KEPT_MAX = 4_096;

    /** Most states that are kept, those of credentials as a whole included. */
    static final int CREDENTIALS_KEPT_MAX = 4 * KEPT_MAX;

    private static final long PURGE_INTERVAL_NANOS = 1_000_000_000L;
    private static final String EVERY_MODEL = "";

    private volatile TargetState.Breaker breaker;
    private final Map<Key, TargetState> states = new ConcurrentHashMap<>();
    private final AtomicLong purgedNanos = new AtomicLong();

    private record Key(String provider, String credential, String model) {}

    public TargetStates(TargetState.Breaker breaker) {
        this.breaker = breaker;
    }

    /**
     * The state of a model at a provider under a credential.
     *
     * @param credential fingerprint of the key
     * @param model the provider's name for it, at most a few hundred characters
     */
    public TargetState of(String provider, String credential, String model, long nowNanos) {
        Key key = new Key(provider, credential, model);
        TargetState known = states.get(key);
        if (known != null) {
            return known;
        }
        if (states.size() >= KEPT_MAX) {
            purge(nowNanos);
            if (states.size() >= KEPT_MAX) {
                return credential(provider, credential);
            }
        }
        return states.computeIfAbsent(key, unused -> new TargetState(breaker));
    }

    /**
     * The state of a credential as a whole, for what concerns every model: it is not accepted, its account is empty. Wallets bring
     * their own, so beyond {@link #CREDENTIALS_KEPT_MAX} states nothing more is remembered.
     */
    public TargetState credential(String provider, String credential) {
        Key key = new Key(provider, credential, EVERY_MODEL);
        TargetState known = states.get(key);
        if (known != null) {
            return known;
        }
        return states.size() >= CREDENTIALS_KEPT_MAX
                ? new TargetState(breaker)
                : states.computeIfAbsent(key, unused -> new TargetState(breaker));
    }

    /** Gives every target other bounds, and those to come. */
    void breaker(TargetState.Breaker other) {
        breaker = other;
        states.values().forEach(state -> state.breaker(other));
    }

    /** Forgets the targets of providers that are not configured any longer. */
    void forgetAllBut(Predicate<String> configured) {
        states.keySet().removeIf(key -> !configured.test(key.provider));
    }

    /** The states of a provider's targets. */
    public List<TargetState> ofProvider(String provider) {
        List<TargetState> found = new ArrayList<>();
        states.forEach((key, state) -> {
            if (key.provider.equals(provider)) {
                found.add(state);
            }
        });
        return found;
    }

    /** How many keys of a provider are left alone, for one model or for all, because the provider has said so. */
    public int parkedKeys(String provider, long nowNanos) {
        Set<String> parked = new HashSet<>();
        states.forEach((key, state) -> {
            if (key.provider.equals(provider) && state.parked(nowNanos)) {
                parked.add(key.credential);
            }
        });
        return parked.size();
    }

    /** How many states are kept. */
    int size() {
        return states.size();
    }

    private void purge(long nowNanos) {
        long before = purgedNanos.get();
        if (nowNanos - before >= PURGE_INTERVAL_NANOS && purgedNanos.compareAndSet(before, nowNanos)) {
            states.values().removeIf(state -> state.idle(nowNanos));
        }
    }
}

package io.latticegate.proxy.lease;

import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.contract.VaultApi;
import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.common.value.Secret;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The provider keys that one edge verticle has on loan. A key of a project or of the gateway is kept for as long as
 * vault-service allows, at most 60 s, and renewed in the background while in use; a wallet's key is asked for every time,
 * so that a deletion takes effect with the next request.
 *
 * <p>Not thread-safe: every method is called on the verticle's event loop.
 */
public final class KeyLeases {
    /** Most keys kept at a time; further ones are used once and let go. */
    public static final int KEPT_MAX = 10_000;

    /** How long "no such key" is believed, in nanoseconds; a change is also broadcast. */
    private static final long ABSENT_NANOS = 1_000_000_000L;

    private static final long RENEWAL_LEAD_NANOS = 10_000_000_000L;
    private static final Logger LOG = LoggerFactory.getLogger(KeyLeases.class);

    private final MeshBus bus;
    private final LongSupplier nanoTime;
    private final Map<Slot, State> slots = new HashMap<>();

    public KeyLeases(MeshBus bus, LongSupplier nanoTime) {
        this.bus = bus;
        this.nanoTime = nanoTime;
    }

    /** Receives the outcome of {@link #find}; exactly one method is called, possibly before {@code find} returns. */
    public interface Outcome {
        /** The receiver calls {@link KeyLease#release} once. */
        void leased(KeyLease lease);

        /** None of the owners has a key for the provider. */
        void none();

        /** The vault does not answer, or its record is damaged; nothing was released. */
        void unavailable(String reason);
    }

    /** Finds the key of the first owner that has one for {@code provider}. An owner's damaged record ends the search. */
    public void find(List<Owner> owners, String provider, Outcome outcome) {
        find(owners, 0, provider, outcome);
    }

    /** Forgets a key that was replaced or deleted; requests that already hold it finish. */
    public void forget(VaultApi.Changed changed) {
        State state = slots.remove(new Slot(changed.owner(), changed.provider()));
        if (state != null) {
            state.outdated = true;
            state.letGo();
        }
    }

    /** Forgets the keys of providers that are not configured any longer; requests that already hold one finish. */
    public void forgetAllBut(Predicate<String> configured) {
        slots.entrySet().removeIf(kept -> {
            if (configured.test(kept.getKey().provider())) {
                return false;
            }
            kept.getValue().outdated = true;
            kept.getValue().letGo();
            return true;
        });
    }

    /** Lets go of keys whose lease ended; call every few seconds. */
    public void expire() {
        long now = nanoTime.getAsLong();
        slots.values().removeIf(state -> {
            if (state.asking || state.usable(now) || !state.waiting.isEmpty()) {
                return false;
            }
            state.letGo();
            return true;
        });
    }

    private void find(List<Owner> owners, int index, String provider, Outcome outcome) {
        if (index == owners.size()) {
            outcome.none();
            return;
        }
        Slot slot = new Slot(owners.get(index), provider);
        State state = slots.computeIfAbsent(slot, unused -> new State());
        long now = nanoTime.getAsLong();
        if (state.lease != null && state.lease.valid(now)) {
            if (!state.asking && state.lease.dueForRenewal(now, RENEWAL_LEAD_NANOS)) {
                ask(slot, state);
            }
            outcome.leased(state.lease.hold());
            return;
        }
        if (state.absent(now)) {
            find(owners, index + 1, provider, outcome);
            return;
        }
        state.waiting.add(new Waiting(outcome, () -> find(owners, index + 1, provider, outcome)));
        if (!state.asking) {
            ask(slot, state);
        }
    }

    private void ask(Slot slot, State state) {
        state.asking = true;
        long askedAt = nanoTime.getAsLong();
        int expected = slot.owner.kind() == VaultApi.OwnerKind.WALLET ? 1 : Integer.MAX_VALUE;
        bus.askSigned(VaultApi.LEASE_KEY, new VaultApi.LeaseKey(slot.owner, slot.provider))
                .onComplete(answer -> {
                    state.asking = false;
                    if (answer.failed()) {
                        LOG.warn("no key lease: {}", answer.cause().getMessage());
                        state.drain(waiting -> waiting.outcome.unavailable("the key vault does not answer"), expected);
                    } else {
                        switch (answer.result().reply()) {
                            case VaultApi.Leased leased ->
                                deliver(slot, state, open(slot, answer.result(), leased, askedAt), expected);
                            case VaultApi.NoSuchKey none -> {
                                state.absentUntilNanos =
                                        slot.owner.kind() == VaultApi.OwnerKind.WALLET ? 0 : askedAt + ABSENT_NANOS;
                                state.drain(waiting -> waiting.next.run(), expected);
                            }
                            case VaultApi.Corrupt corrupt ->
                                state.drain(
                                        waiting -> waiting.outcome.unavailable("the stored key is damaged"), expected);
                        }
                    }
                    if (!state.waiting.isEmpty()) {
                        ask(slot, state);
                    }
                });
    }

    private KeyLease open(
            Slot slot, MeshBus.Answer<VaultApi.LeaseKeyReply> answer, VaultApi.Leased leased, long askedAt) {
        long validForMillis = Math.min(leased.validForMillis(), VaultApi.LEASE_MILLIS_MAX);
        try (Secret secret = bus.open(answer, leased.key())) {
            return new KeyLease(
                    slot.provider,
                    slot.owner.kind(),
                    leased.fingerprint(),
                    secret,
                    askedAt + validForMillis * 1_000_000L);
        }
    }

    private void deliver(Slot slot, State state, KeyLease lease, int expected) {
        boolean keep = lease.valid(nanoTime.getAsLong())
                && !state.outdated
                && slots.get(slot) == state
                && slots.size() <= KEPT_MAX;
        if (keep) {
            state.letGo();
            state.lease = lease.hold();
        }
        state.drain(waiting -> waiting.outcome.leased(lease.hold()), expected);
        lease.release();
    }

    private record Slot(Owner owner, String provider) {}

    private record Waiting(Outcome outcome, Runnable next) {}

    private static final class State {
        private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
        private @Nullable KeyLease lease;
        private long absentUntilNanos;
        private boolean asking;
        private boolean outdated;

        private boolean absent(long now) {
            return absentUntilNanos != 0 && now - absentUntilNanos < 0;
        }

        private boolean usable(long now) {
            return lease != null && lease.valid(now) || absent(now);
        }

        private void letGo() {
            if (lease != null) {
                lease.release();
                lease = null;
            }
        }

        private void drain(java.util.function.Consumer<Waiting> use, int most) {
            int left = Math.min(most, waiting.size());
            while (left-- > 0) {
                use.accept(waiting.remove());
            }
        }
    }
}

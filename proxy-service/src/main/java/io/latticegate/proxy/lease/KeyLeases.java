package io.latticegate.proxy.lease;

import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.contract.VaultApi;
import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.common.trace.TraceSpan;
import io.latticegate.common.value.Secret;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The provider keys that one edge verticle has on loan. A key of a project or of the gateway is kept for as long as
 * vault-service allows, at most 60 s, and renewed in the background while in use; a wallet's key is asked for every time,
 * so that a deletion takes effect with the next request. An owner's keys for one provider are lent together.
 *
 * <p>Not thread-safe: every method is called on the verticle's event loop.
 */
public final class KeyLeases {
    /** Most owners' keys for a provider kept at a time; further ones are used once and let go. */
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

    /** Receives the outcome of {@link KeySource#find}; exactly one method is called, possibly before the search returns. */
    public interface Outcome {
        /** The receiver calls {@link KeyLease#release} once. */
        void leased(KeyLease lease);

        /** None of the owners has a key for the provider. */
        void none();

        /** The vault does not answer, or its record is damaged; nothing was released. */
        void unavailable(String reason);

        /** What a question to the vault is a piece of. */
        default TraceSpan span() {
            return TraceSpan.NONE;
        }
    }

    /** Receives the outcome of {@link KeySource#findAll}, as {@link Outcome} does that of {@link KeySource#find}. */
    public interface Outcomes {
        /**
         * @param leases at least one, those of an owner in a row and in the order of their names; of one owner unless the
         *     source is {@link #ofAll}; the receiver calls {@link KeyLease#release} once for each
         */
        void leased(List<KeyLease> leases);

        /** None of the owners has a key for the provider. */
        void none();

        /** The vault does not answer, or its record is damaged; nothing was released. */
        void unavailable(String reason);

        /** What a question to the vault is a piece of; of those that wait together, the first one's. */
        default TraceSpan span() {
            return TraceSpan.NONE;
        }
    }

    /** The keys of the first of these owners that has any for a provider. An owner's damaged keys end the search. */
    public KeySource of(List<Owner> owners) {
        return (provider, outcomes) -> find(owners, 0, provider, outcomes);
    }

    /** The keys of all of these owners for a provider, in the order of the owners. An owner's damaged keys end the search. */
    public KeySource ofAll(List<Owner> owners) {
        return (provider, outcomes) -> gather(owners, 0, provider, new ArrayList<>(), outcomes);
    }

    private void gather(List<Owner> owners, int index, String provider, List<KeyLease> found, Outcomes outcomes) {
        if (index == owners.size()) {
            if (found.isEmpty()) {
                outcomes.none();
            } else {
                outcomes.leased(found);
            }
            return;
        }
        find(List.of(owners.get(index)), 0, provider, new Outcomes() {
            @Override
            public void leased(List<KeyLease> leases) {
                found.addAll(leases);
                gather(owners, index + 1, provider, found, outcomes);
            }

            @Override
            public void none() {
                gather(owners, index + 1, provider, found, outcomes);
            }

            @Override
            public void unavailable(String reason) {
                found.forEach(KeyLease::release);
                outcomes.unavailable(reason);
            }

            @Override
            public TraceSpan span() {
                return outcomes.span();
            }
        });
    }

    /** Forgets the keys of which one was changed or deleted; requests that already hold it finish. */
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

    private void find(List<Owner> owners, int index, String provider, Outcomes outcome) {
        if (index == owners.size()) {
            outcome.none();
            return;
        }
        Slot slot = new Slot(owners.get(index), provider);
        State state = slots.computeIfAbsent(slot, unused -> new State());
        long now = nanoTime.getAsLong();
        if (state.lent(now)) {
            if (!state.asking && state.leases.getFirst().dueForRenewal(now, RENEWAL_LEAD_NANOS)) {
                ask(slot, state);
            }
            outcome.leased(hold(state.leases));
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
        Waiting first = state.waiting.peek();
        TraceSpan asker = first == null ? TraceSpan.NONE : first.outcome.span();
        bus.askSigned(VaultApi.LEASE_KEY, new VaultApi.LeaseKey(slot.owner, slot.provider), asker)
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

    private List<KeyLease> open(
            Slot slot, MeshBus.Answer<VaultApi.LeaseKeyReply> answer, VaultApi.Leased leased, long askedAt) {
        long validForMillis = Math.min(leased.validForMillis(), VaultApi.LEASE_MILLIS_MAX);
        long validUntilNanos = askedAt + validForMillis * 1_000_000L;
        List<KeyLease> opened = new ArrayList<>();
        for (VaultApi.LentKey lent : leased.keys()) {
            try (Secret secret = bus.open(answer, lent.key())) {
                opened.add(new KeyLease(slot.provider, slot.owner.kind(), lent, secret, validUntilNanos));
            }
        }
        return opened;
    }

    private void deliver(Slot slot, State state, List<KeyLease> leases, int expected) {
        boolean keep = leases.getFirst().valid(nanoTime.getAsLong())
                && !state.outdated
                && slots.get(slot) == state
                && slots.size() <= KEPT_MAX;
        if (keep) {
            state.letGo();
            state.leases = hold(leases);
        }
        state.drain(waiting -> waiting.outcome.leased(hold(leases)), expected);
        leases.forEach(KeyLease::release);
    }

    private static List<KeyLease> hold(List<KeyLease> leases) {
        return leases.stream().map(KeyLease::hold).toList();
    }

    private record Slot(Owner owner, String provider) {}

    private record Waiting(Outcomes outcome, Runnable next) {}

    private static final class State {
        private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
        private List<KeyLease> leases = List.of();
        private long absentUntilNanos;
        private boolean asking;
        private boolean outdated;

        private boolean absent(long now) {
            return absentUntilNanos != 0 && now - absentUntilNanos < 0;
        }

        private boolean lent(long now) {
            return !leases.isEmpty() && leases.getFirst().valid(now);
        }

        private boolean usable(long now) {
            return lent(now) || absent(now);
        }

        private void letGo() {
            leases.forEach(KeyLease::release);
            leases = List.of();
        }

        private void drain(java.util.function.Consumer<Waiting> use, int most) {
            int left = Math.min(most, waiting.size());
            while (left-- > 0) {
                use.accept(waiting.remove());
            }
        }
    }
}

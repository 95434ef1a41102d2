package io.latticegate.auth.wallet;

import io.latticegate.common.crypto.Hash32;
import io.latticegate.common.value.WalletAddress;
import io.latticegate.common.wallet.WalletAction;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The state of wallets for a single process, in memory. It is bounded: when it is full of entries that could still be
 * replayed, new ones get {@link WalletState.Verdict.Unavailable} rather than displace them. A restart forgets, so a
 * message could be admitted again within its time tolerance; deployments that must exclude that use the shared store.
 */
public final class InProcessWalletState implements WalletState {

    private static final Duration FULL_RETRY_AFTER = Duration.ofSeconds(30);

    private final WalletStateLimits limits;
    private final LongSupplier nanoClock;
    private final Object lock = new Object();

    /** In the order of last use, the longest idle first. */
    private final LinkedHashMap<WalletAddress, Wallet> wallets = new LinkedHashMap<>();

    private final Set<Claim> digests = new HashSet<>();
    private final PriorityQueue<Expiry> expiries;

    /** @param nanoClock a monotonic clock like {@link System#nanoTime()} */
    public InProcessWalletState(WalletStateLimits limits, LongSupplier nanoClock) {
        this.limits = limits;
        this.nanoClock = nanoClock;
        long origin = nanoClock.getAsLong();
        this.expiries = new PriorityQueue<>((one, other) -> Long.compare(one.nanos - origin, other.nanos - origin));
    }

    @Override
    public Verdict consumeNonce(WalletAction action, WalletAddress address, long nonce) {
        synchronized (lock) {
            long now = nanoClock.getAsLong();
            Wallet wallet = known(address, now);
            return switch (wallet.window(action).admit(limits.rate(), now)) {
                case RateWindow.Verdict.Exceeded(Duration retryAfter) -> new Verdict.RateExceeded(retryAfter);
                case RateWindow.Verdict.Admitted(RateWindow rate) ->
                    switch (wallet.nonces.accept(nonce, limits.nonces())) {
                        case NonceWindow.Verdict.TooLow(long expected) -> new Verdict.NonceTooLow(expected);
                        case NonceWindow.Verdict.AlreadyUsed(long expected) -> new Verdict.NonceUsed(expected);
                        case NonceWindow.Verdict.Accepted(NonceWindow nonces) ->
                            store(address, wallet.with(action, rate, nonces, now), now);
                    };
            };
        }
    }

    @Override
    public Verdict consumeDigest(WalletAction action, WalletAddress address, Hash32 digest, Duration keepFor) {
        synchronized (lock) {
            long now = nanoClock.getAsLong();
            Wallet wallet = known(address, now);
            return switch (wallet.window(action).admit(limits.rate(), now)) {
                case RateWindow.Verdict.Exceeded(Duration retryAfter) -> new Verdict.RateExceeded(retryAfter);
                case RateWindow.Verdict.Admitted(RateWindow rate) -> {
                    forgetDigests(now);
                    Claim claim = new Claim(address, digest);
                    if (digests.contains(claim)) {
                        yield new Verdict.DigestUsed();
                    }
                    if (digests.size() >= limits.digestsMax()) {
                        yield new Verdict.Unavailable(FULL_RETRY_AFTER);
                    }
                    Verdict stored = store(address, wallet.with(action, rate, wallet.nonces, now), now);
                    if (stored instanceof Verdict.Consumed) {
                        digests.add(claim);
                        expiries.add(new Expiry(claim, now + keepFor.toNanos()));
                    }
                    yield stored;
                }
            };
        }
    }

    @Override
    public OptionalLong expectedNonce(WalletAddress address) {
        synchronized (lock) {
            return OptionalLong.of(known(address, nanoClock.getAsLong()).nonces.expected());
        }
    }

    /** How many wallets are remembered. */
    public int walletCount() {
        synchronized (lock) {
            return wallets.size();
        }
    }

    private Wallet known(WalletAddress address, long now) {
        @Nullable Wallet wallet = wallets.get(address);
        return wallet == null || now - wallet.usedNanos >= limits.forgetAfter().toNanos() ? Wallet.UNKNOWN : wallet;
    }

    private Verdict store(WalletAddress address, Wallet wallet, long now) {
        wallets.remove(address);
        forgetWallets(now, limits.forgetAfter().toNanos(), Integer.MAX_VALUE);
        if (wallets.size() >= limits.walletsMax()) {
            forgetWallets(now, limits.replayHorizon().toNanos(), 1);
        }
        if (wallets.size() >= limits.walletsMax()) {
            return new Verdict.Unavailable(FULL_RETRY_AFTER);
        }
        wallets.put(address, wallet);
        return new Verdict.Consumed();
    }

    private void forgetWallets(long now, long idleNanos, int countMax) {
        Iterator<Wallet> eldest = wallets.values().iterator();
        for (int count = 0; count < countMax && eldest.hasNext(); count++) {
            if (now - eldest.next().usedNanos < idleNanos) {
                return;
            }
            eldest.remove();
        }
    }

    private void forgetDigests(long now) {
        for (Expiry next = expiries.peek(); next != null && next.nanos - now <= 0; next = expiries.peek()) {
            expiries.remove();
            digests.remove(next.claim);
        }
    }

    /** One wallet, as of its last admission. */
    private record Wallet(NonceWindow nonces, RateWindow requests, RateWindow vaultActions, long usedNanos) {
        static final Wallet UNKNOWN = new Wallet(NonceWindow.EMPTY, RateWindow.EMPTY, RateWindow.EMPTY, 0);

        RateWindow window(WalletAction action) {
            return action == WalletAction.LLM_REQUEST ? requests : vaultActions;
        }

        Wallet with(WalletAction action, RateWindow rate, NonceWindow next, long now) {
            return action == WalletAction.LLM_REQUEST
                    ? new Wallet(next, rate, vaultActions, now)
                    : new Wallet(next, requests, rate, now);
        }
    }

    private record Expiry(Claim claim, long nanos) {}

    /** A digest belongs to its signer: two wallets that sign the same message in the same second are two claims. */
    private record Claim(WalletAddress wallet, Hash32 digest) {}
}

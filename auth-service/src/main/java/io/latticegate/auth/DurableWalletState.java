package io.latticegate.auth;

import io.latticegate.auth.token.NonceLog;
import io.latticegate.auth.wallet.WalletState;
import io.latticegate.common.crypto.Hash32;
import io.latticegate.common.store.StoreFault;
import io.latticegate.common.value.WalletAddress;
import io.latticegate.common.wallet.WalletAction;
import java.time.Duration;
import java.time.InstantSource;
import java.util.OptionalLong;

/**
 * Wallet state of a process that runs alone. Windows and rates are in memory; every nonce and digest is also written
 * through to a unique row, so that what was used before a restart cannot be used again after it.
 */
final class DurableWalletState implements WalletState {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final WalletState memory;
    private final NonceLog log;
    private final InstantSource clock;

    DurableWalletState(WalletState memory, NonceLog log, InstantSource clock) {
        this.memory = memory;
        this.log = log;
        this.clock = clock;
    }

    @Override
    public Verdict consumeNonce(WalletAction action, WalletAddress wallet, long nonce) {
        Verdict verdict = memory.consumeNonce(action, wallet, nonce);
        return verdict instanceof Verdict.Consumed
                ? written(wallet, "nonce:" + nonce, verdict, new Verdict.NonceUsed(clock.millis()))
                : verdict;
    }

    @Override
    public Verdict consumeDigest(WalletAction action, WalletAddress wallet, Hash32 digest, Duration keepFor) {
        Verdict verdict = memory.consumeDigest(action, wallet, digest, keepFor);
        return verdict instanceof Verdict.Consumed
                ? written(wallet, "digest:" + digest, verdict, new Verdict.DigestUsed())
                : verdict;
    }

    @Override
    public OptionalLong expectedNonce(WalletAddress wallet) {
        OptionalLong expected = memory.expectedNonce(wallet);
        return expected.isPresent() && expected.getAsLong() > 0 ? expected : OptionalLong.of(clock.millis());
    }

    private Verdict written(WalletAddress wallet, String used, Verdict fresh, Verdict repeated) {
        try {
            return log.record(new NonceLog.Entry(wallet.value(), used, clock.millis())) ? fresh : repeated;
        } catch (StoreFault gone) {
            return new Verdict.Unavailable(RETRY_AFTER);
        }
    }
}

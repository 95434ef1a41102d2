package io.latticegate.auth.wallet;

import io.latticegate.common.crypto.Hash32;
import io.latticegate.common.value.WalletAddress;
import io.latticegate.common.wallet.WalletAction;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * What is remembered of wallets, shared by all nodes. Each call is one atomic step: rate first, then nonce or digest,
 * and either both are used up or neither, so a replay costs its victim nothing. Calls may block for a store's round
 * trip and belong on virtual threads. Chat requests and vault actions are counted apart, each against the limit.
 */
public interface WalletState {

    /**
     * Uses up a rate slot and {@code nonce}.
     *
     * @param nonce {@link NonceWindow#MIN} to {@link NonceWindow#MAX}
     */
    Verdict consumeNonce(WalletAction action, WalletAddress wallet, long nonce);

    /**
     * Uses up a rate slot and {@code digest}.
     *
     * @param keepFor how long the digest could still be admitted, and so must be remembered
     */
    Verdict consumeDigest(WalletAction action, WalletAddress wallet, Hash32 digest, Duration keepFor);

    /** One more than the highest nonce that this wallet has used; empty when that cannot be told now. Uses nothing up. */
    OptionalLong expectedNonce(WalletAddress wallet);

    /** The outcome of one step. */
    sealed interface Verdict {
        /** Used up now, by this call alone. */
        record Consumed() implements Verdict {}

        /** Over the rate limit. */
        record RateExceeded(Duration retryAfter) implements Verdict {}

        /** The nonce is at or below the window's floor; {@code expected} would do. */
        record NonceTooLow(long expected) implements Verdict {}

        /** The nonce is used; {@code expected} would do. */
        record NonceUsed(long expected) implements Verdict {}

        /** The digest is used. */
        record DigestUsed() implements Verdict {}

        /** Nothing can be decided now, so nothing may be admitted. */
        record Unavailable(Duration retryAfter) implements Verdict {}
    }
}

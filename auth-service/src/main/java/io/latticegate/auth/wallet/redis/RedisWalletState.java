package io.latticegate.auth.wallet.redis;

import io.latticegate.auth.wallet.NonceWindow;
import io.latticegate.auth.wallet.TimeTolerance;
import io.latticegate.auth.wallet.WalletState;
import io.latticegate.auth.wallet.WalletStateLimits;
import io.latticegate.common.crypto.Hash32;
import io.latticegate.common.store.StoreFault;
import io.latticegate.common.store.redis.RedisScript;
import io.latticegate.common.store.redis.RedisScripts;
import io.latticegate.common.value.WalletAddress;
import io.latticegate.common.wallet.WalletAction;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state of wallets in Redis: every step is one script, so of any number of nodes that present the same nonce at once
 * exactly one is told {@link WalletState.Verdict.Consumed}.
 *
 * <p><b>Clocks.</b> The rate is counted with Redis' clock: one clock for all nodes, so a node whose clock is off cannot
 * shift a wallet's window. It is a wall clock; when it jumps ahead a window ends early once, and when it jumps back no
 * one waits longer than one period. What is used is remembered by keys that expire by the same clock, so a jump ahead
 * could forget a nonce that is still within its time tolerance; therefore a script also refuses to work while the
 * caller's clock and Redis' are more than {@link StateEpoch#CLOCK_SKEW_MAX} apart, and what is remembered is kept for
 * {@link WalletStateLimits#retention()}, an hour by default, and never for less than the replay horizon and the skew.
 *
 * <p>After a loss of the state, messages signed before it are refused with {@link WalletState.Verdict.Unavailable};
 * {@link StateEpoch} says why and for how long. The methods without a timestamp assume the oldest that could be admitted
 * and so refuse for longer, by the tolerance for past timestamps.
 *
 * <p>A step whose reply is lost counts as refused although it may have been made: the message is then used up, and the
 * client signs another. Nothing is ever admitted without a reply. {@code walletsMax} and {@code digestsMax} do not
 * apply; Redis' memory is bounded by what it is given, and a full Redis refuses.
 */
public final class RedisWalletState implements WalletState {
    private static final Logger log = LoggerFactory.getLogger(RedisWalletState.class);
    private static final RedisScript CONSUME = RedisScript.beside(RedisWalletState.class, "consume.lua");
    private static final RedisScript EXPECTED = RedisScript.beside(RedisWalletState.class, "expected.lua");
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
    private static final String PREFIX = "latticegate:wallet:";

    private final RedisScripts redis;
    private final StateEpoch epoch;
    private final WalletStateLimits limits;
    private final TimeTolerance tolerance;
    private final InstantSource clock;

    public RedisWalletState(
            RedisScripts redis,
            StateEpoch epoch,
            WalletStateLimits limits,
            TimeTolerance tolerance,
            InstantSource clock) {
        this.redis = redis;
        this.epoch = epoch;
        this.limits = limits;
        this.tolerance = tolerance;
        this.clock = clock;
    }

    @Override
    public Verdict consumeNonce(WalletAction action, WalletAddress wallet, long nonce) {
        return consumeNonce(action, wallet, nonce, oldestAdmissible());
    }

    /** @param timestampSeconds as signed and found within the tolerance */
    public Verdict consumeNonce(WalletAction action, WalletAddress wallet, long nonce, long timestampSeconds) {
        if (nonce < NonceWindow.MIN || nonce > NonceWindow.MAX) {
            throw new IllegalArgumentException(
                    "a nonce is " + NonceWindow.MIN + " to " + NonceWindow.MAX + ", got " + nonce);
        }
        String mode = limits.nonces().strict() ? "strict" : "window";
        Step step = new Step(
                action,
                wallet,
                key(wallet, "nonces"),
                mode,
                atLeast(Duration.ZERO),
                Long.toString(nonce),
                timestampSeconds);
        return consume(step);
    }

    @Override
    public Verdict consumeDigest(WalletAction action, WalletAddress wallet, Hash32 digest, Duration keepFor) {
        return consumeDigest(action, wallet, digest, keepFor, oldestAdmissible());
    }

    /** @param timestampSeconds as signed and found within the tolerance */
    public Verdict consumeDigest(
            WalletAction action, WalletAddress wallet, Hash32 digest, Duration keepFor, long timestampSeconds) {
        String key = key(wallet, "digest:" + HexFormat.of().formatHex(digest.toBytes()));
        return consume(new Step(action, wallet, key, "digest", atLeast(keepFor), "", timestampSeconds));
    }

    @Override
    public OptionalLong expectedNonce(WalletAddress wallet) {
        List<String> keys = List.of(key(wallet, "nonces"), key(wallet, "floor"));
        try {
            return OptionalLong.of(RedisScripts.integers(RedisScripts.await(redis.run(EXPECTED, keys, List.of())))
                    .getFirst());
        } catch (StoreFault fault) {
            return OptionalLong.empty();
        }
    }

    private Verdict consume(Step step) {
        try {
            StateEpoch.Epoch believed = epoch.current();
            Verdict verdict = consume(step, believed);
            if (verdict == null) {
                verdict = consume(step, epoch.renew(believed));
            }
            return verdict == null ? new Verdict.Unavailable(RETRY_AFTER) : verdict;
        } catch (StoreFault fault) {
            return new Verdict.Unavailable(RETRY_AFTER);
        }
    }

    /** @return null when Redis is not in this epoch */
    private @Nullable Verdict consume(Step step, StateEpoch.Epoch during) {
        long now = clock.millis();
        Duration wait = during.retryAfter(step.timestampSeconds());
        if (!wait.isZero()) {
            return new Verdict.Unavailable(wait);
        }
        String group = step.action() == WalletAction.LLM_REQUEST ? "requests" : "vault";
        List<String> keys = List.of(
                StateEpoch.KEY, key(step.wallet(), "rate:" + group), step.usedKey(), key(step.wallet(), "floor"));
        List<Long> reply = RedisScripts.integers(RedisScripts.await(redis.run(
                CONSUME,
                keys,
                runId -> List.of(
                        epoch.value(during, runId),
                        Long.toString(now),
                        Long.toString(StateEpoch.CLOCK_SKEW_MAX.toMillis()),
                        Integer.toString(limits.rate().count()),
                        Long.toString(limits.rate().period().toMillis()),
                        step.mode(),
                        Long.toString(step.keepFor().toMillis()),
                        step.nonce(),
                        Integer.toString(limits.nonces().windowSize())))));
        long number = reply.getLast();
        return switch (reply.getFirst().intValue()) {
            case 1 -> new Verdict.Consumed();
            case 2 -> new Verdict.RateExceeded(Duration.ofMillis(number));
            case 3 -> new Verdict.NonceTooLow(number);
            case 4 -> new Verdict.NonceUsed(number);
            case 5 -> null;
            case 6 -> {
                log.warn(
                        "clock differs from that of Redis by {} ms; wallets are refused above {}",
                        now - number,
                        StateEpoch.CLOCK_SKEW_MAX);
                yield new Verdict.Unavailable(RETRY_AFTER);
            }
            case 7 -> new Verdict.DigestUsed();
            default -> throw new IllegalStateException("the wallet script replied " + reply);
        };
    }

    private Duration atLeast(Duration keepFor) {
        Duration replayable = limits.replayHorizon().plus(StateEpoch.CLOCK_SKEW_MAX.multipliedBy(2));
        return Stream.of(keepFor, replayable, limits.retention())
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    private long oldestAdmissible() {
        return clock.instant().minus(tolerance.past()).getEpochSecond();
    }

    private static String key(WalletAddress wallet, String what) {
        return PREFIX + wallet + ":" + what;
    }

    /**
     * What is to be used up.
     *
     * @param usedKey where it is remembered
     * @param nonce empty for a digest
     */
    private record Step(
            WalletAction action,
            WalletAddress wallet,
            String usedKey,
            String mode,
            Duration keepFor,
            String nonce,
            long timestampSeconds) {}
}

package io.latticegate.auth.wallet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.latticegate.auth.wallet.WalletState.Verdict;
import io.latticegate.common.crypto.Hash32;
import io.latticegate.common.crypto.Keccak256;
import io.latticegate.common.value.WalletAddress;
import io.latticegate.common.wallet.WalletAction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class InProcessWalletStateTest {

    private static final Verdict CONSUMED = new Verdict.Consumed();
    private static final Duration KEEP = Duration.ofMinutes(5);
    private static final WalletAction REQUEST = WalletAction.LLM_REQUEST;
    private static final WalletAction STORE = WalletAction.VAULT_STORE;

    private final AtomicLong nanos =
            new AtomicLong(Long.MAX_VALUE - Duration.ofMinutes(30).toNanos());
    private final WalletState state = new InProcessWalletState(WalletStateLimits.defaults(), nanos::get);

    @Test
    void letsExactlyOneOfFiftyConcurrentUsesOfANonceThrough() throws Exception {
        List<Verdict> verdicts = inParallel(50, () -> state.consumeNonce(REQUEST, wallet(1), 7));
        assertThat(verdicts).filteredOn(CONSUMED::equals).hasSize(1);
        assertThat(verdicts).filteredOn(new Verdict.NonceUsed(8)::equals).hasSize(49);
    }

    @Test
    void letsExactlyOneOfFiftyConcurrentUsesOfADigestThrough() throws Exception {
        List<Verdict> verdicts = inParallel(50, () -> state.consumeDigest(STORE, wallet(1), digest(1), KEEP));
        assertThat(verdicts).filteredOn(CONSUMED::equals).hasSize(1);
        assertThat(verdicts).filteredOn(new Verdict.DigestUsed()::equals).hasSize(49);
    }

    @Test
    void letsExactlyTheLimitThroughOfManyConcurrentRequests() throws Exception {
        AtomicLong nonce = new AtomicLong();
        List<Verdict> verdicts = inParallel(200, () -> state.consumeNonce(REQUEST, wallet(1), nonce.incrementAndGet()));
        assertThat(verdicts).filteredOn(CONSUMED::equals).hasSize(10);
        assertThat(verdicts)
                .filteredOn(verdict -> verdict instanceof Verdict.RateExceeded)
                .hasSize(190);
    }

    @Test
    void doesNotChargeTheVictimForReplays() {
        assertThat(state.consumeNonce(REQUEST, wallet(1), 1)).isEqualTo(CONSUMED);
        for (int i = 0; i < 100; i++) {
            assertThat(state.consumeNonce(REQUEST, wallet(1), 1)).isEqualTo(new Verdict.NonceUsed(2));
        }
        for (long nonce = 2; nonce <= 10; nonce++) {
            assertThat(state.consumeNonce(REQUEST, wallet(1), nonce)).isEqualTo(CONSUMED);
        }
        assertThat(state.consumeNonce(REQUEST, wallet(1), 11)).isInstanceOf(Verdict.RateExceeded.class);
    }

    @Test
    void doesNotUseUpANonceThatTheRateRefused() {
        for (long nonce = 1; nonce <= 10; nonce++) {
            assertThat(state.consumeNonce(REQUEST, wallet(1), nonce)).isEqualTo(CONSUMED);
        }
        assertThat(state.consumeNonce(REQUEST, wallet(1), 11))
                .isEqualTo(new Verdict.RateExceeded(Duration.ofMinutes(1)));
        pass(Duration.ofMinutes(1));
        assertThat(state.consumeNonce(REQUEST, wallet(1), 11)).isEqualTo(CONSUMED);
    }

    @Test
    void countsVaultActionsApartFromRequestsAndWalletsApartFromEachOther() {
        for (long nonce = 1; nonce <= 10; nonce++) {
            assertThat(state.consumeNonce(REQUEST, wallet(1), nonce)).isEqualTo(CONSUMED);
        }
        assertThat(state.consumeNonce(WalletAction.VAULT_DELETE, wallet(1), 11)).isEqualTo(CONSUMED);
        assertThat(state.consumeDigest(STORE, wallet(1), digest(1), KEEP)).isEqualTo(CONSUMED);
        assertThat(state.consumeNonce(REQUEST, wallet(2), 1)).isEqualTo(CONSUMED);
        for (int i = 2; i <= 9; i++) {
            assertThat(state.consumeDigest(STORE, wallet(1), digest(i), KEEP)).isEqualTo(CONSUMED);
        }
        assertThat(state.consumeDigest(STORE, wallet(1), digest(10), KEEP)).isInstanceOf(Verdict.RateExceeded.class);
    }

    @Test
    void remembersADigestForAsLongAsItWasToldTo() {
        assertThat(state.consumeDigest(STORE, wallet(1), digest(1), KEEP)).isEqualTo(CONSUMED);
        pass(KEEP.minusNanos(1));
        assertThat(state.consumeDigest(STORE, wallet(1), digest(1), KEEP)).isEqualTo(new Verdict.DigestUsed());
        pass(Duration.ofNanos(1));
        assertThat(state.consumeDigest(STORE, wallet(1), digest(1), KEEP)).isEqualTo(CONSUMED);
    }

    @Test
    void takesTheSameDigestFromTwoWalletsThatBothSignedIt() {
        assertThat(state.consumeDigest(STORE, wallet(1), digest(1), KEEP)).isEqualTo(CONSUMED);
        assertThat(state.consumeDigest(STORE, wallet(2), digest(1), KEEP)).isEqualTo(CONSUMED);
        assertThat(state.consumeDigest(STORE, wallet(2), digest(1), KEEP)).isEqualTo(new Verdict.DigestUsed());
    }

    @Test
    void remembersNoncesForAnHourAfterTheLastUse() {
        assertThat(state.consumeNonce(REQUEST, wallet(1), 5)).isEqualTo(CONSUMED);
        assertThat(state.expectedNonce(wallet(1))).hasValue(6);
        pass(Duration.ofHours(1).minusNanos(1));
        assertThat(state.consumeNonce(REQUEST, wallet(1), 5)).isEqualTo(new Verdict.NonceUsed(6));
        pass(Duration.ofNanos(1));
        assertThat(state.expectedNonce(wallet(1))).hasValue(0);
        assertThat(state.consumeNonce(REQUEST, wallet(1), 5)).isEqualTo(CONSUMED);
    }

    @Test
    void refusesNewWalletsRatherThanForgetOnesThatCouldBeReplayed() {
        Duration horizon = Duration.ofSeconds(601);
        InProcessWalletState small = new InProcessWalletState(
                new WalletStateLimits(RateLimit.DEFAULT, NonceRule.DEFAULT, Duration.ofHours(1), horizon, 3, 2),
                nanos::get);
        for (int i = 1; i <= 3; i++) {
            assertThat(small.consumeNonce(REQUEST, wallet(i), 1)).isEqualTo(CONSUMED);
        }
        assertThat(small.consumeNonce(REQUEST, wallet(4), 1)).isInstanceOf(Verdict.Unavailable.class);
        assertThat(small.consumeNonce(REQUEST, wallet(1), 2)).isEqualTo(CONSUMED);
        assertThat(small.consumeNonce(REQUEST, wallet(2), 1)).isEqualTo(new Verdict.NonceUsed(2));
        pass(horizon);
        assertThat(small.consumeNonce(REQUEST, wallet(4), 1)).isEqualTo(CONSUMED);
        assertThat(small.walletCount()).isEqualTo(3);
        assertThat(small.consumeNonce(REQUEST, wallet(1), 2)).isEqualTo(new Verdict.NonceUsed(3));
    }

    @Test
    void refusesNewDigestsRatherThanForgetOnes() {
        InProcessWalletState small = new InProcessWalletState(
                new WalletStateLimits(
                        RateLimit.DEFAULT,
                        NonceRule.DEFAULT,
                        Duration.ofHours(1),
                        TimeTolerance.DEFAULT.replayHorizon(),
                        10,
                        2),
                nanos::get);
        assertThat(small.consumeDigest(STORE, wallet(1), digest(1), KEEP)).isEqualTo(CONSUMED);
        assertThat(small.consumeDigest(STORE, wallet(1), digest(2), KEEP)).isEqualTo(CONSUMED);
        assertThat(small.consumeDigest(STORE, wallet(2), digest(3), KEEP)).isInstanceOf(Verdict.Unavailable.class);
        pass(KEEP);
        assertThat(small.consumeDigest(STORE, wallet(2), digest(3), KEEP)).isEqualTo(CONSUMED);
    }

    @Test
    void keepsToStrictNoncesWhereTold() {
        InProcessWalletState strict = new InProcessWalletState(
                new WalletStateLimits(
                        RateLimit.DEFAULT,
                        new NonceRule(64, true),
                        Duration.ofHours(1),
                        TimeTolerance.DEFAULT.replayHorizon(),
                        10,
                        10),
                nanos::get);
        assertThat(strict.consumeNonce(REQUEST, wallet(1), 5)).isEqualTo(CONSUMED);
        assertThat(strict.consumeNonce(REQUEST, wallet(1), 4)).isEqualTo(new Verdict.NonceTooLow(6));
        assertThat(strict.consumeNonce(REQUEST, wallet(1), 6)).isEqualTo(CONSUMED);
    }

    @Test
    void neverForgetsWithinTheReplayHorizonHoweverShortTheRetention() {
        Duration horizon = TimeTolerance.DEFAULT.replayHorizon();
        InProcessWalletState hasty = new InProcessWalletState(
                new WalletStateLimits(RateLimit.DEFAULT, NonceRule.DEFAULT, Duration.ZERO, horizon, 10, 10),
                nanos::get);
        assertThat(hasty.consumeNonce(REQUEST, wallet(1), 5)).isEqualTo(CONSUMED);
        pass(horizon.minusNanos(1));
        assertThat(hasty.consumeNonce(REQUEST, wallet(1), 5)).isEqualTo(new Verdict.NonceUsed(6));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new WalletStateLimits(
                        RateLimit.DEFAULT, NonceRule.DEFAULT, Duration.ofDays(31), horizon, 10, 10));
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private static WalletAddress wallet(int number) {
        return WalletAddress.parse("0x%040x".formatted(number));
    }

    private static Hash32 digest(int number) {
        return Keccak256.hash("deposit " + number);
    }

    private static List<Verdict> inParallel(int count, Callable<Verdict> call) throws Exception {
        List<Verdict> verdicts = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Verdict> verdict : threads.invokeAll(Collections.nCopies(count, call))) {
                verdicts.add(verdict.get());
            }
        }
        return verdicts;
    }
}

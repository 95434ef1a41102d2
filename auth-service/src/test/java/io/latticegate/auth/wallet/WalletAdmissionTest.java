package io.latticegate.auth.wallet;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.auth.wallet.Admission.Admitted;
import io.latticegate.auth.wallet.Admission.Reason;
import io.latticegate.auth.wallet.Admission.Refused;
import io.latticegate.common.crypto.Hash32;
import io.latticegate.common.value.WalletAddress;
import io.latticegate.common.wallet.WalletAction;
import io.latticegate.common.wallet.WalletClaim;
import io.latticegate.common.wallet.WalletSignature;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WalletAdmissionTest {

    private static final long NOW = 1_700_000_000L;

    private final TestWallet wallet = TestWallet.of(0xa11ce);
    private final TestWallet stranger = TestWallet.of(0xb0b);
    private final AtomicReference<Instant> clock = new AtomicReference<>(Instant.ofEpochSecond(NOW));
    private final AtomicLong nanos = new AtomicLong();
    private final InProcessWalletState state = new InProcessWalletState(WalletStateLimits.defaults(), nanos::get);
    private final WalletAdmission admission = admission(state);

    @Test
    void admitsARequestForItsSigner() {
        assertThat(admission.admit(wallet.request(1, NOW))).isEqualTo(new Admitted(wallet.address()));
    }

    @Test
    void admitsEachKindOfActionOnce() {
        for (WalletClaim claim :
                new WalletClaim[] {wallet.request(1, NOW), wallet.removal(2, NOW), wallet.deposit("sk-a", NOW)}) {
            assertThat(admission.admit(claim)).isEqualTo(new Admitted(wallet.address()));
            Refused replay = refused(claim);
            assertThat(replay.reason()).isEqualTo(Reason.REPLAYED);
            assertThat(replay.reason().status()).isEqualTo(401);
            assertThat(replay.detail()).isEqualTo("Invalid or replayed nonce");
        }
    }

    @Test
    void admitsAQueryOfItsSignerUntilItHasExpiredAndUsesNothingUp() {
        WalletClaim.Query query = wallet.query(NOW);
        for (int time = 0; time < 20; time++) {
            assertThat(admission.admit(query)).isEqualTo(new Admitted(wallet.address()));
        }
        assertThat(admission.admit(wallet.request(1, NOW))).isEqualTo(new Admitted(wallet.address()));
        WalletClaim.Query others =
                new WalletClaim.Query(query.digest(), stranger.sign(query.digest()), NOW, wallet.address());
        assertThat(refused(others).reason()).isEqualTo(Reason.SIGNER_MISMATCH);
        assertThat(refused(wallet.query(NOW - 301)).reason()).isEqualTo(Reason.EXPIRED);
        assertThat(refused(wallet.query(NOW + 301)).reason()).isEqualTo(Reason.EXPIRED);
    }

    @Test
    void refusesASignatureOfSomeoneElse() {
        WalletClaim.Numbered genuine = wallet.request(1, NOW);
        Refused refused = refused(new WalletClaim.Numbered(
                WalletAction.LLM_REQUEST,
                genuine.digest(),
                stranger.sign(genuine.digest()),
                NOW,
                wallet.address(),
                BigInteger.ONE));
        assertThat(refused.reason()).isEqualTo(Reason.SIGNER_MISMATCH);
        assertThat(refused.reason().status()).isEqualTo(401);
        assertThat(refused.detail()).startsWith("Invalid signature: ");
    }

    @Test
    void refusesToRemoveTheKeyOfAnotherWallet() {
        WalletClaim.Numbered genuine = stranger.removal(1, NOW);
        assertThat(refused(new WalletClaim.Numbered(
                                WalletAction.VAULT_DELETE,
                                genuine.digest(),
                                genuine.signature(),
                                NOW,
                                wallet.address(),
                                BigInteger.ONE))
                        .reason())
                .isEqualTo(Reason.SIGNER_MISMATCH);
    }

    @Test
    void refusesASignatureThatNoKeyCanHaveMade() {
        Hash32 generatorX = Hash32.parse("0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
        Hash32 digest = new Hash32(0, 1, 2, 3);
        Refused refused = refused(new WalletClaim.Numbered(
                WalletAction.LLM_REQUEST,
                digest,
                new WalletSignature(generatorX, digest, 0),
                NOW,
                wallet.address(),
                BigInteger.ONE));
        assertThat(refused.reason()).isEqualTo(Reason.INVALID_SIGNATURE);
        assertThat(refused.detail()).startsWith("Invalid signature: ");
    }

    @ParameterizedTest
    @ValueSource(longs = {-301, 301, -1_700_000_000, 86_400, Long.MAX_VALUE - NOW})
    void refusesTimesBeyondTheToleranceAndTellsItsOwn(long offset) {
        Refused refused = refused(wallet.request(1, NOW + offset));
        assertThat(refused.reason()).isEqualTo(Reason.EXPIRED);
        assertThat(refused.reason().status()).isEqualTo(401);
        assertThat(refused.detail()).isEqualTo("Request expired");
        assertThat(refused.serverTime()).isEqualTo(Instant.ofEpochSecond(NOW));
    }

    @ParameterizedTest
    @ValueSource(longs = {-300, -295, 0, 295, 300})
    void admitsTimesWithinTheTolerance(long offset) {
        assertThat(admission.admit(wallet.request(1, NOW + offset))).isInstanceOf(Admitted.class);
    }

    @Test
    void refusesTheEleventhRequestInAMinuteUntilItsTime() {
        for (int nonce = 1; nonce <= 10; nonce++) {
            assertThat(admission.admit(wallet.request(nonce, NOW))).isInstanceOf(Admitted.class);
        }
        Refused refused = refused(wallet.request(11, NOW));
        assertThat(refused.reason()).isEqualTo(Reason.RATE_LIMITED);
        assertThat(refused.reason().status()).isEqualTo(429);
        assertThat(refused.detail()).isEqualTo("Rate limit exceeded");
        assertThat(refused.retryAfter()).isEqualTo(Duration.ofMinutes(1));
        nanos.addAndGet(Duration.ofMinutes(1).toNanos());
        assertThat(admission.admit(wallet.request(11, NOW))).isInstanceOf(Admitted.class);
    }

    @Test
    void tellsANonceThatWouldDo() {
        assertThat(admission.admit(wallet.request(41, NOW))).isInstanceOf(Admitted.class);
        assertThat(refused(wallet.request(41, NOW)).expectedNonce()).isEqualTo(42L);
    }

    @Test
    void refusesNoncesBelowTheWindow() {
        for (int nonce = 100; nonce < 165; nonce++) {
            nanos.addAndGet(Duration.ofSeconds(6).toNanos());
            assertThat(admission.admit(wallet.request(nonce, NOW))).isInstanceOf(Admitted.class);
        }
        nanos.addAndGet(Duration.ofSeconds(6).toNanos());
        Refused refused = refused(wallet.request(99, NOW));
        assertThat(refused.reason().code()).isEqualTo("nonce_too_low");
        assertThat(refused.detail()).isEqualTo("Invalid or replayed nonce");
        assertThat(refused.expectedNonce()).isEqualTo(165L);
    }

    @Test
    void doesNotLetOneHugeNonceBlockTheWallet() {
        BigInteger huge = BigInteger.TWO.pow(255);
        Refused refused = refused(wallet.request(huge, NOW));
        assertThat(refused.reason()).isEqualTo(Reason.NONCE_OUT_OF_RANGE);
        assertThat(refused.detail()).startsWith("Invalid or replayed nonce").contains("0 to 9007199254740991");
        assertThat(refused(wallet.request(BigInteger.TWO.pow(53), NOW)).reason())
                .isEqualTo(Reason.NONCE_OUT_OF_RANGE);
        assertThat(admission.admit(wallet.request(NonceWindow.MAX, NOW))).isInstanceOf(Admitted.class);
        assertThat(admission.admit(wallet.request(1, NOW))).isInstanceOf(Admitted.class);
    }

    /** S0-044, C-06: only the signer, within the time, changes the signer's state. */
    @Test
    void doesNotTouchTheStateBeforeSignatureAndTimeAreRight() {
        WalletAdmission untouched = admission(new UntouchableState());
        WalletClaim.Numbered genuine = wallet.request(1, NOW);
        WalletClaim.Numbered forged = new WalletClaim.Numbered(
                WalletAction.LLM_REQUEST,
                genuine.digest(),
                stranger.sign(genuine.digest()),
                NOW,
                wallet.address(),
                BigInteger.ONE);
        assertThat(untouched.admit(forged)).isInstanceOf(Refused.class);
        assertThat(untouched.admit(wallet.request(1, NOW - 301))).isInstanceOf(Refused.class);
        assertThat(untouched.admit(wallet.deposit("sk-a", NOW + 301))).isInstanceOf(Refused.class);
    }

    @Test
    void checksTheSignatureBeforeTheTimeAndTheTimeBeforeTheNonce() {
        WalletClaim.Numbered old = wallet.request(BigInteger.TWO.pow(255), NOW - 10_000);
        assertThat(refused(old).reason()).isEqualTo(Reason.EXPIRED);
        assertThat(refused(new WalletClaim.Numbered(
                                WalletAction.LLM_REQUEST,
                                old.digest(),
                                stranger.sign(old.digest()),
                                old.timestamp(),
                                wallet.address(),
                                old.nonce()))
                        .reason())
                .isEqualTo(Reason.SIGNER_MISMATCH);
    }

    @Test
    void neverAdmitsADepositTwiceWhileItsTimeAllowsIt() {
        WalletClaim deposit = wallet.deposit("sk-a", NOW + 300);
        assertThat(admission.admit(deposit)).isInstanceOf(Admitted.class);
        pass(Duration.ofMinutes(10));
        assertThat(refused(deposit).reason()).isEqualTo(Reason.REPLAYED);
        pass(Duration.ofSeconds(1));
        assertThat(refused(deposit).reason()).isEqualTo(Reason.EXPIRED);
    }

    @Test
    void admitsNothingWhenTheStateCannotBeAsked() {
        Refused refused = (Refused) admission(new UnavailableState()).admit(wallet.request(1, NOW));
        assertThat(refused.reason()).isEqualTo(Reason.UNAVAILABLE);
        assertThat(refused.reason().status()).isEqualTo(503);
        assertThat(refused.retryAfter()).isEqualTo(Duration.ofSeconds(1));
    }

    private void pass(Duration time) {
        clock.updateAndGet(now -> now.plus(time));
        nanos.addAndGet(time.toNanos());
    }

    private WalletAdmission admission(WalletState walletState) {
        return new WalletAdmission(EcdsaRecovery.load(), walletState, TimeTolerance.DEFAULT, clock::get);
    }

    private Refused refused(WalletClaim claim) {
        Admission decision = admission.admit(claim);
        assertThat(decision).isInstanceOf(Refused.class);
        return (Refused) decision;
    }

    /** Fails the test when it is asked anything. */
    private static final class UntouchableState implements WalletState {
        @Override
        public Verdict consumeNonce(WalletAction action, WalletAddress address, long nonce) {
            throw new AssertionError("asked for a nonce");
        }

        @Override
        public Verdict consumeDigest(WalletAction action, WalletAddress address, Hash32 digest, Duration keepFor) {
            throw new AssertionError("asked for a digest");
        }

        @Override
        public OptionalLong expectedNonce(WalletAddress address) {
            throw new AssertionError("asked for the expected nonce");
        }
    }

    /** Like a shared store that is gone. */
    private static final class UnavailableState implements WalletState {
        @Override
        public Verdict consumeNonce(WalletAction action, WalletAddress address, long nonce) {
            return new Verdict.Unavailable(Duration.ofSeconds(1));
        }

        @Override
        public Verdict consumeDigest(WalletAction action, WalletAddress address, Hash32 digest, Duration keepFor) {
            return new Verdict.Unavailable(Duration.ofSeconds(1));
        }

        @Override
        public OptionalLong expectedNonce(WalletAddress address) {
            return OptionalLong.empty();
        }
    }
}

package io.latticegate.auth.wallet;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.AuthApi.WalletRefusal;
import io.latticegate.common.contract.AuthApi.WalletReply;
import io.latticegate.common.wallet.WalletClaim;
import io.latticegate.common.wallet.WalletClaimMessage;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AdmitWalletTest {

    private static final long NOW = 1_700_000_000L;

    private final TestWallet wallet = TestWallet.of(0xa11ce);
    private final AtomicLong nanos = new AtomicLong();
    private final InstantSource clock = InstantSource.fixed(Instant.ofEpochSecond(NOW));
    private final AdmitWallet flow = new AdmitWallet(
            new WalletAdmission(
                    EcdsaRecovery.load(),
                    new InProcessWalletState(WalletStateLimits.defaults(), nanos::get),
                    TimeTolerance.DEFAULT,
                    clock),
            clock);

    @Test
    void carriesEveryClaimOverTheBusUnchanged() {
        for (WalletClaim claim : List.of(
                wallet.request(BigInteger.TWO.pow(255), NOW),
                wallet.removal(2, Long.MAX_VALUE),
                wallet.deposit("sk-a", 0))) {
            assertThat(WalletClaimMessage.claim(WalletClaimMessage.of(claim))).contains(claim);
        }
    }

    @Test
    void answersWithTheWalletOrTheReason() {
        assertThat(answer(wallet.request(1, NOW)))
                .isEqualTo(new WalletReply.Admitted(wallet.address().value()));
        assertThat(answer(wallet.request(1, NOW)))
                .isEqualTo(new WalletReply.Rejected(
                        WalletRefusal.INVALID_NONCE, "nonce_used", "Invalid or replayed nonce", 2L, NOW, 0));
        assertThat(answer(wallet.request(2, NOW - 301)))
                .isEqualTo(new WalletReply.Rejected(
                        WalletRefusal.EXPIRED, "request_expired", "Request expired", null, NOW, 0));
        for (int nonce = 2; nonce <= 10; nonce++) {
            assertThat(answer(wallet.request(nonce, NOW))).isInstanceOf(WalletReply.Admitted.class);
        }
        nanos.addAndGet(Duration.ofSeconds(20).plusNanos(1).toNanos());
        assertThat(answer(wallet.request(11, NOW)))
                .isEqualTo(new WalletReply.Rejected(
                        WalletRefusal.RATE_LIMITED, "rate_limit_exceeded", "Rate limit exceeded", null, NOW, 40_000));
    }

    @Test
    void refusesMessagesThatAreNoClaims() {
        AuthApi.WalletClaim good = WalletClaimMessage.of(wallet.request(1, NOW));
        AuthApi.WalletClaim deposit = WalletClaimMessage.of(wallet.deposit("sk-a", NOW));
        BigInteger minus = BigInteger.ONE.negate();
        List<AuthApi.WalletClaim> bad = List.of(
                new AuthApi.WalletClaim(
                        good.action(),
                        new byte[31],
                        good.signature(),
                        good.claimedWallet(),
                        good.nonce(),
                        good.timestampSeconds()),
                new AuthApi.WalletClaim(
                        good.action(),
                        good.digest(),
                        new byte[65],
                        good.claimedWallet(),
                        good.nonce(),
                        good.timestampSeconds()),
                new AuthApi.WalletClaim(
                        good.action(), good.digest(), good.signature(), null, good.nonce(), good.timestampSeconds()),
                new AuthApi.WalletClaim(
                        good.action(), good.digest(), good.signature(), "0x", good.nonce(), good.timestampSeconds()),
                new AuthApi.WalletClaim(
                        good.action(),
                        good.digest(),
                        good.signature(),
                        good.claimedWallet(),
                        null,
                        good.timestampSeconds()),
                new AuthApi.WalletClaim(
                        good.action(),
                        good.digest(),
                        good.signature(),
                        good.claimedWallet(),
                        minus,
                        good.timestampSeconds()),
                new AuthApi.WalletClaim(
                        good.action(), good.digest(), good.signature(), good.claimedWallet(), good.nonce(), minus),
                new AuthApi.WalletClaim(
                        deposit.action(),
                        deposit.digest(),
                        deposit.signature(),
                        good.claimedWallet(),
                        null,
                        deposit.timestampSeconds()));
        for (AuthApi.WalletClaim message : bad) {
            assertThat(flow.answer(message))
                    .isEqualTo(new WalletReply.Rejected(
                            WalletRefusal.INVALID_SIGNATURE,
                            "invalid_signature",
                            "Invalid signature: the claim is not well formed",
                            null,
                            NOW,
                            0));
        }
    }

    private WalletReply answer(WalletClaim claim) {
        return flow.answer(WalletClaimMessage.of(claim));
    }
}

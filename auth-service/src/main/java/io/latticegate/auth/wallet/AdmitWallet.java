package io.latticegate.auth.wallet;

import io.latticegate.auth.wallet.Admission.Admitted;
import io.latticegate.auth.wallet.Admission.Reason;
import io.latticegate.auth.wallet.Admission.Refused;
import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.AuthApi.WalletRefusal;
import io.latticegate.common.contract.AuthApi.WalletReply;
import io.latticegate.common.wallet.WalletClaimMessage;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** Answers {@link AuthApi#ADMIT_WALLET}. May block for the state's store, so it is served on a virtual thread. */
public final class AdmitWallet {

    private final WalletAdmission admission;
    private final InstantSource clock;

    public AdmitWallet(WalletAdmission admission, InstantSource clock) {
        this.admission = admission;
        this.clock = clock;
    }

    /** Admits or refuses; a message that is no claim at all is refused like a bad signature. */
    public WalletReply answer(AuthApi.WalletClaim message) {
        return WalletClaimMessage.claim(message)
                .map(claim -> reply(admission.admit(claim)))
                .orElseGet(() -> new WalletReply.Rejected(
                        WalletRefusal.INVALID_SIGNATURE,
                        "invalid_signature",
                        "Invalid signature: the claim is not well formed",
                        null,
                        clock.instant().getEpochSecond(),
                        0));
    }

    private static WalletReply reply(Admission decision) {
        return switch (decision) {
            case Admitted(var wallet) -> new WalletReply.Admitted(wallet.value());
            case Refused refused ->
                new WalletReply.Rejected(
                        refusal(refused.reason()),
                        refused.reason().code(),
                        refused.detail(),
                        refused.expectedNonce(),
                        refused.serverTime().getEpochSecond(),
                        millisUp(refused.retryAfter()));
        };
    }

    private static WalletRefusal refusal(Reason reason) {
        return switch (reason) {
            case INVALID_SIGNATURE, SIGNER_MISMATCH -> WalletRefusal.INVALID_SIGNATURE;
            case EXPIRED -> WalletRefusal.EXPIRED;
            case RATE_LIMITED -> WalletRefusal.RATE_LIMITED;
            case NONCE_OUT_OF_RANGE, NONCE_TOO_LOW, REPLAYED -> WalletRefusal.INVALID_NONCE;
            case UNAVAILABLE -> WalletRefusal.STATE_LOST;
        };
    }

    private static long millisUp(@Nullable Duration wait) {
        return wait == null ? 0 : wait.plusNanos(999_999).toMillis();
    }
}

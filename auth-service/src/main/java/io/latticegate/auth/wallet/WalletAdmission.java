package io.latticegate.auth.wallet;

import io.latticegate.auth.wallet.Admission.Admitted;
import io.latticegate.auth.wallet.Admission.Reason;
import io.latticegate.auth.wallet.Admission.Refused;
import io.latticegate.common.value.WalletAddress;
import io.latticegate.common.wallet.WalletClaim;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides on wallet-signed claims, in an order in which nobody but the signer can change the signer's state: the
 * signature, that the signer is the wallet named, the time, and then in one atomic step the rate and the nonce. Any
 * thread may call; the last step may block for the store.
 */
public final class WalletAdmission {

    private static final BigInteger NONCE_MAX = BigInteger.valueOf(NonceWindow.MAX);
    private static final String NONCE_DETAIL = "Invalid or replayed nonce";

    private final EcdsaRecovery recovery;
    private final WalletState state;
    private final TimeTolerance tolerance;
    private final InstantSource clock;

    public WalletAdmission(EcdsaRecovery recovery, WalletState state, TimeTolerance tolerance, InstantSource clock) {
        this.recovery = recovery;
        this.state = state;
        this.tolerance = tolerance;
        this.clock = clock;
    }

    /** Admits the claim, at most once ever unless it only reads, or says why not. */
    public Admission admit(WalletClaim claim) {
        Instant now = clock.instant();
        Optional<WalletAddress> recovered = recovery.signer(claim.digest(), claim.signature());
        if (recovered.isEmpty()) {
            return refused(Reason.INVALID_SIGNATURE, "Invalid signature: no key can have made it", now);
        }
        WalletAddress signer = recovered.get();
        WalletAddress named = switch (claim) {
            case WalletClaim.Numbered numbered -> numbered.wallet();
            case WalletClaim.Query query -> query.wallet();
            case WalletClaim.SingleUse unnamed -> signer;
        };
        if (!named.equals(signer)) {
            return refused(Reason.SIGNER_MISMATCH, "Invalid signature: the signer is not message.wallet", now);
        }
        if (!tolerance.allows(claim.timestamp(), now)) {
            return refused(Reason.EXPIRED, "Request expired", now);
        }
        return switch (claim) {
            case WalletClaim.Numbered numbered -> numbered(numbered, signer, now);
            case WalletClaim.SingleUse once ->
                decision(state.consumeDigest(once.action(), signer, once.digest(), keepFor(once, now)), signer, now);
            case WalletClaim.Query query -> new Admitted(signer);
        };
    }

    private Admission numbered(WalletClaim.Numbered claim, WalletAddress signer, Instant now) {
        if (claim.nonce().signum() < 0 || claim.nonce().compareTo(NONCE_MAX) > 0) {
            return refused(
                    Reason.NONCE_OUT_OF_RANGE,
                    NONCE_DETAIL + ": it must be " + NonceWindow.MIN + " to " + NonceWindow.MAX,
                    now);
        }
        return decision(state.consumeNonce(claim.action(), signer, claim.nonce().longValue()), signer, now);
    }

    private static Admission decision(WalletState.Verdict verdict, WalletAddress signer, Instant now) {
        return switch (verdict) {
            case WalletState.Verdict.Consumed() -> new Admitted(signer);
            case WalletState.Verdict.RateExceeded(Duration retryAfter) ->
                new Refused(Reason.RATE_LIMITED, "Rate limit exceeded", null, now, retryAfter);
            case WalletState.Verdict.NonceTooLow(long expected) -> nonce(Reason.NONCE_TOO_LOW, expected, now);
            case WalletState.Verdict.NonceUsed(long expected) -> nonce(Reason.REPLAYED, expected, now);
            case WalletState.Verdict.DigestUsed() -> nonce(Reason.REPLAYED, null, now);
            case WalletState.Verdict.Unavailable(Duration retryAfter) ->
                new Refused(Reason.UNAVAILABLE, "Wallet state is unavailable", null, now, retryAfter);
        };
    }

    private Duration keepFor(WalletClaim claim, Instant now) {
        Instant lastAdmissible = Instant.ofEpochSecond(claim.timestamp()).plus(tolerance.past());
        return Duration.between(now, lastAdmissible).plusSeconds(1);
    }

    private static Refused refused(Reason reason, String detail, Instant now) {
        return new Refused(reason, detail, null, now, null);
    }

    private static Refused nonce(Reason reason, @Nullable Long expected, Instant now) {
        return new Refused(reason, NONCE_DETAIL, expected, now, null);
    }
}

package io.latticegate.common.wallet;

import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.crypto.Hash32;
import io.latticegate.common.value.WalletAddress;
import java.math.BigInteger;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A {@link WalletClaim} as the bus carries it, and back; the way back trusts nothing that the sender says. */
public final class WalletClaimMessage {

    private static final BigInteger LONG_MAX = BigInteger.valueOf(Long.MAX_VALUE);

    private WalletClaimMessage() {}

    /** The question for auth-service. */
    public static AuthApi.WalletClaim of(WalletClaim claim) {
        WalletClaim.@Nullable Numbered numbered = claim instanceof WalletClaim.Numbered named ? named : null;
        WalletAddress wallet = switch (claim) {
            case WalletClaim.Numbered named -> named.wallet();
            case WalletClaim.Query query -> query.wallet();
            case WalletClaim.SingleUse unnamed -> null;
        };
        return new AuthApi.WalletClaim(
                AuthApi.WalletAction.valueOf(claim.action().name()),
                claim.digest().toBytes(),
                claim.signature().toBytes(),
                wallet == null ? null : wallet.value(),
                numbered == null ? null : numbered.nonce(),
                BigInteger.valueOf(claim.timestamp()));
    }

    /**
     * The claim in a question.
     *
     * @return empty when it is no claim: a digest that is not 32 bytes, a signature or address that is none, a negative
     *     number, a wallet or nonce where there must be none or none where there must be one
     */
    public static Optional<WalletClaim> claim(AuthApi.WalletClaim message) {
        if (message.digest().length != Hash32.BYTES
                || message.timestampSeconds().signum() < 0) {
            return Optional.empty();
        }
        if (!(WalletSignature.parse(message.signature()) instanceof WalletSignature.Parsed.Valid(var signature))) {
            return Optional.empty();
        }
        WalletAction action = WalletAction.valueOf(message.action().name());
        Hash32 digest = Hash32.of(message.digest(), 0);
        long timestamp = message.timestampSeconds().min(LONG_MAX).longValue();
        String wallet = message.claimedWallet();
        BigInteger nonce = message.nonce();
        if (action == WalletAction.VAULT_STORE) {
            return wallet == null && nonce == null
                    ? Optional.of(new WalletClaim.SingleUse(action, digest, signature, timestamp))
                    : Optional.empty();
        }
        if (wallet == null) {
            return Optional.empty();
        }
        try {
            WalletAddress named = WalletAddress.parse(wallet);
            if (action == WalletAction.USAGE_QUERY) {
                return nonce == null
                        ? Optional.of(new WalletClaim.Query(digest, signature, timestamp, named))
                        : Optional.empty();
            }
            return nonce == null || nonce.signum() < 0
                    ? Optional.empty()
                    : Optional.of(new WalletClaim.Numbered(action, digest, signature, timestamp, named, nonce));
        } catch (IllegalArgumentException noAddress) {
            return Optional.empty();
        }
    }
}

package io.latticegate.common.wallet;

import io.latticegate.common.crypto.Hash32;
import io.latticegate.common.value.WalletAddress;
import java.math.BigInteger;

/**
 * What admission needs to know of a signed body, small enough for the bus and free of prompts and keys. The digest is
 * one that the server computed itself from the values that it parsed.
 */
public sealed interface WalletClaim {

    /** What is asked for. */
    WalletAction action();

    /** The EIP-712 digest that must have been signed. */
    Hash32 digest();

    /** The signature over it. */
    WalletSignature signature();

    /** When the signer says that it signed: seconds since 1970-01-01T00:00Z, {@code Long.MAX_VALUE} for anything later. */
    long timestamp();

    /**
     * A claim whose message names the wallet and numbers itself.
     *
     * @param wallet the address in the message; only the signer's own is admitted
     * @param nonce 0 to 2^256 − 1, as signed
     */
    record Numbered(
            WalletAction action,
            Hash32 digest,
            WalletSignature signature,
            long timestamp,
            WalletAddress wallet,
            BigInteger nonce)
            implements WalletClaim {
        public Numbered {
            if (action == WalletAction.VAULT_STORE || action == WalletAction.USAGE_QUERY) {
                throw new IllegalArgumentException("a " + action.primaryType() + " has no nonce");
            }
        }
    }

    /** A claim without wallet and nonce: it speaks for its signer, and its digest is admitted once. */
    record SingleUse(WalletAction action, Hash32 digest, WalletSignature signature, long timestamp)
            implements WalletClaim {
        public SingleUse {
            if (action != WalletAction.VAULT_STORE) {
                throw new IllegalArgumentException(action.primaryType() + " is not admitted by its digest");
            }
        }
    }

    /**
     * A claim to read. It uses nothing up, and may be made again until its time has passed.
     *
     * @param wallet the address in the message; only the signer's own is admitted
     */
    record Query(Hash32 digest, WalletSignature signature, long timestamp, WalletAddress wallet)
            implements WalletClaim {
        @Override
        public WalletAction action() {
            return WalletAction.USAGE_QUERY;
        }
    }
}

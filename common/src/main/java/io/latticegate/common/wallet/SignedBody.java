package io.latticegate.common.wallet;

import io.latticegate.common.crypto.Hash32;
import io.latticegate.common.value.WalletAddress;
import java.math.BigInteger;
import java.util.Arrays;

/** A body whose typed data is the server's own, with the digest computed from its values. Not yet verified. */
public sealed interface SignedBody {

    /** What admission has to decide on. */
    WalletClaim claim();

    /**
     * A chat completion.
     *
     * @param wallet the address that the message names
     * @param prompt not empty, no lone surrogates; bounded by the body's limit
     * @param model {@code [A-Za-z0-9._:/-]{1,128}} without {@code ..}
     * @param options unsigned, each of them checked against its range
     * @param nonce 0 to 2^256 − 1
     * @param timestamp seconds since 1970, {@code Long.MAX_VALUE} for anything later
     */
    record LlmRequest(
            WalletAddress wallet,
            String prompt,
            String model,
            RequestOptions options,
            BigInteger nonce,
            long timestamp,
            Hash32 digest,
            WalletSignature signature)
            implements SignedBody {
        @Override
        public WalletClaim.Numbered claim() {
            return new WalletClaim.Numbered(WalletAction.LLM_REQUEST, digest, signature, timestamp, wallet, nonce);
        }

        /** Who, which model and how much; never the prompt. */
        @Override
        public String toString() {
            return "LlmRequest[wallet=" + wallet + ", model=" + model + ", promptLength=" + prompt.length() + "]";
        }
    }

    /**
     * The removal of a provider key.
     *
     * @param wallet the address that the message names
     * @param provider {@code [A-Za-z0-9._-]{1,64}}
     * @param nonce 0 to 2^256 − 1
     * @param timestamp seconds since 1970, {@code Long.MAX_VALUE} for anything later
     */
    record VaultDelete(
            WalletAddress wallet,
            String provider,
            BigInteger nonce,
            long timestamp,
            Hash32 digest,
            WalletSignature signature)
            implements SignedBody {
        @Override
        public WalletClaim.Numbered claim() {
            return new WalletClaim.Numbered(WalletAction.VAULT_DELETE, digest, signature, timestamp, wallet, nonce);
        }
    }

    /**
     * The deposit of a provider key. Its message names no wallet: the owner is whoever signed. Holds the key as bytes
     * until {@link #close()}, which whoever received this object must call.
     */
    final class VaultStore implements SignedBody, AutoCloseable {
        private final String provider;
        private final byte[] apiKey;
        private final long timestamp;
        private final Hash32 digest;
        private final WalletSignature signature;

        /** Takes over {@code apiKey}; the caller keeps no reference. */
        VaultStore(String provider, byte[] apiKey, long timestamp, Hash32 digest, WalletSignature signature) {
            this.provider = provider;
            this.apiKey = apiKey;
            this.timestamp = timestamp;
            this.digest = digest;
            this.signature = signature;
        }

        /** {@code [A-Za-z0-9._-]{1,64}}, as it was signed. */
        public String provider() {
            return provider;
        }

        /** The key itself, 1 to 4,096 visible ASCII bytes: not a copy, all zero after {@link #close()}. */
        public byte[] apiKey() {
            return apiKey;
        }

        /** Seconds since 1970, {@code Long.MAX_VALUE} for anything later. */
        public long timestamp() {
            return timestamp;
        }

        /** The digest that must have been signed; it is admitted once. */
        public Hash32 digest() {
            return digest;
        }

        /** The signature over the digest. */
        public WalletSignature signature() {
            return signature;
        }

        @Override
        public WalletClaim.SingleUse claim() {
            return new WalletClaim.SingleUse(WalletAction.VAULT_STORE, digest, signature, timestamp);
        }

        /** Overwrites the key with zeros. */
        @Override
        public void close() {
            Arrays.fill(apiKey, (byte) 0);
        }

        /** The provider only. */
        @Override
        public String toString() {
            return "VaultStore[provider=" + provider + "]";
        }
    }
}

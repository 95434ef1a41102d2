package io.latticegate.common.wallet;

import io.latticegate.common.crypto.Hash32;
import io.latticegate.common.crypto.Keccak256;
import io.latticegate.common.value.WalletAddress;
import java.math.BigInteger;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The digests that wallets sign for this deployment, by EIP-712:
 * {@code keccak256(0x1901 ‖ domainSeparator ‖ keccak256(typeHash ‖ encodeData))}. Only the fixed structs of
 * {@link WalletAction} can be hashed, so nothing that a client says about types reaches the hash. A string is hashed
 * as its UTF-8 bytes, an address is padded on the left, a uint256 is 32 big-endian bytes.
 */
public final class SignedActions {

    /** The largest uint256, 2^256 − 1. */
    public static final BigInteger UINT256_MAX = BigInteger.TWO.pow(256).subtract(BigInteger.ONE);

    private final WalletDomains domains;
    private final Map<Long, Hash32> relaySeparators;
    private final Hash32 vaultSeparator;

    /** Computes the domain separators of {@code domains} once. */
    public SignedActions(WalletDomains domains) {
        this.domains = domains;
        this.relaySeparators = domains.chainIds().stream()
                .collect(Collectors.toUnmodifiableMap(
                        Function.identity(),
                        chainId -> new Struct(4)
                                .word(WalletAction.Domain.RELAY.typeHash())
                                .text(domains.relayName())
                                .text(domains.relayVersion())
                                .uint256(BigInteger.valueOf(chainId))
                                .hash()));
        this.vaultSeparator = new Struct(3)
                .word(WalletAction.Domain.VAULT.typeHash())
                .text(domains.vaultName())
                .text(domains.vaultVersion())
                .hash();
    }

    /** The domains that these digests are bound to. */
    public WalletDomains domains() {
        return domains;
    }

    /** The separator of the relay domain on {@code chainId}, or empty when the chain is not on the list. */
    public Optional<Hash32> relaySeparator(long chainId) {
        return Optional.ofNullable(relaySeparators.get(chainId));
    }

    /** The separator of the vault domain. */
    public Hash32 vaultSeparator() {
        return vaultSeparator;
    }

    /**
     * The digest of an {@code LLMRequest}.
     *
     * @throws IllegalArgumentException when the chain is not on the list or a number is no uint256
     */
    public Hash32 llmRequest(
            long chainId, String prompt, String model, WalletAddress wallet, BigInteger nonce, BigInteger timestamp) {
        return digest(
                separatorOf(chainId),
                new Struct(6)
                        .word(WalletAction.LLM_REQUEST.typeHash())
                        .text(prompt)
                        .text(model)
                        .address(wallet)
                        .uint256(nonce)
                        .uint256(timestamp));
    }

    /**
     * The digest of a {@code VaultStore}.
     *
     * @param apiKey the UTF-8 bytes of the key; read, not kept
     * @throws IllegalArgumentException when the timestamp is no uint256
     */
    public Hash32 vaultStore(String provider, byte[] apiKey, BigInteger timestamp) {
        return digest(
                vaultSeparator,
                new Struct(4)
                        .word(WalletAction.VAULT_STORE.typeHash())
                        .text(provider)
                        .word(Keccak256.hash(apiKey))
                        .uint256(timestamp));
    }

    /**
     * The digest of a {@code VaultDelete}.
     *
     * @throws IllegalArgumentException when a number is no uint256
     */
    public Hash32 vaultDelete(WalletAddress wallet, String provider, BigInteger nonce, BigInteger timestamp) {
        return digest(
                vaultSeparator,
                new Struct(5)
                        .word(WalletAction.VAULT_DELETE.typeHash())
                        .address(wallet)
                        .text(provider)
                        .uint256(nonce)
                        .uint256(timestamp));
    }

    /**
     * The digest of a {@code UsageQuery}.
     *
     * @throws IllegalArgumentException when the chain is not on the list or the timestamp is no uint256
     */
    public Hash32 usageQuery(long chainId, WalletAddress wallet, BigInteger timestamp) {
        return digest(
                separatorOf(chainId),
                new Struct(3)
                        .word(WalletAction.USAGE_QUERY.typeHash())
                        .address(wallet)
                        .uint256(timestamp));
    }

    private Hash32 separatorOf(long chainId) {
        return relaySeparator(chainId)
                .orElseThrow(() ->
                        new IllegalArgumentException("chainId " + chainId + " is not one of " + domains.chainIds()));
    }

    private static Hash32 digest(Hash32 separator, Struct struct) {
        byte[] preimage = new byte[2 + 2 * Hash32.BYTES];
        preimage[0] = 0x19;
        preimage[1] = 0x01;
        separator.copyTo(preimage, 2);
        struct.hash().copyTo(preimage, 2 + Hash32.BYTES);
        return Keccak256.hash(preimage);
    }

    /** {@code typeHash ‖ encodeData} of one struct: a row of 32-byte words. */
    private static final class Struct {
        private final byte[] words;
        private int at;

        Struct(int wordCount) {
            words = new byte[wordCount * Hash32.BYTES];
        }

        Struct word(Hash32 word) {
            word.copyTo(words, at);
            at += Hash32.BYTES;
            return this;
        }

        Struct text(String text) {
            return word(Keccak256.hash(text));
        }

        Struct address(WalletAddress address) {
            System.arraycopy(address.toBytes(), 0, words, at + Hash32.BYTES - WalletAddress.BYTES, WalletAddress.BYTES);
            at += Hash32.BYTES;
            return this;
        }

        Struct uint256(BigInteger number) {
            if (number.signum() < 0 || number.bitLength() > 256) {
                throw new IllegalArgumentException("a uint256 is 0 to 2^256-1");
            }
            byte[] bytes = number.toByteArray();
            int length = Math.min(bytes.length, Hash32.BYTES);
            System.arraycopy(bytes, bytes.length - length, words, at + Hash32.BYTES - length, length);
            at += Hash32.BYTES;
            return this;
        }

        Hash32 hash() {
            return Keccak256.hash(words);
        }
    }
}

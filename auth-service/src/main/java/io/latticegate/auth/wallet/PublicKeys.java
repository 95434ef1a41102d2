package io.latticegate.auth.wallet;

import io.latticegate.common.crypto.Keccak256;
import io.latticegate.common.value.WalletAddress;
import java.util.Optional;

/** Public keys of secp256k1 in the uncompressed form of SEC 1, section 2.3.3: 0x04 ‖ x ‖ y. */
final class PublicKeys {

    private static final int UNCOMPRESSED_BYTES = 65;
    private static final WalletAddress ZERO = new WalletAddress("0x0000000000000000000000000000000000000000");

    private PublicKeys() {}

    /** The account of a key, the last 20 bytes of Keccak-256 of x ‖ y; empty for the zero address, which owns nothing. */
    static Optional<WalletAddress> account(byte[] key) {
        if (key.length != UNCOMPRESSED_BYTES || key[0] != 4) {
            throw new IllegalArgumentException("an uncompressed public key is 0x04 and 64 bytes");
        }
        WalletAddress account = WalletAddress.ofLastBytes(
                Keccak256.hash(key, 1, UNCOMPRESSED_BYTES - 1).toBytes());
        return account.equals(ZERO) ? Optional.empty() : Optional.of(account);
    }
}

package io.latticegate.common.crypto;

import io.latticegate.common.value.WalletAddress;
import java.nio.charset.StandardCharsets;

/** The mixed-case checksum of addresses (ERC-55): digit i is upper-case when nibble i of Keccak-256 of the lower-case digits is 8 or more. */
public final class Eip55 {

    private Eip55() {}

    /** The address with its checksum, for people to read and for wallets that insist on it. */
    public static String spell(WalletAddress address) {
        char[] digits = address.value().substring(2).toCharArray();
        byte[] hash = Keccak256.hash(new String(digits).getBytes(StandardCharsets.US_ASCII))
                .toBytes();
        for (int i = 0; i < digits.length; i++) {
            int nibble = (hash[i / 2] >> (i % 2 == 0 ? 4 : 0)) & 0xf;
            if (nibble >= 8) {
                digits[i] = Character.toUpperCase(digits[i]);
            }
        }
        return "0x" + new String(digits);
    }

    /**
     * Reads an address as a client writes it: all lower-case or all upper-case digits, or a mix that must be the exact
     * checksum.
     *
     * @throws IllegalArgumentException when the text is no address, or its mixed case is not the checksum
     */
    public static WalletAddress parse(String text) {
        WalletAddress address = WalletAddress.parse(text);
        String digits = text.substring(2);
        boolean lower = digits.chars().anyMatch(Character::isLowerCase);
        boolean upper = digits.chars().anyMatch(Character::isUpperCase);
        if (lower && upper && !spell(address).equals(text)) {
            throw new IllegalArgumentException("the mixed case of the wallet address is not its EIP-55 checksum");
        }
        return address;
    }
}
